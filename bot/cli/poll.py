"""``release-bot poll``: poll the forges now."""

import sys
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import click

from bot.app import App, now
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.interrupts import heeded
from bot.cli.main import DONE, FAILED
from bot.cli.output import print_error, print_table
from bot.cli.query_options import repositories_argument
from bot.domain.polling.look import ForgeAccount
from bot.domain.polling.record import PollDepth
from bot.domain.proposals import Proposal
from bot.domain.repositories import Repository, one_of_each_source
from bot.render.json_form import poll_json
from bot.render.poll_table import poll_table
from bot.render.words import printable
from bot.services.notes import NotesReader
from bot.services.organisations import fit_members, follow
from bot.services.poll import Asked, PollOutcome
from bot.services.poll import poll as polling_now
from bot.services.poll_schedule import complete
from bot.services.ports import ForgeError

if TYPE_CHECKING:
    from bot.store.leases import Lease
    from bot.store.store import Store

# How long to wait for a worker that polls with the same token.
_PATIENCE_SECONDS = 60.0


@click.command()
@repositories_argument
@click.option("--full", is_flag=True, help="Fetch everything again, including dates.")
@format_option
@click.pass_obj
def poll(options: Options, repositories: tuple[str, ...], output_format: str, *, full: bool) -> int:
    """Poll the forges for tags now, and record changes."""
    app = options.known_app(log_level="error", writes=True)
    began = time.monotonic()
    with heeded() as stop, app.store() as store, leased(app, store, stop) as busy:
        missing: list[ForgeError] = []
        if not repositories:
            app, missing = _followed(app, store, busy, full=full)
        chosen = one_of_each_source(app.repositories(repositories))
        outcomes = polled(app, store, chosen, busy, stop, full=full)
    places = {repository.source: place for place, repository in enumerate(chosen)}
    outcomes.sort(key=lambda outcome: places[outcome.repository])
    seconds = time.monotonic() - began
    if is_json(output_format):
        print_json(poll_json(outcomes, seconds))
    else:
        print_table(options, poll_table(outcomes, seconds))
    code = _print_errors(outcomes, missing)
    if stop.is_set():
        raise KeyboardInterrupt
    return code


@contextmanager
def leased(app: App, store: "Store", stop: Event) -> Iterator[dict[str, str]]:
    """Hold the leases of all forges, waiting at most a minute; yield the other holder of each busy forge."""
    leases = app.leases(store)
    ends, busy = time.monotonic() + _PATIENCE_SECONDS, {}
    with ExitStack() as stack:
        for forge, account in app.accounts(app.watched_forges(), store).items():
            patience = max(ends - time.monotonic(), 0)
            held = stack.enter_context(leases.held(account, stop, patience, _waiting_notice(forge)))
            patience = max(ends - time.monotonic(), 0)
            by = held.by or leases.wait_for_looks(
                store.looks, ForgeAccount(forge, account), stop, patience, _waiting_notice(forge)
            )
            if by is not None:
                busy[forge] = by
        yield busy


def _waiting_notice(forge: str) -> Callable[["Lease"], bool]:
    """Return a callback that prints once, on a terminal, which worker is being waited for."""
    printed: list[str] = []

    def say(lease: "Lease") -> bool:
        if not printed and sys.stderr.isatty():
            click.echo(f"{forge} is being polled by {lease.who}; waiting for it to finish", err=True)
        printed.append(lease.who)
        return True

    return say


def polled(
    app: App, store: "Store", chosen: Sequence[Repository], busy: Mapping[str, str], stop: Event, *, full: bool
) -> list[PollOutcome]:
    """Poll repositories with their package indexes, evidence and notes, and record it; ``busy`` are leased forges."""
    outcomes = [_busy(each, busy[each.forge]) for each in chosen if each.forge in busy]
    free = [each for each in chosen if each.forge not in busy]
    with app.forges(app.watched_forges(), store) as forges:
        asked = (
            [Asked(each, PollDepth.FULL) for each in free] if full else complete(free, store.tags, app.timing(), now())
        )
        watched = [each.key for each in app.repositories()]
        polling = polling_now(asked, forges, store, now, stop, watched=watched)
        completed = app.completed(polling, free, forges, store, stop)
        for outcome in NotesReader(forges, store, now).after(completed, free, stop):
            outcomes.append(outcome)
            _show_progress(len(outcomes), len(chosen))
    chosen_now = fit_members(app.watched.organisations, free, store)
    return [_with_rules(outcome, chosen_now.get(outcome.repository)) for outcome in outcomes]


def _with_rules(outcome: PollOutcome, proposal: Proposal | None) -> PollOutcome:
    """Return the outcome of a first poll by the rules that were chosen by its tags."""
    if proposal is None:
        return outcome
    unread = frozenset(proposal.unclassified)
    return replace(outcome, unclassified=tuple(name for name in outcome.new if name in unread))


def _busy(repository: Repository, who: str) -> PollOutcome:
    error = f"{repository.forge} is being polled with the same token by {who}; wait until that poll ends, or stop it"
    return PollOutcome(repository.source, "error", error=error)


def _followed(app: App, store: "Store", busy: Container[str], *, full: bool) -> tuple[App, list[ForgeError]]:
    """List the organisations that are due; return the app with their repositories, and the errors."""
    organisations = [each for each in app.watched.organisations if each.forge not in busy]
    if not organisations:
        return app, []
    every = timedelta(0) if full else app.settings.poll.full_every
    with app.forges((each.forge for each in organisations), store) as forges:
        errors = follow(organisations, forges, store.watchlist, now, every)
    return app.as_known(store), errors


def _show_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rpolled {done} of {of} repositories" + "\n" * (done == of), err=True, nl=False)


def _print_errors(outcomes: list[PollOutcome], missing: list[ForgeError]) -> int:
    for error in missing:
        print_error(error)
    for outcome in outcomes:
        if outcome.notice:
            click.echo(f"note: {outcome.repository}: {printable(outcome.notice)}", err=True)
        if outcome.error:
            retry = f"; {outcome.retry}" if outcome.retry else ""
            click.echo(f"error: {outcome.repository}: {printable(outcome.error)}{retry}", err=True)
    return FAILED if missing or any(outcome.error for outcome in outcomes) else DONE
