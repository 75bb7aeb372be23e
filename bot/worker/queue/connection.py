"""The queue's connections to PostgreSQL, and what its library does where one of them fails."""

import asyncio
from collections.abc import Iterator
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


class _Jobs(JobManager):
    """Jobs whose end is recorded in any case: one that is left open by a worker that lives is never rescued."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - as inherited
        """Record the end of a job, once the database answers; nothing if it was given to another meanwhile."""
        while True:
            try:
                return await super().finish_job(job, status, delete_job)
            except ConnectorException as error:
                if not isinstance(error.__cause__, psycopg.OperationalError):
                    return None
            await asyncio.sleep(_PAUSE)


def open_queue(url: str, schema: str) -> App:
    """Return an app whose jobs are in a schema of the database at a URL; nothing is connected yet."""
    connector = _Connector(
        conninfo=url,
        configure=partial(_use_schema, schema),
        min_size=1,
        max_size=_MOST,
        timeout=_PATIENCE,
    )
    app = App(connector=connector)
    app.job_manager = _Jobs(connector)
    return app


async def _use_schema(schema: str, connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(psycopg.sql.SQL("SET search_path TO {}").format(psycopg.sql.Identifier(schema)))
    await connection.commit()
