"""The queue's connections to PostgreSQL, and what its library does where one of them fails."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, LiteralString

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

# How many connections a worker has for its queue at most, besides one that listens.
_MOST = 4
# How long to wait for a connection, and before a finished job is told again, in seconds.
_PATIENCE, _PAUSE = 10.0, 1.0


@contextmanager
def _in_any_language() -> Iterator[None]:
    """Recognise a lock that is taken, whatever the server's language: the library reads it from an English message."""
    try:
        yield
    except AssertionError as error:
        violation = error.__context__
        if not isinstance(violation, psycopg.errors.UniqueViolation):
            raise
        raise UniqueViolation(constraint_name=violation.diag.constraint_name, queueing_lock=None) from violation


class _Connector(PsycopgConnector):
    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        with _in_any_language():
            await super().execute_query_async(query, **arguments)

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        with _in_any_language():
            row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
            return row

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        with _in_any_language():
            rows: list[dict[str, Any]] = await super().execute_query_all_async(query, **arguments)
            return rows


class Jobs(JobManager):
    """The jobs of a queue; ``alive`` is called at each sign of life that the database has taken.

    The end of a job is recorded in any case: one that is left open by a worker that lives is never rescued.
    """

    def __init__(self, connector: PsycopgConnector, alive: Callable[[], None]) -> None:
        super().__init__(connector)
        self._alive = alive
        # Done with an error when a sign of life cannot be shown; the library looks at the first task that ends alone.
        self.failing: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def update_heartbeat(self, worker_id: int) -> None:
        """Show that this worker lives."""
        try:
            await super().update_heartbeat(worker_id)
        except ConnectorException as error:
            if not self.failing.done():
                self.failing.set_exception(error)
            raise
        self._alive()

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - as inherited
        """Record the end of a job, once the database answers; nothing if it was given to another meanwhile."""
        while True:
            try:
                return await super().finish_job(job, status, delete_job)
            except ConnectorException as error:
                if not isinstance(error.__cause__, psycopg.OperationalError):
                    return None
            await asyncio.sleep(_PAUSE)


def open_queue(conninfo: str, schema: str, alive: Callable[[], None] = lambda: None) -> tuple[App, Jobs]:
    """Return an app whose jobs are in a schema of a database, and those jobs; nothing is connected yet.

    ``alive`` is called at each sign of life that the database has taken.
    """
    connector = _Connector(
        conninfo=conninfo,
        configure=partial(_use_schema, schema),
        min_size=1,
        max_size=_MOST,
        timeout=_PATIENCE,
    )
    app, made = App(connector=connector), Jobs(connector, alive)
    app.job_manager = made
    return app, made


async def _use_schema(schema: str, connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(psycopg.sql.SQL("SET search_path TO {}").format(psycopg.sql.Identifier(schema)))
    await connection.commit()
