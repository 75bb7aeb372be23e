"""The worker: wakes on schedule to poll and to post what is owed, until it is told to stop.

APScheduler is the clock only. What is owed, and what was sent, is decided by rows in
the database, so that a restart, a lost wake-up or a second worker changes nothing.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Lock, Thread
from time import monotonic
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App, now
from bot.chatting import chatting
from bot.domain.errors import BotError
from bot.domain.schedules import next_due
from bot.monitoring import monitored
from bot.reloading import Reloading
from bot.render.words import plural
from bot.services.budgeting import budgets, within
from bot.services.due import Timing, complete, due
from bot.services.following import fit_members, follow
from bot.services.polling import Asked, poll
from bot.services.ports import Forge, Store
from bot.services.reporting import DigestOrder, make_owed, owed

_log = logging.getLogger(__name__)

_TICK_SECONDS = 60
_LISTEN_SECONDS = 0.5
# How often pending deliveries are tried again, and organisations looked through for what is due, in seconds.
_RETRY_SECONDS = 60
# How often it is looked whether the configuration changed, in seconds.
_RELOAD_SECONDS = 5


class CrontabTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 has no types
    """Fires when a crontab schedule is due in a zone: once on the night when a time comes twice."""

    def __init__(self, schedule: str, zone: ZoneInfo) -> None:
        self._schedule = schedule
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the next moment after the last firing, or after now where there was none."""
        return next_due(self._schedule, self._zone, previous_fire_time or now)


class Worker:
    """One worker's tasks: a poll for each forge, which waits for no other, and the report, which waits for all.

    Once ``stop`` is set, a poll records what has been answered, and ends.
    """

    def __init__(self, app: App, store: Store, forges: Mapping[str, Forge], stop: Event) -> None:
        self._app = app
        self._store = store
        self._forges = forges
        self._stop = stop
        # Taken in this order by who takes several.
        self._turns = {name: Lock() for name in sorted(forges)}
        self._reporting = Lock()
        self._slower: dict[str, float] = {}

    def poll(self, forge: str) -> None:
        """Poll the repositories of a forge that are due."""
        with self._turns[forge]:
            watched = [repository for repository in self._app.repositories() if repository.forge == forge]
            self._poll(due(watched, self._store, self._timing(), now()))

    def follow(self) -> None:
        """List the organisations that it is time for."""
        settings = self._app.settings
        if settings.organisations:
            follow(settings.organisations, self._forges, self._store, now, settings.full_every)

    def report(self) -> None:
        """Poll, so that the digests are complete, then make and post what is owed."""
        with self._reporting:
            if self._is_owed():
                self._poll_all()
            if not self._stop.is_set():
                self._report()

    def _poll_all(self) -> None:
        with ExitStack() as turns:
            for turn in self._turns.values():
                turns.enter_context(turn)
            self._poll(complete(self._app.repositories(), self._store, self._app.timing(), now()))

    def _timing(self) -> Timing:
        """Give the pace that keeps to the share of each forge's limit; tell when it changes."""
        timing = self._app.timing()
        timing = within(timing, budgets(self._app.repositories(), self._forges, self._store, timing, now()))
        slower = {name: round(factor, 1) for name, factor in timing.slower.items() if factor > 1}
        if slower != self._slower:
            self._slower = slower
            _log.info("polled slower, to keep to the share of the limit: %s", slower or "none any more")
        return timing

    def _poll(self, asked: Sequence[Asked]) -> None:
        if not asked:
            return
        with structlog.contextvars.bound_contextvars(poll=uuid4().hex[:8]):
            self._poll_now(asked)

    def _poll_now(self, asked: Sequence[Asked]) -> None:
        polling = poll(asked, self._forges, self._store, now, self._stop)
        polled = new = failed = requests = 0
        for outcome in self._app.gatherer(self._forges, self._store).after(
            polling, [each.repository for each in asked]
        ):
            polled += 1
            new += len(outcome.new)
            failed += outcome.error is not None
            requests += outcome.requests
        of = ", ".join(sorted({each.repository.forge for each in asked}))
        told = (plural(polled, "repository"), of, plural(new, "new tag"), failed, plural(requests, "request"))
        _log.info("polled %s of %s: %s, %d failed, %s", *told)
        fit_members(self._app.settings.organisations, self._app.settings.repositories, self._store)

    def _orders(self) -> Sequence[DigestOrder]:
        return self._app.orders(self._store)

    def _is_owed(self) -> bool:
        moment = self._app.as_of_now()
        # Every order is looked at: the first look is also where its schedule begins to count.
        owing = [order for order in self._orders() if owed(order, self._store, moment)]
        return any(self._app.chat.missing(order.channel) is None for order in owing)

    def _report(self) -> None:
        chat = self._app.chat
        orders = [order for order in self._orders() if chat.missing(order.channel) is None]
        make_owed(orders, self._store, chat, self._app.as_of_now())
        self._app.courier(self._store).deliver_all()


def work(app: App, stop: Event, take_up: Callable[[App], None] = lambda _: None) -> None:
    """Work until ``stop`` is set; then finish the tasks under way and return.

    Where the configuration changes, ``take_up`` is told, and the work goes on by the new one.
    """
    changed: App | None = app
    while changed is not None:
        app = changed
        with app.store() as store:
            changed = _work_as_configured(app.as_known(store), store, stop)
        if changed is not None:
            take_up(changed)


def _work_as_configured(app: App, store: Store, stop: Event) -> App | None:
    """Work until ``stop`` is set, or the configuration changes, which is given back."""
    _tell_what_is_missing(app)
    over = Event()
    reloading = Reloading(app, store)
    # Kept for as long as the worker works: connections, and what a forge said of its limits.
    with (
        app.forges(app.watched_forges()) as forges,
        monitored(app.settings.monitoring, partial(app.standing, store, forges), app.settings.time_zone),
        chatting(app, store),
    ):
        jobs = tasks(Worker(app, store, forges, over), app, forges)
        zone = app.settings.time_zone
        clock = BackgroundScheduler(timezone=zone, executors={"default": ThreadPoolExecutor(len(jobs))})
        for task in jobs:
            # A late or doubled wake-up is run once, however late: APScheduler drops it by default.
            clock.add_job(
                guarded,
                task.trigger,
                args=[task],
                id=task.name,
                coalesce=True,
                misfire_grace_time=None,
                max_instances=1,
            )
            if task.is_begun_with:
                clock.add_job(guarded, args=[task], misfire_grace_time=None)
        clock.start()
        _log.info("watching %s", plural(len(app.settings.repositories), "repository"))
        changed = _wait(stop, reloading)
        over.set()
        if changed is None:
            _log.info("stopping")
        _shut_down(clock)
    return changed


def _wait(stop: Event, reloading: Reloading) -> App | None:
    """Wait for the end, or for another configuration."""
    looked_at = monotonic()
    # A signal that comes just before an endless wait begins would be heeded only after it.
    while not stop.wait(_LISTEN_SECONDS):
        if monotonic() - looked_at >= _RELOAD_SECONDS:
            looked_at = monotonic()
            if (changed := reloading.look()) is not None:
                return changed
    return None


def _shut_down(clock: BackgroundScheduler) -> None:
    """Wait for the tasks under way, in turns: another signal that comes just before an endless wait would be lost."""
    ending = Thread(target=clock.shutdown)
    ending.start()
    while ending.is_alive():
        ending.join(_LISTEN_SECONDS)


@dataclass(frozen=True)
class Task:
    """What is done when, and whether it is done at the start too."""

    name: str
    run: Callable[[], None]
    trigger: BaseTrigger
    is_begun_with: bool = False


def tasks(worker: Worker, app: App, forges: Mapping[str, Forge]) -> list[Task]:
    """List what is done when; the report is also tried every minute, for what could not be sent before."""
    zone = app.settings.time_zone
    tick = IntervalTrigger(seconds=_tick(app.settings.poll_every), timezone=zone)
    retry = IntervalTrigger(seconds=_RETRY_SECONDS, timezone=zone)
    schedules = sorted({digest.schedule for digest in app.settings.digests})
    return [
        *(Task(f"poll {name}", partial(worker.poll, name), tick, is_begun_with=True) for name in forges),
        Task("follow", worker.follow, retry, is_begun_with=True),
        Task("report", worker.report, retry, is_begun_with=True),
        *(Task(f"report {schedule}", worker.report, CrontabTrigger(schedule, zone)) for schedule in schedules),
    ]


def _tick(every: timedelta) -> int:
    """Give how often to look which repositories are due, in seconds: each has its own moment within ``every``."""
    return min(_TICK_SECONDS, int(every.total_seconds()))


def guarded(task: Task) -> None:
    """Run a task; whatever goes wrong is logged, and the worker goes on."""
    try:
        task.run()
    except BotError as error:
        _log.error("%s: %s", task.name, error)
    except Exception:  # noqa: BLE001 - logged; one task's fault must not end the worker
        _log.exception("%s: a fault of the bot's own", task.name)


def _tell_what_is_missing(app: App) -> None:
    channels = dict.fromkeys(channel for digest in app.settings.digests for channel in digest.channels)
    missing = [found for channel in channels if (found := app.chat.missing(channel)) is not None]
    for where, what in dict.fromkeys((each.where, each.what) for each in missing):
        _log.warning("%s: %s: digests are not posted there until the worker is started with it", where, what)
