"""Polling the repositories of a forge that are due, batch by batch, together with all other workers."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event
from time import monotonic
from uuid import uuid4

import structlog

from bot.app import now
from bot.render.words import plural
from bot.services.leases import LENGTH
from bot.services.notes import NotesReader
from bot.services.organisations import fit_members
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.poll_schedule import Timing
from bot.worker.context import TaskContext
from bot.worker.tasks.announce import announce_releases
from bot.worker.tasks.notes import fetch_notes

_log = logging.getLogger(__name__)

# Rounds begin about as often as workers wake for them; a worker wakes a little early at times.
_EARLY = 0.98


def poll_due(context: TaskContext, forge: str, spacing: float) -> None:
    """Poll the repositories of a forge that are due; nothing while all of them are polled for a digest.

    Rounds of polls begin ``spacing`` seconds apart, however many workers take part. What a worker leaves that dies is
    taken over by those that still wait for it.
    """
    ends = monotonic() + context.patience.another
    is_news = _poll_round(context, forge, spacing)
    while monotonic() < ends and _is_left(context, forge) and not context.stop.wait(LENGTH.total_seconds()):
        is_news |= _poll_round(context, forge, spacing)
    if is_news:
        announce_releases(context)


def _is_left(context: TaskContext, forge: str) -> bool:
    """Return whether repositories are due that another worker has claimed."""
    account, looks = context.accounts[forge], context.store.looks
    is_due = looks.ahead(account).is_due(context.timing().there(forge, now()))
    return is_due and looks.in_flight(account, LENGTH) is not None


def _poll_round(context: TaskContext, forge: str, spacing: float) -> bool:
    """Poll what is due in this round, and return whether it brought tags."""
    with context.turns[forge].taken() as is_mine:
        if not is_mine:
            return False
        schedule = context.schedules[forge]
        ahead, timing = schedule.ahead(context.forges, context.timing(), now())
        _tell_pace(context, timing.slower)
        if not ahead.is_due(timing.there(forge, now())):
            return False
        return _poll_batches(
            context, forge, schedule.open_round(timing, now(), timedelta(seconds=spacing * _EARLY)), timing
        )


def _poll_batches(context: TaskContext, forge: str, until: datetime, timing: Timing) -> bool:
    schedule, is_news = context.schedules[forge], False
    seen: set[str] = set()
    while not context.stop.is_set():
        with schedule.batch(until, timing, now, context.leases, context.stop) as batch:
            # One that could not be polled stays due, and waits for the next round.
            if seen.issuperset(batch.claimed):
                break
            asked = [each for each in batch.asked if each.repository.source not in seen]
            seen.update(batch.claimed)
            is_news |= poll_now(context, forge, asked, batch.held.over)
            if batch.held.over.is_set():
                break
    return is_news


def poll_now(
    context: TaskContext,
    forge: str,
    asked: Sequence[Asked],
    over: Event,
    record: Callable[[PollOutcome], None] = lambda _: None,
) -> bool:
    """Poll repositories until ``over``, and return whether that brought tags."""
    if not asked:
        return False
    with (
        structlog.contextvars.bound_contextvars(poll=uuid4().hex[:8]),
        context.jobs.running(f"poll {forge}", context.patience.job) as alive,
    ):

        def take(outcome: PollOutcome) -> None:
            alive()
            record(outcome)
            if outcome.error is None:
                context.turns[forge].answered_at = monotonic()

        return _polled(context, forge, asked, over, take)


def _polled(
    context: TaskContext, forge: str, asked: Sequence[Asked], over: Event, take: Callable[[PollOutcome], None]
) -> bool:
    app, store = context.app, context.store
    watched = [each.key for each in app.repositories()]
    waiting = NotesReader(context.forges, store, now).waiting()
    polling = poll(asked, context.forges, store, now, over, watched=watched)
    polled = new = failed = requests = 0
    noted: list[str] = []
    for outcome in app.completed(polling, [each.repository for each in asked], context.forges, store, context.stop):
        take(outcome)
        polled += 1
        new += len(outcome.new)
        failed += outcome.error is not None
        requests += outcome.requests
        if outcome.error is None and (outcome.status == "ok" or outcome.repository in waiting):
            noted.append(outcome.repository)
    summary = (plural(polled, "repository"), forge, plural(new, "new tag"), failed, plural(requests, "request"))
    _log.info("polled %s of %s: %s, %d failed, %s", *summary)
    fit_members(app.watched.organisations, app.watched.repositories, store)
    fetch_notes(context, forge, noted)
    return new > 0


def _tell_pace(context: TaskContext, slower: Mapping[str, float]) -> None:
    """Log a pace that changed."""
    before = slower_words(context.reported.slower)
    context.reported.slower.update(slower)
    words = slower_words(context.reported.slower)
    if words != before:
        _log.info("%s", words or "polling as often as configured again")


def slower_words(slower: Mapping[str, float]) -> str:
    """Return by which factor each forge is polled more slowly than configured; an empty string if none is."""
    factors = [f"{name} x{factor:.1f}" for name, factor in sorted(slower.items()) if round(factor, 1) > 1]
    return f"polling slower than configured to stay below the rate limit: {', '.join(factors)}" if factors else ""
