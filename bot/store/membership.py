"""Membership: a column compared with a list that is bound as one parameter, however long the list is.

PostgreSQL takes 65,535 parameters a statement, SQLite 32,766 or 250,000 as it was built:
``IN`` with a parameter for each repository fails beyond that number.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _List(sa.TypeDecorator[Iterable[Any]]):
    """A list of strings or numbers in one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_json = dialect.name == "sqlite"
        return dialect.type_descriptor(sa.Text() if is_json else ARRAY(self.item))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return json.dumps(values, ensure_ascii=False) if dialect.name == "sqlite" else values


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


def one_of(column: sa.Column[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column of strings or numbers has one of the values, found by its index."""
    given = sa.literal(values, _List(type(column.type)))
    return _Member(column, given)
