"""Rows written by the thousand: one statement, compiled once, and values prepared column by column.

SQLAlchemy's own way looks up and prepares each value of each row by itself, which takes longer than SQLite takes to
write the row.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice, repeat
from operator import is_
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.store.rows import Columns, Values

_Prepare = Callable[[Any], Any]
# Of so many rows, what all of them share and no value has to be prepared for is written into the statement: to bind a
# value takes a fiftieth of the time of a row.
_MANY = 100
# As many parameters as a statement may have in every SQLite: one for as many rows as have them takes four fifths of the
# time of one for each row.
_PARAMETERS = 999
_NAMED = re.compile(r"%\([a-z0-9_]+\)s")


def insert_many(connection: sa.Connection, table: sa.Table, columns: Columns, own: Values) -> None:
    """Insert rows, given by their columns; ``own`` is what all of them share."""
    count = len(next(iter(columns.values())))
    if count == 0:
        return
    given = {**columns, **{name: [value] * count for name, value in own.items()}}
    same = {name: values[0] for name, values in given.items() if all(map(is_, values, repeat(values[0])))}
    plain = ((name, value) for name, value in same.items() if value is None or isinstance(value, bool))
    written = tuple(plain) if count >= _MANY else ()
    bound = given.keys() - dict(written).keys()
    names = tuple(column.name for column in table.c if column.name in bound)
    head, row, prepare = _compiled(connection.dialect, table, names, written)
    prepared = (_prepared(given[name], each, is_same=name in same) for name, each in zip(names, prepare, strict=True))
    rows = list(zip(*prepared, strict=True))
    size = _PARAMETERS // len(names)
    whole = count - count % size
    for some, each in ((rows[:whole], size), (rows[whole:], 1)):
        values = chain.from_iterable(some)
        parts = [tuple(islice(values, each * len(names))) for _ in range(len(some) // each)]
        if parts:
            connection.exec_driver_sql(f"{head} VALUES {', '.join([row] * each)}", parts)


def _prepared(values: Sequence[Any], prepare: _Prepare | None, *, is_same: bool) -> Iterable[Any]:
    """Prepare a column's values; one that all rows share, as a first poll's moment, is prepared once."""
    if prepare is None:
        return values
    return repeat(prepare(values[0]), len(values)) if is_same else map(prepare, values)


@lru_cache(maxsize=128)
def _compiled(
    dialect: Dialect, table: sa.Table, names: tuple[str, ...], written: tuple[tuple[str, bool | None], ...]
) -> tuple[str, str, tuple[_Prepare | None, ...]]:
    """Return the statement up to its values, those of one row, and what prepares each column's, None for nothing.

    ``written`` are values that stand in the statement, by their columns.
    """
    values = {name: sa.null() if value is None else sa.true() if value else sa.false() for name, value in written}
    statement = sa.insert(table).inline().values(values) if values else sa.insert(table).inline()
    compiled = str(statement.compile(dialect=dialect, column_keys=[*names, *values]))
    head, _, row = compiled.partition(" VALUES ")
    prepare = (table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    # By their places: several rows have parameters of the same names.
    return head, _NAMED.sub("%s", row), tuple(prepare)
