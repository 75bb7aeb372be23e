"""The worker: wakes on schedule to poll and to post what is owed, until it is told to stop.

APScheduler is the clock only. What is owed, and what was sent, is decided by rows in
the database, so that a restart, a lost wake-up or a second worker changes nothing.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event, Lock
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App, now
from bot.chatting import chatting
from bot.domain.errors import BotError
from bot.domain.schedules import next_due
from bot.render.words import plural
from bot.services.budgeting import budgets, within
from bot.services.due import Timing, complete, due
from bot.services.polling import Asked, poll
from bot.services.ports import Forge, Store
from bot.services.reporting import DigestOrder, make_owed, owed

_log = logging.getLogger(__name__)

_TICK_SECONDS = 60
# How often pending deliveries are tried again, in seconds.
_RETRY_SECONDS = 60


class CrontabTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 has no types
    """Fires when a crontab schedule is due in a zone: once on the night when a time comes twice."""

    def __init__(self, schedule: str, zone: ZoneInfo) -> None:
        self._schedule = schedule
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the next moment after the last firing, or after now where there was none."""
        return next_due(self._schedule, self._zone, previous_fire_time or now)


class Worker:
    """One worker's two tasks; they never run at the same time."""

    def __init__(self, app: App, store: Store, forges: Mapping[str, Forge]) -> None:
        self._app = app
        self._store = store
        self._forges = forges
        self._turn = Lock()
        self._slower: dict[str, float] = {}

    def poll(self) -> None:
        """Poll the repositories that are due."""
        with self._turn:
            self._poll(due(self._app.repositories(), self._store, self._timing(), now()))

    def report(self) -> None:
        """Poll, so that the digests are complete, then make and post what is owed."""
        with self._turn:
            if self._is_owed():
                self._poll(complete(self._app.repositories(), self._store, self._app.timing(), now()))
            self._report()

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
        polling = poll(asked, self._forges, self._store, now)
        polled = new = failed = requests = 0
        for outcome in self._app.gatherer(self._forges, self._store).after(
            polling, [each.repository for each in asked]
        ):
            polled += 1
            new += len(outcome.new)
            failed += outcome.error is not None
            requests += outcome.requests
        _log.info("polled %d repositories: %d new tags, %d failed, %d requests", polled, new, failed, requests)

    def _orders(self) -> Sequence[DigestOrder]:
        return self._app.orders(self._store)

    def _is_owed(self) -> bool:
        moment = self._app.as_of_now()
        # Every order is looked at: the first look is also where its schedule begins to count.
        moments = [owed(order, self._store, moment) for order in self._orders()]
        return any(moments)

    def _report(self) -> None:
        chat = self._app.chat
        if chat is None:
            return
        make_owed(self._orders(), self._store, chat, self._app.as_of_now())
        self._app.courier(chat, self._store).deliver_all()


def work(app: App, store: Store, stop: Event) -> None:
    """Work until ``stop`` is set; then finish the task under way and return."""
    _tell_what_is_missing(app)
    clock = BackgroundScheduler(timezone=app.settings.time_zone, executors={"default": ThreadPoolExecutor(2)})
    # Kept for as long as the worker works: connections, and what a forge said of its limits.
    with app.forges(app.repositories()) as forges, chatting(app, store):
        worker = Worker(app, store, forges)
        for name, task, trigger in _tasks(worker, app):
            # A late or doubled wake-up is run once, however late: APScheduler drops it by default.
            clock.add_job(
                _guarded, trigger, args=[name, task], id=name, coalesce=True, misfire_grace_time=None, max_instances=1
            )
        _guarded("poll", worker.poll)
        _guarded("report", worker.report)
        clock.start()
        _log.info("watching %s", plural(len(app.settings.repositories), "repository"))
        stop.wait()
        _log.info("stopping")
        clock.shutdown(wait=True)


def _tasks(worker: Worker, app: App) -> list[tuple[str, Callable[[], None], BaseTrigger]]:
    """List what is done when; the report is also tried every minute, for what could not be sent before."""
    zone = app.settings.time_zone
    schedules = sorted({digest.schedule for digest in app.settings.digests})
    return [
        ("poll", worker.poll, IntervalTrigger(seconds=_tick(app.settings.poll_every), timezone=zone)),
        ("retry", worker.report, IntervalTrigger(seconds=_RETRY_SECONDS, timezone=zone)),
        *((f"report {schedule}", worker.report, CrontabTrigger(schedule, zone)) for schedule in schedules),
    ]


def _tick(every: timedelta) -> int:
    """Give how often to look which repositories are due, in seconds: each has its own moment within ``every``."""
    return min(_TICK_SECONDS, int(every.total_seconds()))


def _guarded(name: str, task: Callable[[], None]) -> None:
    """Run a task; whatever goes wrong is logged, and the worker goes on."""
    try:
        task()
    except BotError as error:
        _log.error("%s: %s", name, error)
    except Exception:  # noqa: BLE001 - logged; one task's fault must not end the worker
        _log.exception("%s: a fault of the bot's own", name)


def _tell_what_is_missing(app: App) -> None:
    if app.settings.digests and app.chat is None:
        variable = app.settings.slack.bot_token_env
        _log.warning("$%s is not set: digests are not posted until the worker is started with it", variable)
