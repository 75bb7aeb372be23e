"""How the database is: where it is, how large, and how much room is left beside it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.values import dataclass
from bot.store.database import Database, file_of, read_url
from bot.store.files import is_open_to_everybody
from bot.store.upgrade import REVISIONS


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """An open database; ``size`` in bytes, ``free`` the bytes left on its disk, None where that cannot be told.

    ``is_exposed`` says that every user of the machine may use its file.
    """

    where: str
    revision: str
    size: int | None
    free: int | None
    is_exposed: bool = False


def health(url: str) -> DatabaseHealth:
    """Look at a database whose schema is up to date. Raises StoreError."""
    database = Database.at(url)
    try:
        path = file_of(read_url(url)) if database.is_sqlite else None
        if path is not None and path.is_file():
            size, free = path.stat().st_size, shutil.disk_usage(path.parent).free
            return DatabaseHealth(database.where, REVISIONS[-1], size, free, is_open_to_everybody(path))
        used = None
        if not database.is_sqlite:
            with database.reading() as connection:
                used = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
        return DatabaseHealth(database.where, REVISIONS[-1], used, None)
    finally:
        database.close()


def is_in_use(file: Path) -> bool:
    """Return whether a process has a SQLite database in WAL mode open, or left changes in the log beside it."""
    log = Path(f"{file}-wal")
    if not file.is_file():
        return False
    if log.exists() and log.stat().st_size > 0:
        return True
    with closing(
        sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
    ) as own:
        try:
            own.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Every open connection shares a lock on the file, also one that does nothing.
            own.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        own.execute("ROLLBACK")
        return False
