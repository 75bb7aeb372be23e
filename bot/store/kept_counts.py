"""The numbers of releases by month, week and series that are kept with the releases, and written whenever they are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.releases import Release
from bot.store.grids import MONTHS, WEEKS, Grid
from bot.store.many import insert_many
from bot.store.membership import one_selected
from bot.store.schema import counts_by_kind, counts_by_month, counts_by_series, counts_by_week, in_utc, releases
from bot.store.wanted import IS_COUNTED, Conditions, known

# The kind, the series, the order and the date of a release.
_Counted = tuple[str, str, str, datetime | None]
# The order and the date of a release.
_Dated = tuple[str, datetime]
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


def count_anew(connection: sa.Connection, repository_id: int, of: Iterable[Release], *, is_new: bool) -> None:
    """Make the numbers of a repository those of its releases, all of which are given, touching only what differs.

    ``is_new`` says that no numbers are held of it.
    """
    counted = [(str(each.kind), each.series, each.order, each.date) for each in of if each.is_counted]
    _keep(connection, repository_id, counted, is_new=is_new)


def _keep(connection: sa.Connection, repository_id: int, counted: Iterable[_Counted], *, is_new: bool = False) -> None:
    undated = Counter[str]()
    dated, lines = defaultdict[str, list[datetime]](list), defaultdict[_Key, list[_Dated]](list)
    for kind, series, order, date in counted:
        if date is None:
            undated[kind] += 1
            continue
        at = in_utc(date)
        dated[kind].append(at)
        lines[series, kind].append((order, at))
    made = {grid.table: _by_year(dated, grid) for grid in (MONTHS, WEEKS)}
    # Of each kind how many releases have no date, and the first date of the others.
    firsts = {kind: min(dates) for kind, dates in dated.items()}
    kinds = {(kind,): (undated[kind], firsts.get(kind)) for kind in firsts.keys() | undated.keys()}
    made |= {counts_by_kind: kinds, counts_by_series: {key: _of_series(line) for key, line in lines.items()}}
    for table, numbers in made.items():
        held = {} if is_new else _held(connection, table, repository_id)
        _replace(connection, table, repository_id, held, numbers)


def forget_counts(connection: sa.Connection, of: sa.Select[Any]) -> None:
    """Delete the numbers of the repositories that a query selects by their ids."""
    for table in _TABLES:
        connection.execute(sa.delete(table).where(table.c.repository_id.in_(of)))


def _by_year(dated: Mapping[str, Iterable[datetime]], grid: Grid) -> dict[_Key, _Key]:
    """Return the numbers of each kind and year."""
    pieces = len(grid.columns)
    years: dict[_Key, list[int]] = defaultdict(lambda: [0] * pieces)
    for kind, dates in dated.items():
        for (year, number), count in Counter(map(grid.place, dates)).items():
            years[kind, year][number - 1] = count
    return {key: tuple(numbers) for key, numbers in years.items()}


def _of_series(line: Sequence[_Dated]) -> _Key:
    """Return the number, the lowest version and the last date of a series."""
    orders, dates = zip(*line, strict=True)
    return len(line), min(orders), max(dates)


def _held(connection: sa.Connection, table: sa.Table, repository_id: int) -> dict[_Key, _Key]:
    names, keys = _columns(table)
    query = sa.select(*(table.c[name] for name in names)).where(table.c.repository_id == repository_id)
    rows = [tuple(row) for row in connection.execute(query)]
    return {row[: len(keys)]: row[len(keys) :] for row in rows}


def _replace(
    connection: sa.Connection,
    table: sa.Table,
    repository_id: int,
    held: Mapping[_Key, _Key],
    made: Mapping[_Key, _Key],
) -> None:
    names, keys = _columns(table)
    gone = [key for key, values in held.items() if made.get(key) != values]
    if gone:
        is_it = [table.c[name] == sa.bindparam(f"of_{name}") for name in keys]
        statement = sa.delete(table).where(table.c.repository_id == repository_id, *is_it)
        connection.execute(
            statement, [{f"of_{name}": each for name, each in zip(keys, key, strict=True)} for key in gone]
        )
    new = [(*key, *values) for key, values in made.items() if held.get(key) != values]
    if new:
        columns = dict(zip(names, zip(*new, strict=True), strict=True))
        insert_many(connection, table, columns, {"repository_id": repository_id})


@cache
def _columns(table: sa.Table) -> tuple[list[str], list[str]]:
    """Return the names of all columns but the repository's, and of those among them that a row is known by."""
    names = [column.name for column in table.c if column.name != "repository_id"]
    return names, [name for name in names if table.c[name].primary_key]
