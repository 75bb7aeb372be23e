"""Numbers of releases by month, week and series, so that counting a long time reads some of them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_UNITS = {"month": 12, "week": 53}
_AT_ONCE = 1000
_Row = dict[str, Any]
_STREAMING = {"stream_results": True, "yield_per": _AT_ONCE}

_releases = sa.table(
    "releases",
    sa.column("repository_id", sa.BigInteger),
    sa.column("kind", sa.Text),
    sa.column("series", sa.Text),
    sa.column("order_key", sa.Text),
    sa.column("date", UtcDateTime),
    sa.column("state", sa.Text),
)


def upgrade() -> None:
    by_unit = {unit: _counts_in(unit, most) for unit, most in _UNITS.items()}
    by_series = op.create_table(
        "counts_by_series",
        sa.Column("repository_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("lowest", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("last", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("repository_id", "series", "kind", name="pk_counts_by_series"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_counts_by_series_repository_id_repositories"
        ),
        sqlite_with_rowid=False,
    )
    by_kind = op.create_table(
        "counts_by_kind",
        sa.Column("repository_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("undated", sa.BigInteger, nullable=False),
        sa.Column("first", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "kind", name="pk_counts_by_kind"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_counts_by_kind_repository_id_repositories"
        ),
        sqlite_with_rowid=False,
    )
    for unit, table in by_unit.items():
        _fill(table, _rows_in(unit))
    _fill(by_series, _rows_by_series())
    _fill(by_kind, _rows_by_kind())


def _counts_in(unit: str, most: int) -> sa.Table:
    name = f"counts_by_{unit}"
    numbers = (f"{unit}_{number}" for number in range(1, most + 1))
    return op.create_table(
        name,
        sa.Column("repository_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("year", sa.BigInteger, nullable=False, autoincrement=False),
        *(sa.Column(number, sa.BigInteger, nullable=False, server_default="0") for number in numbers),
        sa.PrimaryKeyConstraint("repository_id", "kind", "year", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["repository_id"], ["repositories.id"], name=f"fk_{name}_repository_id_repositories"),
        sqlite_with_rowid=False,
    )


def _fill(table: sa.Table, rows: Iterator[_Row]) -> None:
    while batch := list(islice(rows, _AT_ONCE)):
        op.get_bind().execute(sa.insert(table), batch)


def _counted(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    of = _releases.c
    return sa.select(*columns).where(of.state.not_in(("withdrawn", "left_out")))


def _rows_in(unit: str) -> Iterator[_Row]:
    """Yield a row for each repository, kind and year; they are read in this order, and not kept."""
    of = _releases.c
    line = (of.repository_id, of.kind)
    query = _counted(*line, of.date).where(of.date.is_not(None)).order_by(*line, of.date)
    found = op.get_bind().execute(query, execution_options=_STREAMING)
    placed = ((row.repository_id, row.kind, *_place(unit, row.date)) for row in found)
    for (repository_id, kind, year), each in groupby(placed, key=lambda row: row[:3]):
        numbers = {f"{unit}_{number}": 0 for number in range(1, _UNITS[unit] + 1)}
        for *_, number in each:
            numbers[f"{unit}_{number}"] += 1
        yield {"repository_id": repository_id, "kind": kind, "year": year, **numbers}


def _place(unit: str, at: datetime) -> tuple[int, int]:
    return (at.year, at.month) if unit == "month" else at.isocalendar()[:2]


def _rows_by_series() -> Iterator[_Row]:
    of = _releases.c
    line = (of.repository_id, of.series, of.kind)
    numbers = (sa.func.count().label("number"), sa.func.min(of.order_key).label("lowest"))
    query = _counted(*line, *numbers, sa.func.max(of.date).label("last")).group_by(*line)
    found = op.get_bind().execute(query.where(of.date.is_not(None)), execution_options=_STREAMING)
    return map(dict, found.mappings())


def _rows_by_kind() -> Iterator[_Row]:
    of = _releases.c
    line = (of.repository_id, of.kind)
    undated = (sa.func.count() - sa.func.count(of.date)).label("undated")
    query = _counted(*line, undated, sa.func.min(of.date).label("first")).group_by(*line)
    return map(dict, op.get_bind().execute(query, execution_options=_STREAMING).mappings())
