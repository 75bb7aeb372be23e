"""``release-bot config``: check the configuration, compare it, print its schema, show what is in effect."""

from collections.abc import Sequence
from pathlib import Path

import click

from bot.app import config_path, environment
from bot.cli.configuration import configuration_checks
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.main import DONE, WRONG_USAGE
from bot.render.differences import differences_json, differences_text
from bot.render.words import plural, printable
from bot.services.doctor import Check, Severity
from bot.services.rule_preview import differences


@click.group()
def config() -> None:
    """Check, compare or show the configuration."""


@config.command()
@click.pass_obj
def check(options: Options) -> int:
    """Check the whole file; report every error, and warn about likely mistakes."""
    app = options.app().as_recorded()
    settings = app.settings
    found = list(configuration_checks(app))
    for each in found:
        word = "error" if each.verdict is Severity.FAULT else "warning"
        click.echo(f"{word}: {printable(each.where)}: {printable(each.what)}; {printable(each.hint)}", err=True)
    click.echo(
        f"{config_path(options.config)}: {_verdict(found)}: "
        f"{plural(len(app.repositories()), 'repository')} on "
        f"{plural(len(settings.forges), 'forge')}, {plural(len(settings.digests), 'digest')}"
        f"{_organisations(len(app.watched.organisations))}"
    )
    return WRONG_USAGE if any(each.verdict is Severity.FAULT for each in found) else DONE


@config.command()
def schema() -> None:
    """Print the JSON Schema of the file."""
    from bot.config.reference import schema as json_schema

    print_json(json_schema())


@config.command()
@click.argument("new", type=click.Path(path_type=Path))
@format_option
@click.pass_obj
def diff(options: Options, new: Path, output_format: str) -> None:
    """Compare with the file NEW: releases that would be added, removed or moved to other periods."""
    from bot.config.load import load
    from bot.config.watchlist import make_watched

    app = options.known_app()
    other = load(new, environment())
    zones = (app.settings.time_zone, other.time_zone)
    with app.reading() as store:
        watched = make_watched(other, store.watchlist.additions())
        found = differences(app.repositories(), watched.repositories, zones, store.tags)
    if is_json(output_format):
        print_json(differences_json(found))
    else:
        click.echo(differences_text(found))


@config.command()
@format_option
@click.pass_obj
def show(options: Options, output_format: str) -> None:
    """Print the effective configuration with all defaults, and secrets masked."""
    from bot.config.load import show as effective

    app = options.app()
    shown = effective(app.settings, app.variables)
    if is_json(output_format):
        print_json(shown)
        return
    import tomlkit

    click.echo(tomlkit.dumps(shown), nl=False)


def _verdict(found: Sequence[Check]) -> str:
    faults = sum(each.verdict is Severity.FAULT for each in found)
    numbers = [(faults, "error"), (len(found) - faults, "warning")]
    return ", ".join(plural(number, word) for number, word in numbers if number) or "ok"


def _organisations(count: int) -> str:
    return f", {plural(count, 'organisation')}" if count else ""
