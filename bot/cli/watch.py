"""``release-bot watch``: the watched repositories, and what one would be like before it is watched."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.app import App, config_path, environment, now
from bot.cli.context import Options, format_option, is_json, print_json
from bot.config.candidates import candidate
from bot.config.editing import added, removed, write
from bot.domain.errors import UsageError
from bot.domain.fitting import Fit
from bot.domain.repositories import Repository
from bot.render.watching import fits_json, fits_text, watched_json, watched_table
from bot.render.words import plural
from bot.services.watching import look_at

# In this order where several read the same: the stricter one first.
_SCHEMES = ("semver", "pep440", "dirac")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _rules(command: _Command) -> _Command:
    """Add the options that say how a repository's tags are read."""
    for option in (
        click.option("--prefix", metavar="P", help="What stands before the version in every tag's name."),
        click.option("--scheme", type=click.Choice(_SCHEMES), help="How tags are read; by default what fits best."),
        click.argument("repository", metavar="FORGE:PATH"),
    ):
        command = option(command)
    return command


_yes = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")


@click.group()
def watch() -> None:
    """List the watched repositories; look at one, watch it, or watch it no more."""


@watch.command("list")
@format_option
@click.pass_obj
def list_(options: Options, output_format: str) -> None:
    """List the watched repositories with their rules, and where they are configured."""
    app = options.app()
    zone = app.settings.time_zone
    with app.store() as store:
        records = store.records([each.key for each in app.repositories()])
    origin = str(config_path(options.config))
    watched = [(each, origin, record) for each, record in zip(app.repositories(), records, strict=True)]
    if is_json(output_format):
        print_json(watched_json(watched, zone))
    else:
        options.out.print(watched_table(watched, zone))


@watch.command()
@_rules
@format_option
@click.pass_obj
def check(options: Options, repository: str, scheme: str | None, prefix: str | None, output_format: str) -> None:
    """Ask the forge what FORGE:PATH is like: how its tags are read, and by which scheme best. Nothing is recorded."""
    app = options.app(log_level="error")
    fits = _look(app, _entry(repository, prefix=prefix), scheme)
    if is_json(output_format):
        print_json(fits_json(fits, app.settings.time_zone))
    else:
        click.echo(fits_text(fits, app.settings.time_zone))


@watch.command()
@_rules
@click.option("--name", metavar="N", help="What people call it; the last part of the path by default.")
@click.option("--counts", type=click.Choice(["patch", "final"]), help="Its ordinary releases; by default what it has.")
@_yes
@click.pass_obj
def add(
    options: Options, /, repository: str, scheme: str | None, counts: str | None, *, yes: bool, **rest: str | None
) -> None:
    """Show what FORGE:PATH is like, then write it into the configuration file."""
    app = options.app(log_level="error")
    entry = _entry(repository, **rest)
    if any(each.key == repository for each in app.repositories()):
        raise UsageError(f'repository "{repository}"', "is watched already", "see: release-bot watch list")
    fits = _look(app, entry, scheme)
    click.echo(fits_text(fits, app.settings.time_zone))
    chosen, fit = fits[0]
    entry |= {"scheme": chosen, "counts": counts or fit.counts.value}
    path = config_path(options.config)
    text = added(_text(path), entry)
    _ask(f"watch it, written into {path}", yes=yes)
    write(path, text, environment())
    click.echo(f"{repository} is watched; a running worker takes it up within a minute, else: release-bot poll")


@watch.command()
@click.argument("repository", metavar="REPOSITORY")
@_yes
@click.pass_obj
def remove(options: Options, repository: str, *, yes: bool) -> None:
    """Take REPOSITORY out of the configuration file; what was recorded of it is kept."""
    app = options.app()
    chosen = app.repositories((repository,))
    if len(chosen) != 1:
        raise UsageError(f'repository "{repository}"', f"means {plural(len(chosen), 'repository')}", "name one")
    path = config_path(options.config)
    text = removed(_text(path), app.settings.repositories.index(chosen[0]))
    with app.store() as store:
        [record] = store.records([chosen[0].key])
    click.echo(f"{chosen[0].key}: {plural(record.tag_count, 'tag')} recorded, which are kept")
    _ask(f"watch it no more, and take it out of {path}", yes=yes)
    write(path, text, environment())
    click.echo(f"{chosen[0].key} is watched no more")


def _entry(repository: str, **rest: str | None) -> dict[str, Any]:
    """Make an entry of the file of FORGE:PATH and what is given beside. Raises UsageError."""
    forge, colon, path = repository.partition(":")
    if not (forge and colon and path):
        raise UsageError(f'repository "{repository}"', "is not FORGE:PATH", "say for example github:DIRACGrid/DIRAC")
    return {"forge": forge, "path": path} | {key: value for key, value in rest.items() if value}


def _look(app: App, entry: dict[str, Any], scheme: str | None) -> list[tuple[str, Fit]]:
    names = [scheme] if scheme else _SCHEMES
    candidates: dict[str, Repository] = {
        name: candidate(entry | {"scheme": name}, app.settings.written) for name in names
    }
    first = next(iter(candidates.values()))
    with app.forges((first,)) as forges:
        return look_at(first.path, candidates, forges[first.forge], now)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


def _ask(what: str, *, yes: bool) -> None:
    """Go on if somebody says so. Raises UsageError where nobody is there to be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("watch", "there is nobody to be asked", "say --yes to do it")
    click.confirm(f"{what}?", abort=True)
