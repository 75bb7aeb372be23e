"""How the database is: where it is, how large, and how much room is left beside it."""

import shutil
from dataclasses import dataclass

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
