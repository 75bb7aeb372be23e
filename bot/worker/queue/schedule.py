"""The schedule of the jobs: those of each tick are made once for all workers.

It goes by the database's clock: a worker's own may be wrong, or jump.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import JobDeferrer

from bot.worker.queue.jobs import Tick

# Not the moment at which a transaction began.
_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::double precision AS seconds"


async def begin(app: App, made: Sequence[Tick]) -> None:
    """Make each job once, as a worker begins with all of them."""
    for tick in made:
        # One that waits already does the same.
        with suppress(AlreadyEnqueued):
            await _configured(app, tick).defer_async(**tick.arguments)


async def make_jobs(app: App, made: Sequence[Tick]) -> None:
    """Make the jobs whenever they are due, until cancelled: whichever worker is first makes one for all.

    A tick is due at each multiple of its seconds since 1970; what was missed is not made up for.
    """
    last: dict[str, int] = {}
    while True:
        now = await _clock(app)
        for tick in made:
            moment = int(now // tick.seconds) * tick.seconds
            if last.get(tick.name) != moment:
                await _make(app, tick, moment)
                last[tick.name] = moment
        await asyncio.sleep(min(tick.seconds - now % tick.seconds for tick in made))


async def _clock(app: App) -> float:
    row = await app.connector.execute_query_one_async(_CLOCK)
    return float(row["seconds"])


async def _make(app: App, tick: Tick, moment: int) -> None:
    deferred = _configured(app, tick, task_kwargs={**tick.arguments, "timestamp": moment})
    with suppress(AlreadyEnqueued):
        await app.job_manager.defer_periodic_job(deferred.job, tick.name, moment)


def _configured(app: App, tick: Tick, **options: Any) -> JobDeferrer:
    return app.tasks[tick.task].configure(lock=tick.lock, queueing_lock=tick.queueing_lock, **options)
