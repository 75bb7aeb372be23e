"""``release-bot db``: the database's upgrade and backup, and all that is in it in an open format."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from bot.app import now
from bot.cli.context import Options
from bot.domain.errors import UsageError
from bot.render.words import plural

_STANDARD = Path("-")


@click.group()
def db() -> None:
    """Upgrade, back up, export or import the database."""


@db.command()
@click.pass_obj
def upgrade(options: Options) -> None:
    """Make the database, or bring it to the schema and the rules of this program and its configuration."""
    with options.app().store():
        click.echo("the database is up to date")


@db.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(options: Options, target: Path) -> None:
    """Copy the database to the file TARGET, consistent even while the worker runs."""
    from bot.store.backup import backup as copy_database

    copy_database(options.app().database_url, target)
    click.echo(f"the database was copied to {target}")


@db.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def export_(options: Options, target: Path) -> None:
    """Write everything in the database to the file TARGET (- for the standard output), a line of JSON for each row."""
    from bot.store.export import export_lines
    from bot.store.files import new_file

    app = options.app()
    with app.reading():
        lines = export_lines(app.database_url, now())
        if target == _STANDARD:
            sys.stdout.writelines(lines)
            return
        with new_file(target) as written, written.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    click.echo(f"the database was exported to {target}")


@db.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.pass_obj
def import_(options: Options, source: Path) -> None:
    """Fill an empty database from the file SOURCE (- for the standard input) that an export wrote."""
    from bot.store.export import import_lines

    app = options.app()
    try:
        with app.store(), nullcontext(sys.stdin.buffer) if source == _STANDARD else source.open("rb") as given:
            rows = import_lines(app.database_url, str(source), given)
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise UsageError(str(source), what, "name the file that release-bot db export wrote") from error
    click.echo(f"{plural(rows, 'row')} imported from {source}")
