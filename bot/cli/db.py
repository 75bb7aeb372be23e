"""``release-bot db``: upgrade, back up, export and import the database."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from bot.app import now
from bot.cli.context import Options
from bot.cli.progress import progress
from bot.domain.errors import UsageError
from bot.render.words import plural

_STANDARD = Path("-")


@click.group()
def db() -> None:
    """Upgrade, back up, export or import the database."""


@db.command()
@click.pass_obj
def upgrade(options: Options) -> None:
    """Create the database, or upgrade it to the schema of this version and the rules of the configuration."""
    with progress("upgrading the database"), options.app().store():
        pass
    click.echo("the database is up to date")


@db.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(options: Options, target: Path) -> None:
    """Copy the database to the file TARGET; consistent even while the worker runs."""
    from bot.store.transfer import backup as copy_database

    copy_database(options.app().database_url, target)
    click.echo(f"the database was copied to {target}")


@db.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def export_(options: Options, target: Path) -> None:
    """Write the whole database to the file TARGET (- for stdout), one line of JSON per row."""
    from bot.store.files import new_file
    from bot.store.transfer import export_lines

    app = options.app()
    with app.reading():
        lines = export_lines(app.database_url, now())
        if target == _STANDARD:
            sys.stdout.writelines(lines)
            return
        with (
            progress(f"exporting to {target}"),
            new_file(target) as written,
            written.open("w", encoding="utf-8") as file,
        ):
            file.writelines(lines)
    click.echo(f"the database was exported to {target}")


@db.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.pass_obj
def import_(options: Options, source: Path) -> None:
    """Fill an empty database from the file SOURCE (- for stdin) that an export wrote."""
    from bot.store.transfer import import_lines

    app = options.app()
    try:
        with (
            progress(f"importing from {source}"),
            app.store(),
            nullcontext(sys.stdin.buffer) if source == _STANDARD else source.open("rb") as given,
        ):
            rows = import_lines(app.database_url, str(source), given)
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise UsageError(str(source), what, "give a file that release-bot db export wrote") from error
    click.echo(f"{plural(rows, 'row')} imported from {source}")
