"""``release-bot watch``: the watched repositories, and a preview of one before it is watched."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from bot.app import App, who
from bot.cli.completion import values
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.output import list_format_option, print_result, print_tables
from bot.cli.progress import progress
from bot.cli.query_options import asking
from bot.commands.base import CommandContext
from bot.commands.watch import Unwatch, Watch, record
from bot.commands.watch_target import target_of
from bot.domain.errors import UsageError
from bot.domain.filters import choose_one
from bot.domain.organisations import EVERY
from bot.domain.versions.schemes import SCHEMES
from bot.domain.watch_rules import TagRules, WatchRules
from bot.queries.base import Refusal, answer_of
from bot.queries.watchlist import Watchlist
from bot.render.markup import TEXT
from bot.render.proposal import proposal_json, proposal_text
from bot.render.watchlist import (
    changes_json,
    changes_table,
    listed_json,
    listed_text,
)
from bot.services.identity import accept as accept_repository
from bot.watch_preview import ForgePreview

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _rules(command: _Command) -> _Command:
    """Add the options for what to watch and how to parse its tags."""
    for option in (
        click.option("--archived", is_flag=True, default=None, help="With FORGE:PATH/*: archived ones too."),
        click.option("--forks", is_flag=True, default=None, help="With FORGE:PATH/*: forks too."),
        click.option("--exclude", metavar="RE", help="With FORGE:PATH/*: skip paths that match this regex."),
        click.option("--include", metavar="RE", help="With FORGE:PATH/*: only paths that match this regex."),
        click.option("--prefix", metavar="P", help="Prefix of every tag, for example diracx-."),
        click.option(
            "--scheme",
            type=click.Choice(list(SCHEMES)),
            help="Version scheme; by default the one that fits best.",
        ),
        click.argument("repository", metavar="FORGE:PATH"),
    ):
        command = option(command)
    return command


_yes = click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")


@click.group()
def watch() -> None:
    """List what is watched; preview, add or remove a repository or an organisation.

    If another repository took the path of a watched one: accept it.
    """


@watch.command("list")
@list_format_option
@click.pass_obj
def list_(options: Options, output_format: str) -> None:
    """List the watched repositories with their rules and where they are configured."""
    with asking(options) as (app, run):
        found = run(Watchlist(), app.as_of_now())
    print_result(options, found, output_format)


@watch.command()
@list_format_option
@click.pass_obj
def changes(options: Options, output_format: str) -> None:
    """List the changes that people made to the watchlist by command: who, when and what."""
    app = options.app()
    zone = app.settings.time_zone
    with app.reading() as store:
        made = store.watchlist.additions().changes
    print_tables(options, [changes_table(made, zone)], output_format, changes_json(made, zone))


@watch.command()
@_rules
@format_option
@click.pass_obj
def check(options: Options, /, repository: str, output_format: str, **given: Any) -> None:
    """Preview FORGE:PATH: how its tags would be parsed, and which scheme fits best. Nothing is recorded.

    FORGE:PATH/* is an organisation: list its repositories.
    """
    app = options.app(log_level="error")
    target, rules, preview = _target(app, repository), _rules_of(repository, given), ForgePreview(app)
    if target.endswith(EVERY):
        with progress(f"listing {target}"):
            members = preview.members(target, rules)
        shown = listed_json(target, members) if is_json(output_format) else listed_text(target, members)
    else:
        with progress(f"fetching the tags of {target}"):
            proposal, zone = preview.proposal(target, rules), app.settings.time_zone
        shown = proposal_json(proposal, zone) if is_json(output_format) else proposal_text(proposal, zone)
    if is_json(output_format):
        print_json(shown)
    else:
        click.echo(shown)


@watch.command()
@_rules
@click.option("--name", metavar="N", help="Name; by default the last part of the path.")
@click.option(
    "--counts", type=click.Choice(["patch", "final"]), help="Ordinary releases; by default guessed from the tags."
)
@_yes
@click.pass_obj
def add(options: Options, /, repository: str, *, yes: bool, **given: Any) -> None:
    """Preview FORGE:PATH, then watch it, as "watch ..." in chat does; who and when is recorded.

    FORGE:PATH/* is an organisation: watch all its repositories, and new ones. Repositories in the configuration file
    need not be added.
    """
    with _commanding(options) as (app, context):
        command = Watch(_target(app, repository), _rules_of(repository, given))
        with progress(f"fetching {command.target}"):
            proposal = command.propose(context)
        if proposal.proposal is not None:
            click.echo(proposal_text(proposal.proposal, app.settings.time_zone))
        else:
            click.echo(listed_text(command.target, proposal.members))
        _ask(f"watch {command.target}", yes=yes)
        record(proposal, context)
        when = "A running worker picks it up within a minute; otherwise run: release-bot poll"
        click.echo(f"{command.target} is now watched. {when}")


@watch.command()
@click.argument("repository", metavar="REPOSITORY", shell_complete=values.repositories)
@_yes
@click.pass_obj
def remove(options: Options, repository: str, *, yes: bool) -> None:
    """Stop watching REPOSITORY, or FORGE:PATH/*; recorded data is kept."""
    with _commanding(options) as (_, context):
        _ask(f"stop watching {repository}", yes=yes)
        changed = Unwatch(repository).run(context)
        click.echo(answer_of(changed, TEXT).sentence)


@watch.command()
@click.argument("repository", metavar="REPOSITORY", shell_complete=values.repositories)
@_yes
@click.pass_obj
def accept(options: Options, repository: str, *, yes: bool) -> None:
    """Watch the other repository that is now at REPOSITORY's path; the old one's history is closed and kept."""
    app = options.known_app()
    chosen = choose_one(repository, app.repositories())
    if not yes and sys.stdin.isatty():
        click.confirm(f"close the history of {chosen.key}, and watch the repository now at this path?", abort=True)
    with app.store() as store:
        accept_repository(chosen, store, who=who(), at=app.as_of_now().end)
    when = "A running worker picks it up within a minute; otherwise run: release-bot poll"
    click.echo(f"{chosen.key}: now watching the repository at this path. {when}")


@contextmanager
def _commanding(options: Options) -> Iterator[tuple[App, CommandContext]]:
    """Open the application to change the watchlist."""
    app = options.known_app(log_level="error", writes=True)
    with app.store() as store:
        context = app.query_context(store, app.as_of_now(), is_maintainer=True)
        yield app, CommandContext(context, who(), ForgePreview(app))


def _target(app: App, repository: str) -> str:
    """Return the FORGE:PATH of a repository given by it or by its URL. Raises UsageError."""
    is_named = repository.lower().startswith(("http://", "https://")) or all(repository.partition(":"))
    if not is_named:
        raise UsageError(f'repository "{repository}"', "not FORGE:PATH", "example: github:DIRACGrid/DIRAC")
    target = target_of(repository, app.vocabulary())
    if isinstance(target, Refusal):
        raise UsageError(f'repository "{repository}"', target.reason, "add [forges.NAME] to the configuration")
    return target


def _rules_of(repository: str, given: Mapping[str, Any]) -> WatchRules:
    """Return the rules of the options. Raises UsageError for an option that does not fit the target."""
    rules = {key: value for key, value in given.items() if value}
    is_organisation = repository.endswith(EVERY)
    for key in ("name",) if is_organisation else ("include", "exclude", "forks", "archived"):
        if key in rules:
            what = f"not valid for {'an organisation' if is_organisation else 'a single repository'}"
            hint = "remove the option" if is_organisation else "use FORGE:OWNER/* for all repositories of the owner"
            raise UsageError(f"--{key}", what, hint)
    tags = TagRules(**{key: rules.pop(key) for key in ("scheme", "prefix", "counts") if key in rules})
    return WatchRules(tags, **rules)


def _ask(what: str, *, yes: bool) -> None:
    """Ask for confirmation. Raises UsageError if stdin is not a terminal."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("watch", "not a terminal", "use --yes to confirm")
    click.confirm(f"{what}?", abort=True)
