"""The worker's tasks as jobs: functions of plain arguments, which some worker runs when their tick comes.

A job only says that it is time to look. What is due is decided by rows, as without a queue, so a job that is lost,
repeated or late costs nothing but time.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from procrastinate import App
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from psycopg.errors import RaiseException

from bot.worker import worker
from bot.worker.context import TaskContext
from bot.worker.tasks.announce import announce_releases
from bot.worker.tasks.digests import report
from bot.worker.tasks.organisations import follow_organisations
from bot.worker.tasks.poll import poll_due
from bot.worker.turns import guarded_run

_log = logging.getLogger(__name__)

# How often the jobs of workers that died are looked for, and the age of a heartbeat from which a worker is one, in
# seconds.
RESCUE_SECONDS, STALLED_SECONDS = 10, 20


@dataclass(frozen=True)
class Tick:
    """A job that is due every so many seconds: its name, its task, and the arguments of that.

    Jobs with one ``lock`` run one after another, whichever workers run them. Of jobs with one name at most one waits.
    """

    name: str
    task: str
    seconds: int
    lock: str | None
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def queueing_lock(self) -> str:
        """The lock of waiting jobs: there is one of a kind for each forge and token."""
        return f"{self.name}, {self.lock}"


def ticks(context: TaskContext) -> list[Tick]:
    """Return the jobs that are made again and again.

    Polls of a forge, and what is asked about its organisations, have a lock for each token: it is named by the host
    and the token's fingerprint in this database.
    """
    every, retry = worker.tick_of(context.app.settings.poll.every), worker.RETRY_SECONDS
    made = [Tick("rescue", "rescue", RESCUE_SECONDS, None)]
    for forge, of in context.accounts.items():
        arguments = {"forge": forge}
        made.append(Tick(f"poll {forge}", "poll", every, of.account, {**arguments, "spacing": every}))
        made.append(Tick(f"follow {forge}", "follow", retry, f"{of.account} organisations", arguments))
    return [*made, Tick("report", "report", retry, "report"), Tick("announce", "announce", retry, "announce")]


def add_tasks(app: App, context: TaskContext) -> None:
    """Give an app its tasks, which work with the parts that this process has open."""
    functions: dict[str, Callable[..., None]] = {
        "poll": poll_due,
        "follow": follow_organisations,
        "report": report,
        "announce": announce_releases,
    }
    for name, function in functions.items():
        app.task(name=name)(partial(_run, context, name, function))
    app.task(name="rescue")(partial(rescue, app))


def _run(context: TaskContext, name: str, function: Callable[..., None], **arguments: Any) -> None:
    # When its tick was says nothing: what is due does.
    arguments.pop("timestamp", None)
    # Another worker may watch more than this one, until both have read a changed configuration.
    if not context.stop.is_set() and arguments.get("forge") in {None, *context.forges}:
        guarded_run(_shown(name, arguments), partial(function, context, **arguments))


def _shown(name: str, arguments: Mapping[str, Any]) -> str:
    return " ".join(str(each) for each in (name, arguments.get("forge")) if each)


async def rescue(app: App, **_: Any) -> None:
    """Let the jobs of workers that died be done by others: until then they hold their locks."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        _log.warning("%s: its worker has disappeared; another does it", _shown(job.task_name, job.task_kwargs))
        await give_to_another(app, job)


async def give_to_another(app: App, job: Job) -> None:
    """Let a job be done by another worker; nothing if it has ended, or was given to one, meanwhile."""
    try:
        await app.job_manager.retry_job(job)
    except ConnectorException as error:
        if isinstance(error.__cause__, RaiseException):
            return
        if not isinstance(error, UniqueViolation):
            raise
        # The next of its kind waits already, and does all that this one would have done.
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
