"""Making the digests that are due: every forge is polled for them, and waited for only so long."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from bot.app import now
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.render.status import future_words
from bot.render.words import plural
from bot.services.digests import DigestOrder, make_owed, owed
from bot.services.leases import Held
from bot.services.maintainers import tell_maintainers_once, tell_of_digest, warn_of_unread
from bot.services.poll_schedule import complete
from bot.worker.context import TaskContext
from bot.worker.tasks.announce import deliver
from bot.worker.tasks.poll import poll_now
from bot.worker.turns import ReportPoll, guarded_run

if TYPE_CHECKING:
    from bot.store.leases import Lease

_log = logging.getLogger(__name__)

# How often the report checks whether a forge has answered, in seconds.
_LOOK_SECONDS = 0.05
# The lease for making digests: one worker polls and makes them.
_REPORT = "report"


def report(context: TaskContext) -> None:
    """Poll for complete digests, then make and post the due ones; do nothing while another report runs."""
    if not context.reporting.acquire(blocking=False):
        return
    try:
        with context.jobs.running("report", context.patience.report + context.patience.job):
            make_digests(context)
            deliver(context)
            if not context.stop.is_set():
                _warn(context)
                _tell_of_clocks(context)
    finally:
        context.reporting.release()


def make_digests(context: TaskContext) -> None:
    """Poll for the digests that are due and make them, unless another live worker does."""
    if not _is_owed(context):
        return
    with context.leases.held(_REPORT, context.stop, context.patience.another) as held:
        if held.by is not None or not _is_owed(context, is_exact=True):
            return
        unchecked = _poll_all(context)
        if not (held.over.is_set() or context.stop.is_set()):
            _make(context, unchecked)


def _poll_all(context: TaskContext) -> frozenset[str]:
    """Poll every forge, and return the keys of the repositories without an answer in time."""
    began = monotonic()
    repositories = context.app.repositories()
    checks = [
        ReportPoll(turn, [each for each in repositories if each.forge == name]) for name, turn in context.turns.items()
    ]
    for check in checks:
        # Nobody waits for an abandoned thread: it ends with its forge's answer.
        Thread(target=_check, args=(context, check), name=f"report {check.turn.forge}", daemon=True).start()
    for check in checks:
        _wait_for(context, check, began)
    unchecked = frozenset(key for check in checks for key in check.unchecked())
    if unchecked:
        _log.warning("%s not checked in time for the digests", plural(len(unchecked), "repository"))
    return unchecked


def _wait_for(context: TaskContext, check: ReportPoll, began: float) -> None:
    """Wait for a forge while it answers."""
    ends = began + context.patience.report
    while not check.done.wait(_LOOK_SECONDS):
        quiet_since = max(began, check.turn.answered_at)
        if context.stop.is_set() or monotonic() > min(quiet_since + context.patience.silence, ends):
            check.given_up.set()
            return


def _check(context: TaskContext, check: ReportPoll) -> None:
    """Poll a forge for the report, after waiting for its turn and for other workers that poll it."""
    forge, patience = check.turn.forge, context.patience.report

    def wait(_: "Lease") -> bool:
        # Another worker polls the forge and renews its lease, so it is making progress.
        check.turn.answered_at = monotonic()
        return not check.given_up.is_set()

    def run() -> None:
        with context.leases.held(context.accounts[forge].account, context.stop, patience, wait) as held:
            if held.by is None:
                _poll_alone(context, check, held, wait)

    try:
        guarded_run(f"report {forge}", run)
    finally:
        check.done.set()


def _poll_alone(context: TaskContext, check: ReportPoll, held: Held, wait: Callable[["Lease"], bool]) -> None:
    """Poll a forge once this and all other workers have finished the batch that they are at."""
    forge, store = check.turn.forge, context.store
    with check.turn.taken(check.given_up) as is_mine:
        if not is_mine:
            return
        account, patience = context.accounts[forge], context.patience.report
        if context.leases.wait_for_looks(store.looks, account, held.over, patience, wait) is None:
            asked = complete(check.repositories, store.tags, context.timing(), now())
            poll_now(context, forge, asked, held.over, check.heard)


def _make(context: TaskContext, unchecked: frozenset[str]) -> None:
    chat = context.app.chat
    orders = [order for order in _orders(context) if chat.missing(order.channel) is None]
    to_maintain = partial(tell_of_digest, chat=chat, maintainers=context.app.settings.maintainers)
    make_owed(orders, context.store, chat, _moment(context), unchecked, to_maintain=to_maintain)


def _orders(context: TaskContext) -> list[DigestOrder]:
    return context.app.orders(context.app.plans(context.store))


def _moment(context: TaskContext, *, is_exact: bool = False) -> AsOf:
    """Return now, by the chat's clock if ours is wrong."""
    return AsOf.at(context.chat_time.now(is_exact=is_exact), context.app.settings.time_zone)


def _is_owed(context: TaskContext, *, is_exact: bool = False) -> bool:
    moment = _moment(context, is_exact=is_exact)
    # Check every order: the first check also starts its schedule.
    owing = [order for order in _orders(context) if owed(order, context.store, moment)]
    return any(context.app.chat.missing(order.channel) is None for order in owing)


def _warn(context: TaskContext) -> None:
    """Warn the maintainers of unclassified tags, if there is a chat to write to them."""
    app = context.app
    if any(not isinstance(chat.client, UsageError) for chat in app.chats.values()):
        warn_of_unread(app.repositories(), context.store, app.chat, app.settings.maintainers)


def _tell_of_clocks(context: TaskContext) -> None:
    """Report timestamps in the future, once; they stop nothing."""
    found = context.store.clock.future_moments(now())
    latest: datetime | None = max((each.at for each in found), default=None)
    if latest is None or latest == context.reported.future:
        return
    context.reported.future = latest
    settings = context.app.settings
    words = future_words(found, settings.time_zone)
    _log.error("%s", words)
    # Only one of several workers writes to the maintainers.
    if context.store.leases.take_event(f"told of the future {latest.isoformat()}", now()):
        tell_maintainers_once(f"{words[:1].upper()}{words[1:]}.", context.app.chat, settings.maintainers)
