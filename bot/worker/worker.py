"""The worker: polls and posts due digests on schedule, until it is stopped.

APScheduler is only the clock. Rows in the database decide what is due and what was sent,
so that a restart, a missed wake-up or a second worker changes nothing.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App, now
from bot.domain.digests.schedule import next_due
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.render.status import future_words
from bot.render.words import plural
from bot.services.announce import announce
from bot.services.budget import budgets, within
from bot.services.chat_time import ChatTime
from bot.services.digests import DigestOrder, make_owed, owed
from bot.services.leases import Held
from bot.services.maintainers import tell_maintainers_once, tell_of_digest, warn_of_unread
from bot.services.organisations import fit_members, follow
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.poll_schedule import Timing, clocks, complete, due
from bot.services.ports import Forge
from bot.web.app import Mount, served
from bot.web.metrics import Monitor
from bot.worker.chat import chatting
from bot.worker.jobs import Jobs
from bot.worker.pages import mounts_of_pages
from bot.worker.reload import Reloading, wait
from bot.worker.turns import ReportPoll, Turn, guarded_run

if TYPE_CHECKING:
    from bot.store.leases import Lease
    from bot.store.store import Store

_log = logging.getLogger(__name__)

_TICK_SECONDS = 60
_LISTEN_SECONDS = 0.5
# How often the report checks whether a forge has answered, in seconds.
_LOOK_SECONDS = 0.05
# How long running tasks may take to end when the configuration changed, in seconds; a signal waits less.
_ENDING_SECONDS = 120.0
# How often pending deliveries are retried, and due organisations listed, in seconds.
_RETRY_SECONDS = 60
# How long to wait for another worker, in seconds: until the next wake-up, and longer than the lease of a worker
# that died.
_LEASE_SECONDS = 50
# The lease for making digests: one worker polls and makes them.
_REPORT = "report"


class AtOnce(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 has no types
    """Fires at once, and then as another trigger.

    APScheduler fails to remove a job made for the start alone if it is shut down while the job is begun.
    """

    def __init__(self, after: BaseTrigger) -> None:
        self._after = after

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return now if there was no firing, else the next moment of the other trigger."""
        if previous_fire_time is None:
            return now
        moment: datetime | None = self._after.get_next_fire_time(previous_fire_time, now)
        return moment


class CrontabTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 has no types
    """Fires when a crontab schedule is due in a zone: once in the night when a time occurs twice."""

    def __init__(self, schedule: str, zone: ZoneInfo) -> None:
        self._schedule = schedule
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next moment after the last firing, or after now if there was none."""
        return next_due(self._schedule, self._zone, previous_fire_time or now)


@dataclass(frozen=True, slots=True)
class Patience:
    """Time-outs, in seconds.

    The report waits for a forge at most ``silence`` without an answer and ``report`` in total;
    ``job`` is how long a job may go without a heartbeat before ``/health`` reports it.
    """

    silence: float = 75
    report: float = 600
    job: float = 1800


class Worker:
    """The tasks of a worker: an independent poll for each forge, and the report, which waits only so long for each.

    Once ``stop`` is set, a poll records the answers so far, and ends.
    """

    def __init__(
        self,
        app: App,
        store: "Store",
        forges: Mapping[str, Forge],
        stop: Event,
        *,
        jobs: Jobs | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._app = app
        self._store = store
        self._forges = forges
        self._stop = stop
        self._jobs = jobs or Jobs()
        self._patience = patience or Patience()
        self._turns = {name: Turn(name) for name in sorted(forges)}
        self._leases = app.leases(store)
        self._accounts = app.accounts(self._turns, store)
        self._reporting = Lock()
        self._announcing = Lock()
        self._future: datetime | None = None
        channels = app.settings.channels
        self._chat_time = ChatTime(app.chat, lambda: channels, now)
        self._slower = ""

    def poll(self, forge: str) -> None:
        """Poll the repositories of a forge that are due; nothing while the report or another worker polls it."""
        is_news = False
        with self._leases.held(self._accounts[forge], self._stop, _LEASE_SECONDS) as held:
            if held.by is None:
                is_news = self._poll_due(forge, held)
        if is_news:
            self.announce()

    def _poll_due(self, forge: str, held: Held) -> bool:
        """Poll what is due, and return whether it brought tags."""
        with self._turns[forge].taken() as is_mine:
            if not is_mine:
                return False
            watched = [repository for repository in self._app.repositories() if repository.forge == forge]
            return self._poll(forge, due(watched, self._store.tags, self._timing(), now()), held)

    def announce(self) -> None:
        """Announce releases to their subscribers, and send that; do nothing while another thread does."""
        if not self._announcing.acquire(blocking=False):
            return
        try:
            with self._jobs.running("announce", self._patience.job):
                zone = self._app.settings.time_zone
                announce(self._store, self._app.chat, self._app.repositories(), now(), zone)
                if not self._stop.is_set():
                    self._app.delivery_sender(self._store).deliver_all()
        finally:
            self._announcing.release()

    def follow(self, forge: str) -> None:
        """List the due organisations of a forge."""
        settings = self._app.settings
        organisations = [each for each in self._app.watched.organisations if each.forge == forge]
        if not organisations:
            return
        with (
            self._leases.held(self._accounts[forge], self._stop) as held,
            self._jobs.running(f"follow {forge}", self._patience.job),
        ):
            if held.by is None:
                follow(organisations, self._forges, self._store.watchlist, now, settings.poll.full_every)

    def report(self) -> None:
        """Poll for complete digests, then make and post the due ones; do nothing while another report runs."""
        if not self._reporting.acquire(blocking=False):
            return
        try:
            with self._jobs.running("report", self._patience.report + self._patience.job):
                if self._is_owed():
                    self._make_owed()
                if not self._stop.is_set():
                    self._app.delivery_sender(self._store).deliver_all()
                    self._warn()
                    self._tell_of_clocks()
        finally:
            self._reporting.release()

    def _warn(self) -> None:
        """Warn the maintainers of unclassified tags, if there is a chat to write to them."""
        if any(not isinstance(chat.client, UsageError) for chat in self._app.chats.values()):
            maintainers = self._app.settings.maintainers
            warn_of_unread(self._app.repositories(), self._store, self._app.chat, maintainers)

    def _tell_of_clocks(self) -> None:
        """Report timestamps in the future, once; they stop nothing."""
        found = self._store.clock.future_moments(now())
        latest = max((each.at for each in found), default=None)
        if latest is None or latest == self._future:
            return
        self._future = latest
        words = future_words(found, self._app.settings.time_zone)
        _log.error("%s", words)
        # Only one of several workers writes to the maintainers.
        if not self._store.leases.take_event(f"told of the future {latest.isoformat()}", now()):
            return
        tell_maintainers_once(f"{words[:1].upper()}{words[1:]}.", self._app.chat, self._app.settings.maintainers)

    def _make_owed(self) -> None:
        """Poll and make due digests, unless another live worker does."""
        with self._leases.held(_REPORT, self._stop, _LEASE_SECONDS) as held:
            if held.by is not None or not self._is_owed(is_exact=True):
                return
            unchecked = self._poll_all()
            if not (held.over.is_set() or self._stop.is_set()):
                self._report(unchecked)

    def _poll_all(self) -> frozenset[str]:
        """Poll every forge, and return the keys of the repositories without an answer in time."""
        began = monotonic()
        repositories = self._app.repositories()
        checks = [
            ReportPoll(turn, [each for each in repositories if each.forge == name])
            for name, turn in self._turns.items()
        ]
        for check in checks:
            # Nobody waits for an abandoned thread: it ends with its forge's answer.
            Thread(target=self._check, args=(check,), name=f"report {check.turn.forge}", daemon=True).start()
        for check in checks:
            self._wait_for(check, began)
        unchecked = frozenset(key for check in checks for key in check.unchecked())
        if unchecked:
            _log.warning("%s not checked in time for the digests", plural(len(unchecked), "repository"))
        return unchecked

    def _wait_for(self, check: ReportPoll, began: float) -> None:
        """Wait for a forge while it answers."""
        ends = began + self._patience.report
        while not check.done.wait(_LOOK_SECONDS):
            quiet_since = max(began, check.turn.answered_at)
            if self._stop.is_set() or monotonic() > min(quiet_since + self._patience.silence, ends):
                check.given_up.set()
                return

    def _check(self, check: ReportPoll) -> None:
        """Poll a forge for the report, after waiting for its turn."""

        def wait(_: "Lease") -> bool:
            # Another worker polls the forge and renews its lease, so it is making progress.
            check.turn.answered_at = monotonic()
            return not check.given_up.is_set()

        def run() -> None:
            name, patience = self._accounts[check.turn.forge], self._patience.report
            with self._leases.held(name, self._stop, patience, wait) as held:
                if held.by is None:
                    self._check_now(check, held)

        try:
            guarded_run(f"report {check.turn.forge}", run)
        finally:
            check.done.set()

    def _check_now(self, check: ReportPoll, held: Held) -> None:
        with check.turn.taken(check.given_up) as is_mine:
            if is_mine:
                timing = replace(self._app.timing(), clocks=clocks(self._forges))
                asked = complete(check.repositories, self._store.tags, timing, now())
                self._poll(check.turn.forge, asked, held, check.heard)

    def _timing(self) -> Timing:
        """Return the timing that stays below the share of each forge's rate limit, and log changes."""
        timing = replace(self._app.timing(), clocks=clocks(self._forges))
        timing = within(timing, budgets(self._app.repositories(), self._forges, self._store, timing, now()))
        slower = slower_words(timing.slower)
        if slower != self._slower:
            self._slower = slower
            _log.info("%s", slower or "polling as often as configured again")
        return timing

    def _poll(
        self,
        forge: str,
        asked: Sequence[Asked],
        held: Held,
        heard: Callable[[PollOutcome], None] = lambda _: None,
    ) -> bool:
        """Poll repositories, and return whether that brought tags."""
        if not asked:
            return False
        with (
            structlog.contextvars.bound_contextvars(poll=uuid4().hex[:8]),
            self._jobs.running(f"poll {forge}", self._patience.job) as alive,
        ):

            def take(outcome: PollOutcome) -> None:
                alive()
                heard(outcome)
                if outcome.error is None:
                    self._turns[forge].answered_at = monotonic()

            return self._poll_now(forge, asked, held.over, take)

    def _poll_now(self, forge: str, asked: Sequence[Asked], over: Event, take: Callable[[PollOutcome], None]) -> bool:
        watched = [each.key for each in self._app.repositories()]
        polling = poll(asked, self._forges, self._store, now, over, watched=watched)
        polled = new = failed = requests = 0
        repositories = [each.repository for each in asked]
        for outcome in self._app.completed(polling, repositories, self._forges, self._store, self._stop):
            take(outcome)
            polled += 1
            new += len(outcome.new)
            failed += outcome.error is not None
            requests += outcome.requests
        summary = (plural(polled, "repository"), forge, plural(new, "new tag"), failed, plural(requests, "request"))
        _log.info("polled %s of %s: %s, %d failed, %s", *summary)
        fit_members(self._app.watched.organisations, self._app.watched.repositories, self._store)
        return new > 0

    def _orders(self) -> Sequence[DigestOrder]:
        return self._app.orders(self._app.plans(self._store))

    def _moment(self, *, is_exact: bool = False) -> AsOf:
        """Return now, by the chat's clock if ours is wrong."""
        return AsOf.at(self._chat_time.now(is_exact=is_exact), self._app.settings.time_zone)

    def _is_owed(self, *, is_exact: bool = False) -> bool:
        moment = self._moment(is_exact=is_exact)
        # Check every order: the first check also starts its schedule.
        owing = [order for order in self._orders() if owed(order, self._store, moment)]
        return any(self._app.chat.missing(order.channel) is None for order in owing)

    def _report(self, unchecked: frozenset[str]) -> None:
        chat = self._app.chat
        orders = [order for order in self._orders() if chat.missing(order.channel) is None]
        to_maintain = partial(tell_of_digest, chat=chat, maintainers=self._app.settings.maintainers)
        make_owed(orders, self._store, chat, self._moment(), unchecked, to_maintain=to_maintain)


def slower_words(slower: Mapping[str, float]) -> str:
    """Return by which factor each forge is polled more slowly than configured; an empty string if none is."""
    factors = [f"{name} x{factor:.1f}" for name, factor in sorted(slower.items()) if round(factor, 1) > 1]
    return f"polling slower than configured to stay below the rate limit: {', '.join(factors)}" if factors else ""


def work(app: App, stop: Event, use_changed: Callable[[App], None] = lambda _: None) -> None:
    """Work until ``stop`` is set; then finish running tasks and return.

    When the configuration changes, call ``use_changed`` and continue with the new one.
    """
    changed: App | None = app
    while changed is not None:
        app = changed
        with app.store() as store:
            changed = _work_as_configured(app.as_known(store), store, stop)
        if changed is not None:
            use_changed(changed)


def _work_as_configured(app: App, store: "Store", stop: Event) -> App | None:
    """Work until ``stop`` is set or the configuration changes; return the changed app, or None."""
    _tell_what_is_missing(app)
    over, jobs = Event(), Jobs()
    reloading = Reloading(app, store)
    # Kept while the worker runs: connections, and reported rate limits.
    with (
        app.forges(app.watched_forges(), store) as forges,
        closing(Monitor(partial(app.status, store, forges), app.settings.time_zone, jobs.overdue)) as monitor,
        chatting(app, store) as mounts,
        served([*_monitoring(app, monitor), *mounts, *mounts_of_pages(app, store, forges)]),
    ):
        todo = tasks(Worker(app, store, forges, over, jobs=jobs), app, forges)
        zone = app.settings.time_zone
        clock = BackgroundScheduler(timezone=zone, executors={"default": ThreadPoolExecutor(len(todo))})
        for task in todo:
            # Run a late or doubled wake-up once, however late: APScheduler drops it by default.
            clock.add_job(
                guarded,
                AtOnce(task.trigger) if task.is_begun_with else task.trigger,
                args=[task],
                id=task.name,
                coalesce=True,
                misfire_grace_time=None,
                max_instances=1,
            )
        clock.start()
        _log.info("watching %s", plural(len(app.repositories()), "repository"))
        changed = wait(stop, reloading)
        over.set()
        if changed is None:
            _log.info("stopping")
        _shut_down(clock)
    return changed


def _monitoring(app: App, monitor: Monitor) -> list[Mount]:
    address = app.settings.monitoring.address
    return [monitor.mount(address)] if address else []


def _shut_down(clock: BackgroundScheduler) -> None:
    """Wait for running tasks, in short steps: a signal just before an endless wait would be lost.

    A task that hangs is abandoned.
    """
    ends = monotonic() + _ENDING_SECONDS
    ending = Thread(target=clock.shutdown, daemon=True)
    ending.start()
    while ending.is_alive() and monotonic() < ends:
        ending.join(_LISTEN_SECONDS)
    if ending.is_alive():
        _log.warning("a task did not end in %.0f s and was abandoned", _ENDING_SECONDS)


@dataclass(frozen=True)
class Task:
    """A task: a function, its trigger, and whether it runs at the start too."""

    name: str
    run: Callable[[], None]
    trigger: BaseTrigger
    is_begun_with: bool = False


def tasks(worker: Worker, app: App, forges: Mapping[str, Forge]) -> list[Task]:
    """Return the tasks; the report also runs every minute, to retry deliveries.

    Announcements are made after each poll that brings tags, and every minute: for releases announced for a day, for
    what became of those that were told, and for what a worker that died left undone.
    """
    zone = app.settings.time_zone
    tick = IntervalTrigger(seconds=_tick(app.settings.poll.every), timezone=zone)
    retry = IntervalTrigger(seconds=_RETRY_SECONDS, timezone=zone)
    schedules = sorted({digest.schedule for digest in app.settings.digests})
    return [
        *(Task(f"poll {name}", partial(worker.poll, name), tick, is_begun_with=True) for name in forges),
        *(Task(f"follow {name}", partial(worker.follow, name), retry, is_begun_with=True) for name in forges),
        Task("report", worker.report, retry, is_begun_with=True),
        Task("announce", worker.announce, retry, is_begun_with=True),
        *(Task(f"report {schedule}", worker.report, CrontabTrigger(schedule, zone)) for schedule in schedules),
    ]


def _tick(every: timedelta) -> int:
    """Return how often to check for due repositories, in seconds: each has its own moment within ``every``."""
    return min(_TICK_SECONDS, int(every.total_seconds()))


def guarded(task: Task) -> None:
    """Run a task, and log every error."""
    guarded_run(task.name, task.run)


def _tell_what_is_missing(app: App) -> None:
    channels = app.settings.channels
    missing = [found for channel in channels if (found := app.chat.missing(channel)) is not None]
    for where, what in dict.fromkeys((each.where, each.what) for each in missing):
        _log.warning("%s: %s: no digests are posted to it; set it and restart the worker", where, what)
