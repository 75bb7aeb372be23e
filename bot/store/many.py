"""Rows written by the thousand: one statement, compiled once, and values prepared column by column.

SQLAlchemy's own way looks up and prepares each value of each row by itself, which takes longer than SQLite takes to
write the row.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.store.rows import Values

_Prepare = Callable[[Any], Any]


def insert_many(connection: sa.Connection, table: sa.Table, rows: Iterable[Values]) -> None:
    """Insert rows, all of the same columns, of which there are at least two.

    Rows that are made one by one, as they are taken, leave a tenth of the memory to be walked through.
    """
    taken = iter(rows)
    first = next(taken, None)
    if first is None:
        return
    dialect = connection.dialect
    names = tuple(column.name for column in table.c if column.name in first)
    statement, prepare = _compiled(dialect, table, names)
    columns: list[Sequence[Any]] = list(zip(*map(itemgetter(*names), chain([first], taken)), strict=True))
    for place, each in prepare:
        columns[place] = _prepared(columns[place], each)
    prepared = list(zip(*columns, strict=True))
    if dialect.positional:
        connection.exec_driver_sql(statement, prepared)
    else:
        connection.exec_driver_sql(statement, [dict(zip(names, row, strict=True)) for row in prepared])


def _prepared(values: Sequence[Any], prepare: _Prepare) -> list[Any]:
    """Prepare a column's values; one that all rows share, as a first poll's moment or None, is prepared once."""
    if len(set(map(id, values))) == 1:
        return [prepare(values[0])] * len(values)
    return list(map(prepare, values))


@lru_cache(maxsize=32)
def _compiled(
    dialect: Dialect, table: sa.Table, names: tuple[str, ...]
) -> tuple[str, tuple[tuple[int, _Prepare], ...]]:
    """Return the statement, and what prepares the values of those columns that need it, by their places."""
    compiled = sa.insert(table).inline().compile(dialect=dialect, column_keys=names)
    prepare = (table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    return str(compiled), tuple((place, each) for place, each in enumerate(prepare) if each is not None)
