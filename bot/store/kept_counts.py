"""The numbers of releases by month, week and series that are kept with the releases, and written whenever they are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.releases import Release
from bot.store.grids import MONTHS, WEEKS, Grid
from bot.store.many import insert_many
from bot.store.membership import one_selected
from bot.store.rows import Values
from bot.store.schema import counts_by_kind, counts_by_month, counts_by_series, counts_by_week, releases
from bot.store.wanted import IS_COUNTED, Conditions, known

# The kind, the series, the order and the date of a release, in UTC.
_Counted = tuple[str, str, str, datetime | None]
_Dated = tuple[str, str, str, datetime]
_TABLES = (counts_by_month, counts_by_week, counts_by_kind, counts_by_series)
_Key = tuple[Any, ...]


def are_kept(rule: ReleaseRule, wanted: Wanted) -> bool:
    """Return whether numbers are kept of what a rule wants: of some series, and with withdrawn ones, none are."""
    return not rule.series and not wanted.with_withdrawn


def kept_of(rule: ReleaseRule, table: sa.Table) -> Conditions:
    """Return the conditions of the numbers kept of what a rule wants."""
    is_kind = table.c.kind.in_(sorted(kind.value for kind in rule.kinds))
    return [one_selected(table.c.repository_id, known(rule)), is_kind]


def recount(connection: sa.Connection, repository_id: int) -> None:
    """Make the numbers of a repository those of its releases as they are written, touching only what differs."""
    of = releases.c
    query = sa.select(of.kind, of.series, of.order_key, of.date)
    rows = connection.execute(query.where(of.repository_id == repository_id, IS_COUNTED))
    _keep(connection, repository_id, [(kind, series, order, at) for kind, series, order, at in rows])


def count_anew(connection: sa.Connection, repository_id: int, of: Iterable[Release]) -> None:
    """Make the numbers of a repository those of its releases, all of which are given, touching only what differs."""
    counted = [
        (release.kind.value, release.series, release.order, release.date and release.date.astimezone(UTC))
        for release in of
        if release.is_counted
    ]
    _keep(connection, repository_id, counted)


def _keep(connection: sa.Connection, repository_id: int, counted: Sequence[_Counted]) -> None:
    dated: list[_Dated] = [(kind, series, order, at) for kind, series, order, at in counted if at is not None]
    undated = Counter(kind for kind, _, _, at in counted if at is None)
    for grid in (MONTHS, WEEKS):
        _replace(connection, grid.table, repository_id, _by_year(dated, grid))
    _replace(connection, counts_by_kind, repository_id, _by_kind(dated, undated))
    _replace(connection, counts_by_series, repository_id, _by_series(dated))


def forget_counts(connection: sa.Connection, of: sa.Select[Any]) -> None:
    """Delete the numbers of the repositories that a query selects by their ids."""
    for table in _TABLES:
        connection.execute(sa.delete(table).where(table.c.repository_id.in_(of)))


def _by_year(dated: Iterable[_Dated], grid: Grid) -> dict[_Key, _Key]:
    """Return the numbers of each kind and year."""
    counted = Counter((kind, *grid.place(at.date())) for kind, _, _, at in dated)
    years: dict[_Key, list[int]] = defaultdict(lambda: [0] * len(grid.columns))
    for (kind, year, number), count in counted.items():
        years[kind, year][number - 1] = count
    return {key: tuple(numbers) for key, numbers in years.items()}


def _by_kind(dated: Iterable[_Dated], undated: Mapping[str, int]) -> dict[_Key, _Key]:
    """Return how many releases of each kind have no date, and the first date of the others."""
    first: dict[str, datetime] = {}
    for kind, _, _, at in dated:
        first[kind] = min(first.get(kind, at), at)
    return {(kind,): (undated.get(kind, 0), first.get(kind)) for kind in {*first, *undated}}


def _by_series(dated: Iterable[_Dated]) -> dict[_Key, _Key]:
    """Return the number, the lowest version and the last date of each series and kind."""
    lines: dict[_Key, _Key] = {}
    for kind, series, order, at in dated:
        number, lowest, last = lines.get((series, kind), (0, order, at))
        lines[series, kind] = (number + 1, min(lowest, order), max(last, at))
    return lines


def _replace(connection: sa.Connection, table: sa.Table, repository_id: int, made: Mapping[_Key, _Key]) -> None:
    names: Sequence[str] = [column.name for column in table.c if column.name != "repository_id"]
    keys = [column.name for column in table.primary_key if column.name != "repository_id"]
    query = sa.select(*(table.c[name] for name in names)).where(table.c.repository_id == repository_id)
    rows = [tuple(row) for row in connection.execute(query)]
    held = {row[: len(keys)]: row[len(keys) :] for row in rows}
    gone = [key for key, values in held.items() if made.get(key) != values]
    if gone:
        is_it = [table.c[name] == sa.bindparam(f"of_{name}") for name in keys]
        statement = sa.delete(table).where(table.c.repository_id == repository_id, *is_it)
        connection.execute(
            statement, [{f"of_{name}": each for name, each in zip(keys, key, strict=True)} for key in gone]
        )
    new: list[Values] = [
        {"repository_id": repository_id, **dict(zip(names, (*key, *values), strict=True))}
        for key, values in made.items()
        if held.get(key) != values
    ]
    insert_many(connection, table, new)
