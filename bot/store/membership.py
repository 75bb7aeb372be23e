"""Membership: a column compared with a list, or rows to be joined, bound as one parameter however many they are.

PostgreSQL takes 65,535 parameters a statement, SQLite 32,766 or 250,000 as it was built:
``IN`` with a parameter for each repository fails beyond that number.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine, UserDefinedType


class _Array(UserDefinedType[str]):
    """An array on PostgreSQL, bound as its literal: psycopg takes longer for a list than the server for its rows."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, item: type[TypeEngine[Any]]) -> None:
        self.item = item

    def get_col_spec(self, **_options: object) -> str:
        return f"{self.item().compile()}[]"


# Each of the statements behind an answer is given the same list.
@lru_cache(maxsize=8)
def _as_json(values: tuple[Any, ...]) -> str:
    return json.dumps(values, ensure_ascii=False)


@lru_cache(maxsize=8)
def _as_array(values: tuple[Any, ...]) -> str:
    """Write values as the literal of an array: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO."""
    return f"{{{','.join(_element(each) for each in values)}}}"


def _element(value: Any) -> str:
    if not isinstance(value, str):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _List(sa.TypeDecorator[Iterable[Any]]):
    """A list of strings or numbers in one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_json = dialect.name == "sqlite"
        return dialect.type_descriptor(sa.Text() if is_json else _Array(self.item))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        values = tuple(value or ())
        return _as_json(values) if dialect.name == "sqlite" else _as_array(values)


class _Member(FunctionElement[bool]):
    """Whether the first clause, a column, is in the second, a ``_List``."""

    name = "member"
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002
        # Else SQLAlchemy compares it with 1 on SQLite, and no index is used.
        return self


@compiles(_Member, "postgresql")
def _member_on_postgresql(element: _Member, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_Member, "sqlite")
def _member_on_sqlite(element: _Member, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are made by SQLAlchemy


def one_of(column: sa.ColumnElement[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column of strings or numbers has one of the values, found by its index."""
    given = sa.literal(values, _List(type(column.type)))
    return _Member(column, given)


class _Selected(FunctionElement[bool]):
    """Whether the first clause, a column, is in the second, a query of one column."""

    name = "selected"
    type = sa.Boolean()
    inherit_cache = True
    self_group = _Member.self_group


@compiles(_Selected, "postgresql")
def _selected_on_postgresql(element: _Selected, compiler: SQLCompiler, **options: Any) -> str:
    column, query = (compiler.process(clause, **options) for clause in element.clauses)
    # An array is looked up in an index; the rows of a query may be joined by reading all.
    return f"{column} = ANY (ARRAY{query})"


@compiles(_Selected, "sqlite")
def _selected_on_sqlite(element: _Selected, compiler: SQLCompiler, **options: Any) -> str:
    column, query = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN {query}"


def one_selected(column: sa.ColumnElement[Any], query: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column has one of the values that a query selects, found by its index."""
    return _Selected(column, query.correlate(None).scalar_subquery())


def given(
    connection: sa.Connection, columns: Mapping[str, type[TypeEngine[Any]]], rows: Iterable[Sequence[Any]]
) -> sa.Subquery:
    """Return rows of strings, numbers or moments as a table with these columns, bound as one parameter or one for each.

    It is meant to be joined: each of its rows then finds others by an index.
    """
    listed = list(rows)
    if connection.dialect.name == "sqlite":
        written = [
            kind().dialect_impl(connection.dialect).bind_processor(connection.dialect) for kind in columns.values()
        ]
        texts = [
            [each if write is None else write(each) for each, write in zip(row, written, strict=True)] for row in listed
        ]
        each = sa.func.json_each(json.dumps(texts, ensure_ascii=False)).table_valued("value", name="json_each")
        parts = [
            sa.type_coerce(sa.func.json_extract(each.c.value, f"$[{place}]"), kind).label(name)
            for place, (name, kind) in enumerate(columns.items())
        ]
        # With an offset the JSON is taken apart once for each row, and not wherever its columns are used.
        return sa.select(*parts).offset(0).subquery("given")
    arrays = [
        sa.literal(
            [row[place] for row in listed], sa.ARRAY(kind) if issubclass(kind, sa.TypeDecorator) else _List(kind)
        )
        for place, kind in enumerate(columns.values())
    ]
    names = [sa.column(name, kind()) for name, kind in columns.items()]
    table = sa.func.unnest(*arrays).table_valued(*names, name="unnested").render_derived()
    return sa.select(*(table.c[name] for name in columns)).subquery("given")


def given_pairs(connection: sa.Connection, pairs: Iterable[tuple[str, str]]) -> sa.Subquery:
    """Return pairs of strings as a table with the columns ``key`` and ``name``."""
    return given(connection, {"key": sa.Text, "name": sa.Text}, pairs)
