"""Copies of everything: a backup of the file, whole even while others write; an export to lines, and its import."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

from bot.store import lines
from bot.store.database import Database, file_of, read_url, shown, store_errors
from bot.store.errors import StoreError
from bot.store.files import new_file
from bot.store.read_only import read_only_options, url_to_read
from bot.store.upgrade import REVISIONS

_AT_ONCE = 1000
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
        store_errors(str(source)),
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?{options}", uri=True)) as original,
        closing(sqlite3.connect(copy)) as written,
    ):
        # What is read first fixes the state that is copied, however many steps the copy takes.
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        # Between two steps Python heeds Ctrl-C.
        original.backup(written, pages=_PAGES, progress=lambda *_: None)


def export_lines(url: str, at: datetime) -> Iterator[str]:
    """Write one state of the database at ``url`` as lines, in steady memory however much there is. Raises StoreError.

    The schema is that of this program: the database was opened before.
    """
    database = Database.at(url_to_read(url))
    try:
        yield lines.head(REVISIONS[-1], at)
        count = 0
        with database.reading() as connection:
            streaming = connection.execution_options(stream_results=True, yield_per=_AT_ONCE)
            for table in lines.tables():
                for row in streaming.execute(sa.select(table).order_by(*table.primary_key)).mappings():
                    count += 1
                    yield lines.row_line(table, row)
        yield lines.end(count)
    finally:
        database.close()


def import_lines(url: str, source: str, given: Iterable[bytes]) -> int:
    """Fill the empty database at ``url`` from the lines of ``source``; return the number of rows.

    All of them, or none. Raises StoreError, which names the line that is at fault.
    """
    database = Database.at(url)
    try:
        with database.writing() as connection:
            _require_empty(connection, database.where)
            reader = _Reader(source)
            count = 0
            for table, rows in groupby(reader.rows(given), key=itemgetter(0)):
                count += _insert(connection, table, (row for _, row in rows), reader)
            _number_on(connection)
            return count
    finally:
        database.close()


class _Reader:
    """Reads lines one after the other, and knows at which one it is."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._number = 0

    def rows(self, given: Iterable[bytes]) -> Iterator[tuple[sa.Table, lines.Row]]:
        """Yield each row with its table. Raises StoreError for a broken line, and where the end is missing."""
        count, stated = 0, None
        for self._number, text in enumerate(given, start=1):
            try:
                line = lines.read_line(text)
                if self._number == 1:
                    self._require_revision(lines.revision_of(line))
                elif lines.ROWS in line:
                    stated = line[lines.ROWS]
                else:
                    count += 1
                    yield lines.read_row(line)
            except lines.BrokenLine as error:
                raise self.fault(str(error)) from error
        if stated != count:
            raise StoreError(self._source, "incomplete: its last line is missing", "export again; nothing was imported")

    def fault(self, what: str) -> StoreError:
        """Return the error of the line that is read."""
        hint = "export again; nothing was imported"
        return StoreError(f"{self._source}, line {self._number}", what, hint)

    def _require_revision(self, revision: str) -> None:
        if revision != REVISIONS[-1]:
            what = f"exported at schema revision {revision}, but this version has {REVISIONS[-1]}"
            raise StoreError(self._source, what, "export and import with the same version of release-bot")


def _require_empty(connection: sa.Connection, where: str) -> None:
    for table in lines.tables():
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise StoreError(where, "the database is not empty", "import into a new database; nothing was imported")


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterator[lines.Row], reader: _Reader) -> int:
    count = 0
    while batch := list(islice(rows, _AT_ONCE)):
        try:
            connection.execute(sa.insert(table), batch)
        except sa.exc.IntegrityError as error:
            raise reader.fault(f"this row or an earlier one conflicts with other rows of {table.name}") from error
        count += len(batch)
    return count


def _number_on(connection: sa.Connection) -> None:
    """Let PostgreSQL number new rows after those that brought their numbers; SQLite does so anyway."""
    if connection.dialect.name == "sqlite":
        return
    for table in lines.tables():
        numbered = table.autoincrement_column
        if numbered is not None:
            sequence = sa.func.pg_get_serial_sequence(table.name, numbered.name)
            last = sa.select(sa.func.coalesce(sa.func.max(numbered) + 1, 1)).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, last, sa.false())))
