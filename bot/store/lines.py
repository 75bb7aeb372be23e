"""Rows of the database as lines of JSON, and back: an open format that each database can read.

The first line names the format and the schema's revision, each other line a row with
its table, the last one how many rows there were. Moments and days are those of ISO
8601, moments in UTC.
"""

import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.store.schema import UtcDateTime, metadata

FORMAT, VERSION = "release-bot", 1
TABLE, ROWS = "table", "rows"

# Both databases' largest number.
_LARGEST = 2**63 - 1

Row = dict[str, Any]


class BrokenLine(Exception):
    """A line that is not of the format; the text says why."""


def head(revision: str, at: datetime) -> str:
    """Write the first line."""
    return _line({"format": FORMAT, "version": VERSION, "revision": revision, "exported_at": at.isoformat()})


def row_line(table: sa.Table, row: sa.RowMapping) -> str:
    """Write a row's line."""
    return _line({TABLE: table.name, **{column.name: _written(row[column.name]) for column in table.columns}})


def end(rows: int) -> str:
    """Write the last line."""
    return _line({ROWS: rows})


def read_line(text: bytes) -> Row:
    """Read any line. Raises BrokenLine."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenLine("invalid JSON") from error
    if not isinstance(value, dict):
        raise BrokenLine("not a JSON object")
    return value


def revision_of(first: Row) -> str:
    """Return the revision that a first line names. Raises BrokenLine for a line of another format."""
    if first.get("format") != FORMAT or not isinstance(first.get("revision"), str):
        raise BrokenLine("not the first line of a release-bot export")
    if first.get("version") != VERSION:
        raise BrokenLine(f"unsupported format version {first.get('version')}; supported: {VERSION}")
    return str(first["revision"])


def read_row(line: Row) -> tuple[sa.Table, Row]:
    """Read the table and the values of a row's line. Raises BrokenLine."""
    table = metadata.tables.get(str(line.get(TABLE)))
    if table is None:
        raise BrokenLine("unknown table")
    names = {column.name for column in table.columns}
    given = line.keys() - {TABLE}
    if given != names:
        raise BrokenLine(f"wrong columns for {table.name} ({_difference(names, given)})")
    return table, {column.name: _read(column, line[column.name]) for column in table.columns}


def _difference(expected: AbstractSet[str], given: AbstractSet[str]) -> str:
    kinds = {"missing": expected - given, "unknown": given - expected}
    return ", ".join(f"{kind}: {', '.join(sorted(names))}" for kind, names in kinds.items() if names)


def tables() -> Iterator[sa.Table]:
    """Yield the tables, each after those that it refers to."""
    yield from metadata.sorted_tables


def _line(value: Row) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(column: sa.Column[Any], value: Any) -> Any:
    if value is None and column.nullable:
        return None
    try:
        return _converted(column, value)
    except (TypeError, ValueError) as error:
        raise BrokenLine(f'invalid value for column "{column.name}"') from error


def _converted(column: sa.Column[Any], value: Any) -> Any:
    """Return a column's value. Raises TypeError and ValueError."""
    if isinstance(column.type, sa.JSON):
        return value
    if isinstance(column.type, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.utcoffset() is None:
            raise ValueError
        return moment
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    expected = {sa.Boolean: bool, sa.BigInteger: int, sa.Integer: int, sa.Text: str}[type(column.type)]
    if type(value) is not expected:
        raise TypeError
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError
    return value
