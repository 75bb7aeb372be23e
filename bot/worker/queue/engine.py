"""Running the tasks as jobs of a queue, in a thread with an event loop, until the worker stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING

from bot.app import App
from bot.domain.errors import UsageError
from bot.store.queue import conninfo_of, make_queue
from bot.worker.context import TaskContext
from bot.worker.worker import Engine, wait_for_tasks

if TYPE_CHECKING:
    import procrastinate

    from bot.worker.queue.connection import Jobs
    from bot.worker.queue.jobs import Tick

_log = logging.getLogger(__name__)

_OPTION = "--queue"
# How often a worker tells that it lives, how long it waits for news of a job, and before it begins again after an
# error, in seconds.
HEARTBEAT_SECONDS, FETCH_SECONDS, PAUSE_SECONDS = 5.0, 5.0, 2.0
# How long the queue may fail before ``/health`` reports it, in seconds.
_FAILING = 60.0


def require_queue(app: App) -> None:
    """Raise UsageError if the tasks of an app cannot be run as jobs of a queue."""
    if app.database_url.startswith("sqlite"):
        what = "a queue needs PostgreSQL, and the database is SQLite"
        raise UsageError(_OPTION, what, "set database.url to a postgresql:// URL, or run without --queue")
    if find_spec("procrastinate") is None:
        raise UsageError(_OPTION, "procrastinate is not installed", 'run: pip install "dirac-release-bot[cluster]"')


@contextmanager
def queued(context: TaskContext) -> Iterator[None]:
    """Run jobs of the queue while the context lasts, then let running ones finish. Raises StoreError."""
    from procrastinate.schema import SchemaManager

    from bot.worker.queue.connection import open_queue
    from bot.worker.queue.jobs import add_tasks, ticks

    conninfo, made = conninfo_of(context.app.database_url), ticks(context)
    schema = make_queue(context.store.database, SchemaManager.get_schema())

    def open_app(alive: Callable[[], None]) -> "tuple[procrastinate.App, Jobs]":
        app, jobs = open_queue(conninfo, schema, alive)
        add_tasks(app, context)
        return app, jobs

    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    # A job for each of its kind, and a thread to look up the database's address.
    loop.set_default_executor(ThreadPoolExecutor(len(made) + 1, thread_name_prefix="job"))
    serving = Thread(target=_run, args=(loop, _serve(context, open_app, made, stop)), name="queue", daemon=True)
    serving.start()

    def shut_down() -> None:
        loop.call_soon_threadsafe(stop.set)
        serving.join()

    try:
        yield
    finally:
        context.stop.set()
        wait_for_tasks(shut_down)
        if not serving.is_alive():
            loop.close()


def _run(loop: asyncio.AbstractEventLoop, serving: Coroutine[None, None, None]) -> None:
    loop.run_until_complete(serving)
    loop.run_until_complete(loop.shutdown_default_executor())


async def _serve(
    context: TaskContext,
    open_app: "Callable[[Callable[[], None]], tuple[procrastinate.App, Jobs]]",
    made: "Sequence[Tick]",
    stop: asyncio.Event,
) -> None:
    """Run jobs until ``stop``; begin again after each error, such as a database that is restarted."""
    with context.jobs.running("queue", _FAILING) as alive:
        while not stop.is_set():
            try:
                await _work(*open_app(alive), made, stop)
                if not stop.is_set():
                    _log.warning("queue: the connection was lost; it begins again")
            except Exception as error:  # noqa: BLE001 - logged; the queue must not end before the worker
                _tell(error.__cause__ or error)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


def _tell(error: BaseException) -> None:
    from psycopg.errors import ForeignKeyViolation

    if isinstance(error, ForeignKeyViolation):
        # Its row is deleted when another worker starts.
        _log.warning("queue: this worker was suspended and counted as dead; it begins again")
    else:
        _log.error("queue: %s; retrying", str(error).partition("\n")[0])


async def _work(app: "procrastinate.App", jobs: "Jobs", made: "Sequence[Tick]", stop: asyncio.Event) -> None:
    from bot.worker.queue.jobs import STALLED_SECONDS
    from bot.worker.queue.schedule import begin, make_jobs

    async with app.open_async():
        await begin(app, made)
        await _first_of(
            stop.wait(),
            jobs.failing,
            make_jobs(app, made),
            # Cancelled, it fetches no more jobs, and waits for those that run.
            app.run_worker_async(
                concurrency=len(made),
                fetch_job_polling_interval=FETCH_SECONDS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                delete_jobs="always",
                install_signal_handlers=False,
            ),
        )


async def _first_of(*works: Awaitable[object]) -> None:
    """Work until one of several works ends, then cancel the others and wait for them; raise the first error."""
    running = [asyncio.ensure_future(each) for each in works]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for each in running:
        each.cancel()
    for found in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(found, Exception):
            raise found


QUEUED = Engine(queued, require_queue)
