"""The worker: polls and posts due digests on schedule, until it is stopped.

APScheduler is only the clock. Rows in the database decide what is due and what was sent,
so that a restart, a missed wake-up or a second worker changes nothing.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App
from bot.domain.digests.schedule import next_due
from bot.render.words import plural
from bot.web.app import Mount, served
from bot.web.metrics import Monitor
from bot.worker.chat import chatting
from bot.worker.context import TaskContext
from bot.worker.hooks import hooked, mounts_of_hooks
from bot.worker.jobs import Jobs
from bot.worker.pages import mounts_of_pages
from bot.worker.reload import Reloading, wait
from bot.worker.systemd import ServiceManager
from bot.worker.tasks.announce import announce_releases
from bot.worker.tasks.digests import report
from bot.worker.tasks.organisations import follow_organisations
from bot.worker.tasks.poll import poll_due
from bot.worker.turns import guarded_run

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)

_TICK_SECONDS = 60
_LISTEN_SECONDS = 0.5
# How long running tasks may take to end when the configuration changed, in seconds; a signal waits less.
_ENDING_SECONDS = 120.0
# How often pending deliveries are retried, and due organisations listed, in seconds.
RETRY_SECONDS = 60


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


@dataclass(frozen=True)
class Engine:
    """What runs the tasks: ``running`` does while its context lasts, and lets running ones finish then.

    ``require`` raises UsageError for a configuration with which it cannot.
    """

    running: Callable[[TaskContext], AbstractContextManager[None]]
    require: Callable[[App], None] = lambda _: None


@contextmanager
def in_process(context: TaskContext) -> Iterator[None]:
    """Run the tasks in threads of this process while the context lasts, then let running ones finish."""
    todo = tasks(context)
    zone = context.app.settings.time_zone
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
    try:
        yield
    finally:
        context.stop.set()
        wait_for_tasks(clock.shutdown)


IN_PROCESS = Engine(in_process)


def work(
    app: App, stop: Event, use_changed: Callable[[App], None] = lambda _: None, *, engine: Engine = IN_PROCESS
) -> None:
    """Work until ``stop`` is set; then finish running tasks and return.

    When the configuration changes, call ``use_changed`` and continue with the new one.
    """
    engine.require(app)
    manager = ServiceManager(app.variables)
    changed: App | None = app
    while changed is not None:
        app = changed
        with app.store() as store:
            changed = _work_as_configured(app.as_known(store), store, stop, engine, manager)
        if changed is not None:
            use_changed(changed)


def _work_as_configured(app: App, store: "Store", stop: Event, engine: Engine, manager: ServiceManager) -> App | None:
    """Work until ``stop`` is set or the configuration changes; return the changed app, or None."""
    _tell_what_is_missing(app)
    address = app.settings.web.address
    jobs = Jobs()
    reloading = Reloading(app, store, require=engine.require)
    # Kept while the worker runs: connections, and reported rate limits.
    with (
        app.forges(app.watched_forges(), store) as forges,
        closing(Monitor(partial(app.status, store, forges), app.settings.time_zone, jobs.overdue)) as monitor,
        chatting(app, store) as mounts,
        hooked(context := TaskContext(app, store, forges, Event(), jobs)) as hooks,
        served(
            [
                *_monitoring(app, monitor),
                *mounts,
                *mounts_of_hooks(app, store, address, hooks.wake),
                *mounts_of_pages(app, store, forges),
            ]
        ),
        engine.running(context),
    ):
        _log.info("watching %s", plural(len(app.repositories()), "repository"))
        manager.notify_ready()

        def meanwhile() -> None:
            hooks.wake_due()
            manager.notify_alive(jobs.overdue())

        changed = wait(stop, reloading, meanwhile, manager.most_seconds)
        if changed is None:
            _log.info("stopping")
            manager.notify_stopping()
    return changed


def _monitoring(app: App, monitor: Monitor) -> list[Mount]:
    address = app.settings.monitoring.address
    return [monitor.mount(address)] if address else []


def wait_for_tasks(shut_down: Callable[[], None]) -> None:
    """Wait for running tasks, in short steps: a signal just before an endless wait would be lost.

    A task that hangs is abandoned. ``shut_down`` returns once all have ended.
    """
    ends = monotonic() + _ENDING_SECONDS
    ending = Thread(target=shut_down, daemon=True)
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


def tasks(context: TaskContext) -> list[Task]:
    """Return the tasks; the report also runs every minute, to retry deliveries.

    Announcements are made after each poll that brings tags, and every minute: for releases announced for a day, for
    what became of those that were told, and for what a worker that died left undone.
    """
    settings, forges = context.app.settings, context.forges
    zone, seconds = settings.time_zone, tick_of(settings.poll.every)
    tick, retry = (IntervalTrigger(seconds=each, timezone=zone) for each in (seconds, RETRY_SECONDS))
    schedules = sorted({digest.schedule for digest in settings.digests})
    reporting = partial(report, context)
    return [
        *(Task(f"poll {name}", partial(poll_due, context, name, seconds), tick, is_begun_with=True) for name in forges),
        *(
            Task(f"follow {name}", partial(follow_organisations, context, name), retry, is_begun_with=True)
            for name in forges
        ),
        Task("report", reporting, retry, is_begun_with=True),
        Task("announce", partial(announce_releases, context), retry, is_begun_with=True),
        *(Task(f"report {schedule}", reporting, CrontabTrigger(schedule, zone)) for schedule in schedules),
    ]


def tick_of(every: timedelta) -> int:
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
