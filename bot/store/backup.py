"""A copy of the database, whole even while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from bot.services.ports import StoreError
from bot.store.database import file_of, read_url, shown
from bot.store.errors import told_clearly
from bot.store.files import new_file
from bot.store.read_only import read_only_options

# Copied in one step, in pages of 4 KiB: 16 MiB, some hundredths of a second.
_PAGES = 4096


def backup(url: str, target: Path) -> None:
    """Copy the SQLite database at ``url`` to the file ``target``, which must not exist. Raises StoreError.

    The copy is one state of the database, and is either there whole or not at all.
    """
    source = _source(url)
    with new_file(target) as copy:
        _copy(source, copy)


def _source(url: str) -> Path:
    parsed = read_url(url)
    if parsed.drivername != "sqlite":
        raise StoreError(shown(parsed), "cannot back up a PostgreSQL database", "use pg_dump")
    path = file_of(parsed)
    if path is None:
        raise StoreError("the database in memory", "cannot be backed up", "use the URL of a file")
    if not path.is_file():
        raise StoreError(str(path), "no such database", "check the URL in the configuration")
    return path


def _copy(source: Path, copy: Path) -> None:
    """Copy page by page in one transaction: in WAL mode that keeps no writer waiting."""
    options = urlencode({"mode": "rw"} | read_only_options(source))
    with (
        told_clearly(str(source)),
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?{options}", uri=True)) as original,
        closing(sqlite3.connect(copy)) as written,
    ):
        # What is read first fixes the state that is copied, however many steps the copy takes.
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        # Between two steps Python heeds Ctrl-C.
        original.backup(written, pages=_PAGES, progress=lambda *_: None)
