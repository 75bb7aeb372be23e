"""One database behind its URL: connections that are set up alike, and transactions to read or to write."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import URL

from bot.store.errors import StoreError
from bot.store.files import keep_private

# How long to wait for another writer, in seconds; the URL may say otherwise.
_LOCK_SECONDS = 5
# How long PostgreSQL may take for one answer, and where its schema is changed, in seconds.
_ANSWER_SECONDS, _UPGRADE_SECONDS = 40.0, 3600.0

_FORMS = "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
_BEGIN = "sqlite_begin"
# Modes of a SQLite URL that create no file.
_READING = ("ro", "rw", "memory")
# By the primary result code, https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: (
        "locked by another process",
        "if the lock persists, stop the process that holds it",
    ),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that it is a file in an existing, writable folder"),
    sqlite3.SQLITE_CORRUPT: ("damaged database", "restore a backup"),
    sqlite3.SQLITE_FULL: ("disk full", "free some disk space; nothing of this step was written"),
    sqlite3.SQLITE_IOERR: ("I/O error", "check disk and quota; nothing of this step was written"),
    sqlite3.SQLITE_NOTADB: ("not a SQLite database", "use another file, or move this one away"),
    sqlite3.SQLITE_PERM: ("permission denied", "give this user write permission for the file and its folder"),
    sqlite3.SQLITE_READONLY: ("read-only database", "give this user write permission for the file and its folder"),
}

# By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "25006": ("read-only server", "use the primary server in the URL"),
    "42501": ("permission denied", "grant the user rights on the database and its schema"),
    "53100": ("disk full", "free some disk space; nothing of this step was written"),
}

_UNREACHABLE = "check that the server is running, and host, user, password and database in the URL"


_encode = json.JSONEncoder().encode


class _Snapshots(threading.local):
    """The connection on which each thread reads its snapshot, None where it has none."""

    connection: sa.Connection | None = None


@dataclass(frozen=True)
class Database:
    """A database that can be connected to; ``where`` names it in errors, without its password."""

    engine: sa.Engine
    where: str
    is_read_only: bool = False
    _snapshots: _Snapshots = field(default_factory=_Snapshots, repr=False, compare=False)
    # Threads that write to SQLite wait for each other here, in turn: its own lock is polled, and one thread may starve.
    _turn: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    @classmethod
    def at(cls, url: str, *, patience: float = _ANSWER_SECONDS) -> "Database":
        """Make ready to connect; nothing is connected yet. Raises StoreError for a URL of no known form.

        ``patience`` is how many seconds PostgreSQL may take for an answer.
        """
        parsed = read_url(url)
        is_sqlite = parsed.drivername == "sqlite"
        return cls(
            _sqlite_engine(parsed) if is_sqlite else _postgresql_engine(parsed, patience),
            shown(parsed),
            parsed.query.get("mode") == "ro",
        )

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite; else it is PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @cached_property
    def _reader(self) -> sa.Engine:
        return self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")

    @cached_property
    def _writer(self) -> sa.Engine:
        # A transaction that first reads and then writes fails at once in SQLite if another wrote
        # in between, whatever the timeout: writers therefore take the lock as they begin.
        return self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read in one transaction, which sees one state of the database throughout: that of the thread's snapshot."""
        if (held := self._snapshots.connection) is not None:
            with store_errors(self.where):
                yield held
            return
        with store_errors(self.where), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all that this thread reads meanwhile see one state of the database, in one transaction.

        A snapshot within another is part of it. Other threads read for themselves; of a database in memory, which has
        one connection, they wait for it.
        """
        with self.reading() as connection:
            before, self._snapshots.connection = self._snapshots.connection, connection
            try:
                yield
            finally:
                self._snapshots.connection = before

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Write in one transaction: all of it or nothing. Raises RuntimeError within a snapshot."""
        if self._snapshots.connection is not None:
            # What was written would not be seen until the snapshot ends, and in memory there is no second connection.
            raise RuntimeError("nothing can be written within a snapshot")
        with (
            self._turn if self.is_sqlite else nullcontext(),
            store_errors(self.where),
            self._writer.begin() as connection,
        ):
            yield connection

    @contextmanager
    def upgrading(self) -> Iterator[sa.Connection]:
        """Write in one transaction, each step of which may take long: it rewrites whole tables, or waits for others."""
        with self.writing() as connection:
            driver: Any = connection.connection.driver_connection
            if self.is_sqlite:
                yield connection
                return
            before, driver.patience = driver.patience, _UPGRADE_SECONDS
            try:
                yield connection
            finally:
                driver.patience = before


def read_url(url: str) -> URL:
    """Read a database's URL; ``postgres://`` is understood too. Raises StoreError, which never shows the URL."""
    try:
        parsed = sa.make_url(url.replace("postgres://", "postgresql://", 1))
    except (sa.exc.ArgumentError, ValueError) as error:
        raise StoreError("database", "invalid URL", _FORMS) from error
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise StoreError("database", f"unsupported database {backend}", _FORMS)
    if backend == "sqlite" and parsed.host:
        raise StoreError("database", "a SQLite URL cannot have a host", "use three slashes: sqlite:///FILE")
    return parsed.set(drivername="sqlite" if backend == "sqlite" else "postgresql+psycopg")


def file_of(url: URL) -> Path | None:
    """Return the file of a SQLite database, None for one in memory."""
    name = url.database or ""
    if name.startswith("file:"):
        name = unquote(urlsplit(name).path)
    return None if name in {"", ":memory:"} else Path(name)


def shown(url: URL) -> str:
    """Name a database for people, without its password."""
    if url.drivername == "sqlite":
        return str(file_of(url) or "the database in memory")
    without_password = url.set(drivername="postgresql").difference_update_query(["password", "sslpassword"])
    return without_password.render_as_string(hide_password=True)


def insert(connection: sa.Connection, table: sa.Table) -> Any:
    """Begin an INSERT that can say what to do on a conflict, in the words of the connection's database."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table)


def json_of(value: Any) -> str:
    """Return a value as JSON; a list of one, such as the tags of most releases, in a third of the usual time."""
    is_one = type(value) is list and len(value) == 1
    return f"[{_encode(value[0])}]" if is_one else _encode(value)


def _sqlite_engine(url: URL) -> sa.Engine:
    connect: dict[str, Any] = {} if "timeout" in url.query else {"timeout": _LOCK_SECONDS}
    kept: dict[str, Any] = {}
    if file_of(url) is None:
        # A database in memory is its connection: one is kept, and handed from thread to thread.
        connect["check_same_thread"] = False
        kept = {"poolclass": sa.QueuePool, "pool_size": 1, "max_overflow": 0}
    engine = sa.create_engine(url, hide_parameters=True, json_serializer=json_of, connect_args=connect, **kept)
    if (path := file_of(url)) is not None and url.query.get("mode") not in _READING:
        sa.event.listen(engine, "do_connect", lambda *_: keep_private(path))
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # _begin_sqlite says BEGIN, not Python's driver
    with suppress(sqlite3.OperationalError):
        # Refused while another process makes this very change; then there is nothing left to do.
        connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL would be enough for kill -9. FULL also keeps what was claimed over a loss of power:
    # a delivery that was posted must not come back as pending.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _postgresql_engine(url: URL, patience: float) -> sa.Engine:
    from bot.store.postgresql import postgresql_engine

    return postgresql_engine(url, patience)


@contextmanager
def store_errors(where: str) -> Iterator[None]:
    """Turn the database's errors into StoreError; ``where`` names the database, without its password."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        raise _clear(where, getattr(error, "orig", None) or error) from error
    except UnicodeEncodeError as error:
        raise StoreError(where, "cannot store a string that is not valid Unicode") from error


def _clear(where: str, error: BaseException) -> StoreError:
    first_line = str(error).partition("\n")[0]
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return StoreError(where, *_SQLITE.get(code & 0xFF, (first_line,)))
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return StoreError(where, *_POSTGRESQL.get(state, (first_line,)))
    return StoreError(where, first_line, "" if isinstance(error, sqlite3.Error) else _UNREACHABLE)
