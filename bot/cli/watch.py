"""``release-bot watch``: the watched repositories, and what one would be like before it is watched."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.app import App, config_path, environment, who
from bot.cli.context import Options, format_option, is_json, print_json
from bot.config.editing import ORGANISATIONS, REPOSITORIES, added, removed, write
from bot.domain.errors import UsageError
from bot.domain.organisations import EVERY
from bot.domain.selection import choose_one
from bot.render.watching import (
    changes_json,
    changes_table,
    fits_json,
    fits_text,
    listed_json,
    listed_text,
    watched_json,
    watched_notes,
    watched_table,
)
from bot.render.words import plural
from bot.services.accepting import accept as accept_repository
from bot.services.following import followed
from bot.services.ports import NoDatabase
from bot.watching import ForgeWatching, entry_of

_SCHEMES = ("semver", "pep440", "dirac")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _rules(command: _Command) -> _Command:
    """Add the options that say what is watched, and how its tags are read."""
    for option in (
        click.option("--archived", is_flag=True, default=None, help="With FORGE:PATH/*: archived repositories too."),
        click.option("--forks", is_flag=True, default=None, help="With FORGE:PATH/*: forks too."),
        click.option("--exclude", metavar="RE", help="With FORGE:PATH/*: but those in whose path this is found."),
        click.option("--include", metavar="RE", help="With FORGE:PATH/*: those alone in whose path this is found."),
        click.option("--prefix", metavar="P", help="What stands before the version in every tag's name."),
        click.option("--scheme", type=click.Choice(_SCHEMES), help="How tags are read; by default what fits best."),
        click.argument("repository", metavar="FORGE:PATH"),
    ):
        command = option(command)
    return command


_yes = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")


@click.group()
def watch() -> None:
    """List what is watched; look at a repository or an organisation, watch it, or watch it no more.

    Where another repository took the path of a watched one: accept it.
    """


@watch.command("list")
@format_option
@click.pass_obj
def list_(options: Options, output_format: str) -> None:
    """List the watched repositories with their rules, and where they come from."""
    app = options.known_app()
    settings, zone = app.settings, app.settings.time_zone
    with app.reading() as store:
        records = store.records([each.key for each in app.repositories()])
        followings = followed(settings.organisations, settings.origins, store)
    held = zip(app.repositories(), records, strict=True)
    watched = [(each, settings.origins[each.key], record) for each, record in held]
    if is_json(output_format):
        print_json(watched_json(watched, zone))
        return
    options.out.print(watched_table(watched, zone))
    for note in watched_notes(followings, settings.left_out, zone):
        click.echo(note)


@watch.command()
@format_option
@click.pass_obj
def changes(options: Options, output_format: str) -> None:
    """List what was watched and unwatched in words, by whom and when."""
    app = options.app()
    with app.reading() as store:
        made = store.additions().changes
    if is_json(output_format):
        print_json(changes_json(made, app.settings.time_zone))
    else:
        options.out.print(changes_table(made, app.settings.time_zone))


@watch.command()
@_rules
@format_option
@click.pass_obj
def check(options: Options, /, repository: str, scheme: str | None, output_format: str, **rest: Any) -> None:
    """Ask the forge what FORGE:PATH is like: how its tags are read, and by which scheme best. Nothing is recorded.

    FORGE:PATH/* is an organisation: its repositories are listed.
    """
    app = options.app(log_level="error")
    entry, watching = _entry(repository, scheme, rest), ForgeWatching(app)
    if repository.endswith(EVERY):
        listed = watching.members(entry)
        shown = listed_json(repository, listed) if is_json(output_format) else listed_text(repository, listed)
    else:
        fits, zone = watching.fits(entry, scheme or ""), app.settings.time_zone
        shown = fits_json(fits, zone) if is_json(output_format) else fits_text(fits, zone)
    if is_json(output_format):
        print_json(shown)
    else:
        click.echo(shown)


@watch.command()
@_rules
@click.option("--name", metavar="N", help="What people call it; the last part of the path by default.")
@click.option("--counts", type=click.Choice(["patch", "final"]), help="Its ordinary releases; by default what it has.")
@_yes
@click.pass_obj
def add(options: Options, /, repository: str, scheme: str | None, *, yes: bool, **rest: Any) -> None:
    """Show what FORGE:PATH is like, then write it into the configuration file.

    FORGE:PATH/* is an organisation: all its repositories are watched, those to come too.
    """
    app = options.app(log_level="error")
    entry = _entry(repository, scheme, rest)
    settings = app.settings
    keys = (*(each.key for each in settings.repositories), *(each.key for each in settings.organisations))
    if repository.lower() in {key.lower() for key in keys}:
        raise UsageError(f'repository "{repository}"', "is watched already", "see: release-bot watch list")
    entry = _shown(app, repository, entry)
    path = config_path(options.config)
    text = added(_text(path), entry, ORGANISATIONS if repository.endswith(EVERY) else REPOSITORIES)
    _ask(f"watch it, written into {path}", yes=yes)
    write(path, text, environment())
    click.echo(f"{repository} is watched; a running worker takes it up within a minute, else: release-bot poll")


@watch.command()
@click.argument("repository", metavar="REPOSITORY")
@_yes
@click.pass_obj
def remove(options: Options, repository: str, *, yes: bool) -> None:
    """Take REPOSITORY, or FORGE:PATH/*, out of the configuration file; what was recorded of it is kept."""
    app = options.app()
    with suppress(NoDatabase), app.reading() as store:
        app = app.as_known(store)
    path = config_path(options.config)
    if repository.endswith(EVERY):
        key, text = _without_organisation(app, repository, path)
    else:
        key, text = _without(app, repository, path)
    _ask(f"watch it no more, and take it out of {path}", yes=yes)
    write(path, text, environment())
    click.echo(f"{key} is watched no more")


@watch.command()
@click.argument("repository", metavar="REPOSITORY")
@_yes
@click.pass_obj
def accept(options: Options, repository: str, *, yes: bool) -> None:
    """Watch the other repository that is at REPOSITORY's path now; the history of the old one is closed, and kept."""
    app = options.known_app()
    chosen = choose_one(repository, app.repositories())
    if not yes and sys.stdin.isatty():
        click.confirm(f"close the history of {chosen.key}, and record the repository that is there now?", abort=True)
    with app.store() as store:
        accept_repository(chosen, store, who=who(), at=app.as_of_now().end)
    when = "a running worker records it within a minute, else: release-bot poll"
    click.echo(f"{chosen.key}: the repository at this path now is watched; {when}")


def _without(app: App, repository: str, path: Path) -> tuple[str, str]:
    chosen = app.repositories((repository,))
    if len(chosen) != 1:
        raise UsageError(f'repository "{repository}"', f"means {plural(len(chosen), 'repository')}", "name one")
    key = chosen[0].key
    written = [f"{each.forge}:{each.path}" for each in app.settings.written.repositories]
    if key not in written:
        what = f"is not in {path}: it is watched by {app.settings.origins[key]}"
        raise UsageError(f'repository "{key}"', what, f'say: release-bot ask "unwatch {key}"')
    click.echo(f"{key}: {plural(_tag_count(app, key), 'tag')} recorded, which are kept")
    return key, removed(_text(path), written.index(key))


def _tag_count(app: App, key: str) -> int:
    try:
        with app.reading() as store:
            [record] = store.records([key])
    except NoDatabase:
        return 0
    return record.tag_count


def _without_organisation(app: App, target: str, path: Path) -> tuple[str, str]:
    written = [f"{each.forge}:{each.path}{EVERY}" for each in app.settings.written.organisations]
    found = next((key for key in written if key.lower() == target.lower()), None)
    if found is None:
        hint = f"there are: {', '.join(written) or 'none'}"
        raise UsageError(f'organisation "{target}"', f"is not in {path}", hint)
    return found, removed(_text(path), written.index(found), ORGANISATIONS)


def _entry(repository: str, scheme: str | None, rest: dict[str, Any]) -> dict[str, Any]:
    """Make an entry of the file of FORGE:PATH and what is given beside. Raises UsageError."""
    forge, colon, path = repository.partition(":")
    if not (forge and colon and path):
        raise UsageError(f'repository "{repository}"', "is not FORGE:PATH", "say for example github:DIRACGrid/DIRAC")
    given = {key: value for key, value in rest.items() if value}
    is_organisation = repository.endswith(EVERY)
    for key in ("name",) if is_organisation else ("include", "exclude", "forks", "archived"):
        if key in given:
            what = f"does not go with {'an organisation' if is_organisation else 'one repository'}"
            hint = "leave it out" if is_organisation else f"say {forge}:OWNER{EVERY} to mean all of it"
            raise UsageError(f"--{key}", what, hint)
    return entry_of(repository.removesuffix(EVERY)) | given | ({"scheme": scheme} if scheme else {})


def _shown(app: App, repository: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Show what would be watched, and give its entry with the rules that fit it."""
    watching = ForgeWatching(app)
    if repository.endswith(EVERY):
        click.echo(listed_text(repository, watching.members(entry)))
        return entry
    fits = watching.fits(entry, entry.get("scheme", ""))
    click.echo(fits_text(fits, app.settings.time_zone))
    chosen, fit = fits[0]
    rules = {"scheme": chosen, "counts": entry.get("counts") or fit.counts.value}
    return {key: value for key, value in entry.items() if key not in rules} | rules


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


def _ask(what: str, *, yes: bool) -> None:
    """Go on if somebody says so. Raises UsageError where nobody is there to be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("watch", "there is nobody to be asked", "say --yes to do it")
    click.confirm(f"{what}?", abort=True)
