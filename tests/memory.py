"""Stores in memory, made ready in a moment: what a connection has learned of its statements is kept between them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.store import Store

_URL = "sqlite://"
# Engines that no test uses now. Each has one connection, and has compiled the statements of the tests before.
_idle: list[sa.Engine] = []


@contextmanager
def store_in_memory() -> Iterator[Store]:
    """Yield an empty store in memory whose schema is up to date."""
    engine = _idle.pop() if _idle else Database.at(_URL).engine
    database = Database(engine, "the database in memory")
    _empty(database)
    with_connections = engine.pool
    try:
        yield Store(database)
    finally:
        # A thread of the test may still hold the connection: then nobody else gets this engine.
        if engine.pool is with_connections and engine.pool.checkedout() == 0:  # type: ignore[attr-defined]
            _idle.append(engine)
        else:
            engine.dispose()


def _empty(database: Database) -> None:
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        _template().backup(driver)


@cache
def _template() -> sqlite3.Connection:
    """Return a connection to a database that is up to date and empty."""
    with Store.open(_URL) as store, store.database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        template = sqlite3.connect(":memory:")
        driver.backup(template)
    return template
