"""``release-bot init``: write a first configuration by asking, or from options, and show the first digest."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.app import App, environment
from bot.cli.context import Options
from bot.cli.interrupts import heeded
from bot.cli.main import DONE, FAILED
from bot.cli.progress import progress
from bot.cli.setup.chats import CHATS, NONE, Chats
from bot.cli.setup.files import write_configuration, write_secrets
from bot.cli.setup.repositories import Repositories, draft_forge, entries, with_own_forges
from bot.cli.setup.session import Session
from bot.config.draft import SCHEDULES, Draft
from bot.config.environment import NO_FILE
from bot.config.find import named_file
from bot.config.load import find
from bot.domain.errors import BotError, UsageError
from bot.domain.periods.period import AsOf
from bot.domain.versions.schemes import SCHEMES
from bot.domain.watch_rules import TagRules

_FILE = "bot.toml"
_DIGEST = "weekly"


@click.command()
@click.argument("repositories", nargs=-1, metavar="[ADDRESS]...")
@click.option("--forge-kind", type=click.Choice(["github", "gitlab", "git"]), help="Kind of a server of your own.")
@click.option("--scheme", type=click.Choice(list(SCHEMES)), help="Version scheme; by default the one that fits best.")
@click.option(
    "--counts", type=click.Choice(["patch", "final"]), help="Ordinary releases; by default guessed from the tags."
)
@click.option("--chat", type=click.Choice([*CHATS, NONE]), help="Chat or service that digests are posted to.")
@click.option(
    "--channel", metavar="C", help="Its channel: a Slack channel, a Mattermost page's address, a Matrix room."
)
@click.option("--digest", type=click.Choice([*SCHEDULES, NONE]), help="How often a digest is posted.")
@click.option("--time-zone", metavar="ZONE", help="Time zone; by default this machine's.")
@click.option(
    "--env-file", metavar="FILE", type=click.Path(path_type=Path), help="Write the secrets to FILE (mode 0600)."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take options and defaults.")
@click.pass_obj
def init(
    options: Options,
    repositories: tuple[str, ...],
    forge_kind: str | None,
    scheme: str | None,
    counts: str | None,
    chat: str | None,
    channel: str | None,
    digest: str | None,
    time_zone: str | None,
    env_file: Path | None,
    *,
    force: bool,
    yes: bool,
) -> int:
    """Write a first configuration: ask, check each answer at once, and show the first digest.

    ADDRESS is a repository's web page, clone URL, OWNER/NAME on GitHub, or local path. Tokens are never options: they
    are typed, or taken from the environment ($GITHUB_TOKEN, $SLACK_BOT_TOKEN, ...), and are not written to the file.
    """
    variables = environment()
    path = named_file(options.config, variables) or Path(_FILE)
    if not yes and not sys.stdin.isatty():
        raise UsageError("init", "not a terminal", "use --yes with options; see release-bot init --help")
    if yes and not repositories:
        raise UsageError("init", "no repository", "name one: release-bot init --yes https://github.com/OWNER/NAME")
    session = Session(options, path, variables, is_asking=not yes)
    _require_free(session, path, force=force)
    _require_free(session, env_file, force=force)
    # An invalid one is reported before anything is asked.
    zone = _zone(time_zone, session)

    reading = Repositories(session, forge_kind, TagRules(scheme or "", counts=counts or ""))
    found = with_own_forges(reading.agree(reading.find(repositories)))
    forges = {each.pasted.forge: draft_forge(each.pasted, session) for each in found}
    connected = Chats(session).connect(chat or (NONE if yes else None), channel)
    rhythm, zone = _rhythm(session, digest, zone)
    draft = Draft(zone, tuple(forges.values()), tuple(entries(found)), connected, rhythm)
    app = session.app(draft)

    saved = _save_secrets(session, env_file)
    write_configuration(path, draft.text())
    session.say("")
    session.say(f"Wrote {path}.")
    code = _show_digest(session, app, rhythm)
    _say_what_next(session, saved, is_posting=bool(connected.table and rhythm))
    return code


def _require_free(session: Session, path: Path | None, *, force: bool) -> None:
    """Raise UsageError where a file cannot be written, or exists and may not be replaced."""
    if path is None:
        return
    folder = next(each for each in path.resolve().parents if each.exists())
    if path.is_dir() or not os.access(folder, os.W_OK):
        what = "is a directory" if path.is_dir() else f"cannot be written: no write permission in {folder}"
        raise UsageError(str(path), what, "name another file")
    if force or not path.exists() or (session.is_asking and click.confirm(f"{path} exists. Replace it?")):
        return
    raise UsageError(str(path), "file exists", "nothing was changed; use --force to replace it, or name another file")


def _zone(given: str | None, session: Session) -> str:
    """Return the time zone that was given, else this machine's. Raises UsageError for one that does not exist."""
    name = given or _machine_zone()
    try:
        return str(ZoneInfo(name))
    except (KeyError, ValueError, OSError) as error:
        if given is None:
            session.say(f"This machine's time zone {name} is unknown: using UTC.")
            return "UTC"
        raise UsageError(f'time zone "{given}"', "invalid time zone", 'examples: "Europe/Paris", "UTC"') from error


def _machine_zone() -> str:
    from tzlocal import get_localzone_name

    try:
        name = get_localzone_name()
    except (KeyError, ValueError, OSError):
        return "UTC"
    return "UTC" if name in ("Etc/UTC", "local", None) else name


def _rhythm(session: Session, digest: str | None, zone: str) -> tuple[str | None, str]:
    """Ask how often digests are posted, and in which time zone; return both, None for no digest."""
    if digest is not None:
        return (None if digest == NONE else digest), zone
    question = f"Digest ({', '.join(SCHEDULES)} or {NONE}) and its time zone"
    while True:
        words = session.ask(question, f"{_DIGEST} {zone}").split()
        names = [word.lower() for word in words if word.lower() in (*SCHEDULES, NONE)]
        zones = [word for word in words if word.lower() not in names]
        if len(names) > 1 or len(zones) > 1:
            session.say(f"one digest and one time zone; example: {_DIGEST} Europe/Paris")
            continue
        try:
            zone = _zone(zones[0] if zones else zone, session)
        except UsageError:
            session.say(f'"{zones[0]}" is neither a digest nor a time zone; example: {_DIGEST} Europe/Paris')
            continue
        name = names[0] if names else _DIGEST
        return (None if name == NONE else name), zone


def _save_secrets(session: Session, env_file: Path | None) -> Path | None:
    """Write the secrets that were typed to a file, if that is wanted; return the file."""
    if not session.typed:
        return None
    if env_file is None and session.is_asking and not Path(".env").exists():
        named = " and ".join(f"${name}" for name in session.typed)
        env_file = Path(".env") if click.confirm(f"Write {named} to .env (mode 0600)?") else None
    if env_file is not None:
        write_secrets(env_file, session.typed)
    return env_file


def _show_digest(session: Session, app: App, digest: str | None) -> int:
    """Poll once, and print the digest as of when it was last due; return the exit code."""
    from bot.cli.digest import made_now
    from bot.cli.output import print_error
    from bot.cli.poll import leased, polled
    from bot.render.digest_text import digest_text
    from bot.services.digests import slot_of

    failed = False
    try:
        with heeded() as stop, app.store() as store, leased(app, store, stop) as busy:
            with progress("polling for the first time"):
                outcomes = polled(app, store, app.repositories(), busy, stop, full=False)
            if stop.is_set():
                raise KeyboardInterrupt
            for outcome in outcomes:
                failed = failed or bool(outcome.error)
                if outcome.error:
                    print_error(BotError(outcome.repository, outcome.error, outcome.retry))
            if digest is not None:
                order = app.orders_named(digest, None, store)[0]
                session.say("")
                session.say(f"The {digest} digest, as it would have been posted last:")
                session.say("")
                # Seen from when it was due: releases of this week are in the next one.
                due = slot_of(order, moment := app.as_of_now())
                seen_from = moment if due is None else AsOf.at(due, moment.zone)
                click.echo(digest_text(made_now(order, store, seen_from)))
    except BotError as error:
        print_error(error)
        return FAILED
    return FAILED if failed else DONE


def _say_what_next(session: Session, saved: Path | None, *, is_posting: bool) -> None:
    """Print which variables to set, and the next commands."""
    session.say("")
    if session.typed:
        if saved is not None:
            session.say(f"The secrets are in {saved}. To set them: set -a; . {_shell_path(saved)}; set +a")
        else:
            session.say("The secrets are not in the file. Set them where the bot runs:")
            for name in session.typed:
                session.say(f"  export {name}=...")
        session.say("")
    option = "" if _is_found(session) else f" --config {shlex.quote(str(session.path))}"
    session.say("Next:")
    what = "poll and post from now on" if is_posting else "poll from now on; nothing is posted yet"
    session.say(f"  release-bot{option} run                                # {what}")
    session.say(f'  release-bot{option} ask "how many releases this year"  # ask, as in chat')


def _shell_path(path: Path) -> str:
    """Return a path that the shell's . does not search for in $PATH."""
    written = str(path)
    return shlex.quote(written if "/" in written else f"./{written}")


def _is_found(session: Session) -> bool:
    """Return whether other commands find the file without --config."""
    variables: Mapping[str, str] = session.environment
    found = find(None, variables)
    return found != NO_FILE and found.resolve() == session.path.resolve()
