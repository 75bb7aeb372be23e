"""The database that the workers share: a file, or a server of PostgreSQL that is killed and started again."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

from tests.databases import Postgresql


class SharedDatabase(Protocol):
    """Where the workers keep what they know."""

    url: str

    def strike(self) -> None:
        """Kill it, so that it has to recover."""
        ...

    def start(self) -> None:
        """Start it again."""
        ...


class SqliteFile:
    """A file: nothing that could be killed apart from the workers."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/bot.db"

    def strike(self) -> None:
        """Nothing to kill."""

    def start(self) -> None:
        """Nothing to start."""


class Server:
    """A server of PostgreSQL of its own."""

    def __init__(self, postgresql: Postgresql) -> None:
        self._postgresql = postgresql
        # What was committed outlives the server, as anywhere else.
        postgresql.keep_commits()
        self.url = postgresql.new()

    def strike(self) -> None:
        """Stop it without a word to its clients and without writing anything more: as if it were killed."""
        self._postgresql.strike()

    def start(self) -> None:
        """Start it again: it recovers."""
        self._postgresql.start()


@contextmanager
def shared_database(kind: str, folder: Path) -> Iterator[SharedDatabase]:
    """Make a database, ``sqlite`` or ``postgresql``."""
    if kind == "sqlite":
        yield SqliteFile(folder)
        return
    # As root the package opens every folder above its own to all users.
    place = Path(mkdtemp(prefix="release-bot-crash-"))
    postgresql = Postgresql(place)
    try:
        yield Server(postgresql)
    finally:
        postgresql.stop()
        shutil.rmtree(place, ignore_errors=True)
