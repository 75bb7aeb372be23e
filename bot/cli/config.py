"""``release-bot config``: check the configuration, compare it, print its schema, show what is in effect."""

from pathlib import Path

import click

from bot.app import SINCE_LAST_HINT, config_path, environment
from bot.cli.context import Options, format_option, is_json, print_json
from bot.render.differences import differences_json, differences_text
from bot.services.comparing import differences


@click.group()
def config() -> None:
    """Check, compare or show the configuration."""


@config.command()
@click.pass_obj
def check(options: Options) -> None:
    """Check the whole file; say every mistake in one go."""
    app = options.app()
    settings = app.settings
    click.echo(
        f"{config_path(options.config)}: fine: "
        f"{_number(len(settings.repositories), 'repository', 'repositories')} on "
        f"{_number(len(settings.forges), 'forge', 'forges')}, {_number(len(settings.digests), 'digest', 'digests')}"
        f"{_organisations(len(settings.organisations))}"
    )
    for name, fault in app.period_faults():
        click.echo(f'warning: digest "{name}": {fault}; {SINCE_LAST_HINT}', err=True)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the file."""
    from bot.config.settings import schema as json_schema

    print_json(json_schema())


@config.command()
@click.argument("new", type=click.Path(path_type=Path))
@format_option
@click.pass_obj
def diff(options: Options, new: Path, output_format: str) -> None:
    """Show what the file NEW would make of what is recorded: releases that come, go, or fall into other periods."""
    from bot.config.extending import extended
    from bot.config.settings import load

    app = options.known_app()
    other = load(new, environment())
    zones = (app.settings.time_zone, other.time_zone)
    with app.reading() as store:
        other = extended(other, store.additions())
        found = differences(app.settings.repositories, other.repositories, zones, store)
    if is_json(output_format):
        print_json(differences_json(found))
    else:
        click.echo(differences_text(found))


@config.command()
@format_option
@click.pass_obj
def show(options: Options, output_format: str) -> None:
    """Print what is in effect, defaults and all, with secrets masked."""
    from bot.config.settings import show as effective

    app = options.app()
    shown = effective(app.settings, app.variables)
    if is_json(output_format):
        print_json(shown)
        return
    import tomlkit

    click.echo(tomlkit.dumps(shown), nl=False)


def _organisations(count: int) -> str:
    return f", {_number(count, 'organisation', 'organisations')}" if count else ""


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
