"""``release-bot db``: the database's upgrade and backup."""

from pathlib import Path

import click

from bot.cli.context import Options


@click.group()
def db() -> None:
    """Upgrade or back up the database."""


@db.command()
@click.pass_obj
def upgrade(options: Options) -> None:
    """Bring the database to the schema of this program; every other command does so too."""
    with options.app().store():
        click.echo("the database is up to date")


@db.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(options: Options, target: Path) -> None:
    """Copy the database to the file TARGET, consistent even while the worker runs."""
    from bot.store.backup import backup as copy_database

    copy_database(options.app().settings.database_url, target)
    click.echo(f"the database was copied to {target}")
