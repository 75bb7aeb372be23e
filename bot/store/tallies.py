"""Counts of the wanted releases: read from an index alone, or of a long time from the numbers that are kept of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.domain.counts import GroupBy, Tally, is_calendar, pieces
from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.periods.period import Period
from bot.domain.versions.version import ReleaseKind
from bot.store.grids import MONTHS, Grid, grid_of, midnight_of, months_between
from bot.store.kept_counts import are_kept, kept_of
from bot.store.membership import given, one_of, one_selected
from bot.store.rows import KINDS
from bot.store.schema import UtcDateTime, counts_by_kind, counts_by_series, releases, repositories
from bot.store.wanted import IS_COUNTED, SERIES, SOME_DATE, Conditions, known, of_kinds, of_series, positions, within

_COLUMNS = (GroupBy.REPOSITORY, GroupBy.SERIES, GroupBy.KIND)
# With more steps than these, one in the index for each repository and piece, the kept numbers are sooner read.
_STEPS = 2_000
# With more than these, all releases are sooner walked once.
_WALKED = 20_000
# A time of fewer months is counted by the index.
_FEW_MONTHS = 3

# A series that goes on is counted by the index; where more of them do, all releases are.
_FEW_LINES = 10_000

# The number of a repository, a series and a kind.
_Line = tuple[int, str, str]
_Piece = tuple[datetime, datetime]


def read_tally(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
    """Count the wanted releases by the units, where there is none or the series is one, by series and kind too."""
    count = _Count(connection, wanted)
    group_keys = [unit for unit in _COLUMNS if unit in units]
    if any(is_calendar(unit) for unit in units):
        rows = _pieces(connection, wanted, units, zone)
        found = count.by(group_keys, rows) if group_keys else count.by_pieces(rows, grid_of(units))
    elif group_keys and GroupBy.SERIES not in units:
        found = count.by_months(group_keys)
    else:
        found = count.by_series([unit for unit in _COLUMNS if unit in {*units, GroupBy.SERIES, GroupBy.KIND}])
    places = {"": 0} | positions(wanted)
    return sorted(found, key=lambda tally: (places[tally.repository], tally.order))


class _Count:
    """Counts the wanted releases, those of each rule by statements of their own."""

    def __init__(self, connection: sa.Connection, wanted: Wanted) -> None:
        self._connection = connection
        self._wanted = wanted
        self._are_kept = all(are_kept(rule, wanted) for rule in wanted.rules)

    def by(self, group_keys: Sequence[GroupBy], pieces: Sequence[_Piece] = ()) -> Iterator[Tally]:
        """Yield how many releases share the values of some columns, and the piece of the calendar."""
        # All of history, and named series, are walked in the order of series; a part of it is found by its dates.
        is_part = pieces or self._wanted.since is not None
        is_named = any(rule.series for rule in self._wanted.rules)
        series = SERIES if is_part and not is_named else releases.c.series
        each = dict(zip(_COLUMNS, (releases.c.repository_id, series, releases.c.kind), strict=True))
        source: sa.FromClause = releases
        begin: sa.ColumnElement[Any] = sa.null()
        shared = []
        if pieces:
            piece = self._given(pieces)
            source, begin = releases.join(piece, _is_in(piece)), piece.c.begin
            shared.append(begin)
        is_by_date = not pieces and self._wanted.since is not None and GroupBy.SERIES not in group_keys
        # Without the order of versions, an index by date has all that is counted by.
        order = sa.func.min(releases.c.order_key) if GroupBy.SERIES in group_keys else sa.literal("")
        for rule in self._wanted.rules:
            # SQLite takes longer to sort by a kind that is always the same.
            kind = next(iter(rule.kinds)) if len(rule.kinds) == 1 and GroupBy.KIND in group_keys else None
            own_keys = [unit for unit in group_keys if kind is None or unit is not GroupBy.KIND]
            counted = _grouped(own_keys, each, (order, sa.func.count(), begin), shared).select_from(source)
            # Of the bounds of a piece and of all the time wanted SQLite would look up the wider ones.
            bounds = [] if pieces else within(self._wanted)
            is_walked = is_by_date and self._has_most(rule)
            yield from self._tallies(counted.where(*self._of_rule(rule, is_walked=is_walked), *bounds), kind)

    def _has_most(self, rule: ReleaseRule) -> bool:
        """Return whether a rule has at least half of all repositories that are held, and names no series."""
        if rule.series or len(rule.repositories) == 1:
            return False
        held = self._connection.scalar(sa.select(sa.func.max(repositories.c.id))) or 0
        return 2 * len(rule.repositories) >= held

    def by_pieces(self, pieces: Sequence[_Piece], grid: Grid | None = None) -> Iterator[Tally]:
        """Yield how many releases each piece of the calendar has; many pieces are made up of those of the grid."""
        for rule in self._wanted.rules:
            is_many = len(rule.repositories) * len(pieces) > _STEPS
            if grid is not None and is_many and are_kept(rule, self._wanted):
                numbers = self._on_grid(rule, pieces, grid)
            else:
                numbers = self._in_pieces(rule, pieces)
            for (begin, _), number in zip(pieces, numbers, strict=True):
                if number:
                    yield Tally(repository="", series="", kind=None, order="", count=number, date=begin)

    def by_months(self, group_keys: Sequence[GroupBy]) -> Iterator[Tally]:
        """Yield how many releases share the values of some columns: as kept of the months, and of what lies between."""
        since, until = self._wanted.since, self._wanted.until
        first = None if since is None else MONTHS.nearest(since)
        after = MONTHS.nearest(until)
        is_short = first is not None and months_between(first, after) < _FEW_MONTHS
        if is_short or not self._are_kept:
            yield from self.by(group_keys)
            return
        kept = MONTHS.table.c
        each = {GroupBy.REPOSITORY: kept.repository_id, GroupBy.KIND: kept.kind}
        number = sa.cast(sa.func.sum(MONTHS.number(first, after)), sa.BigInteger)
        counted = _grouped(group_keys, each, (sa.literal(""), number, sa.null())).where(*MONTHS.years(first, after))
        found: Counter[tuple[str, ReleaseKind | None]] = Counter()
        for rule in self._wanted.rules:
            _add(found, self._tallies(counted.where(*kept_of(rule, MONTHS.table))))
        _add(found, self._between(midnight_of(after), until, group_keys))
        if since is not None and first is not None:
            _add(found, self._between(since, midnight_of(first), group_keys))
        for (repository, kind), count in found.items():
            if count:
                yield Tally(repository, "", kind, "", count)

    def _between(self, begin: datetime, end: datetime, group_keys: Sequence[GroupBy]) -> Iterator[Tally]:
        """Yield the numbers of the time from one moment to another, less than none where that is the earlier one."""
        earlier, later = sorted((begin, end), key=datetime.timestamp)
        if earlier == later:
            return
        for tally in _Count(self._connection, replace(self._wanted, since=earlier, until=later)).by(group_keys):
            yield tally if earlier is begin else replace(tally, count=-tally.count)

    def by_series(self, group_keys: Sequence[GroupBy]) -> Iterator[Tally]:
        """Yield how many releases share the values of some columns, series and kind among them.

        Of all history the numbers are those kept, but for the series that go on after it.
        """
        is_kept = self._wanted.since is None and self._are_kept
        lines = self._going_on() if is_kept else []
        if not is_kept or len(lines) > _FEW_LINES:
            yield from self.by(group_keys)
            return
        kept = counts_by_series.c
        each = {GroupBy.REPOSITORY: kept.repository_id, GroupBy.SERIES: kept.series, GroupBy.KIND: kept.kind}
        numbers = (sa.func.min(kept.lowest), sa.cast(sa.func.sum(kept.number), sa.BigInteger), sa.null())
        counted = _grouped(group_keys, each, numbers).where(kept.last < self._wanted.until)
        for rule in self._wanted.rules:
            yield from self._tallies(counted.where(*kept_of(rule, counts_by_series)))
        if lines:
            yield from self._of_lines(lines, group_keys)

    def _going_on(self) -> list[_Line]:
        """Read the series that have releases after the time wanted too, each for a kind; at most one more than few."""
        kept = counts_by_series.c
        query = sa.select(kept.repository_id, kept.series, kept.kind).where(kept.last >= self._wanted.until)
        found: list[_Line] = []
        for rule in self._wanted.rules:
            rows = self._connection.execute(query.where(*kept_of(rule, counts_by_series)).limit(_FEW_LINES + 1))
            found += [(number, series, kind) for number, series, kind in rows]
        return found

    def _of_lines(self, lines: Sequence[_Line], group_keys: Sequence[GroupBy]) -> Iterator[Tally]:
        """Yield the numbers of some series, each for a kind; they are found by the index of its versions."""
        line = given(self._connection, {"number": sa.BigInteger, "series": sa.Text, "kind": sa.Text}, lines)
        of = releases.c
        is_it = (of.repository_id == line.c.number, of.series == line.c.series, of.kind == line.c.kind)
        each = dict(zip(_COLUMNS, (of.repository_id, of.series, of.kind), strict=True))
        numbers = (sa.func.min(of.order_key), sa.func.count(), sa.null())
        counted = _grouped(group_keys, each, numbers).select_from(line.join(releases, sa.and_(*is_it)))
        yield from self._tallies(counted.where(IS_COUNTED, self._wanted.until > SOME_DATE))

    def _tallies(self, counted: sa.Select[Any], only: ReleaseKind | None = None) -> Iterator[Tally]:
        """Yield the tallies that a query counts, those without a kind of their own of the ``only`` kind."""
        for key, name, kind, order, number, begin in self._connection.execute(counted).all():
            if number:
                yield Tally(key or "", name or "", KINDS[kind] if kind else only, order, int(number), begin)

    def _in_pieces(self, rule: ReleaseRule, pieces: Sequence[_Piece], *, is_walked: bool = False) -> list[int]:
        """Return the number of each piece, counted without sorting the releases by it."""
        piece = self._given(pieces)
        is_walked = is_walked or (len(rule.repositories) * len(pieces) > _WALKED and not rule.series)
        conditions = (*self._of_rule(rule, is_walked=is_walked), _is_in(piece))
        count = sa.select(sa.func.count()).select_from(releases).where(*conditions).correlate(piece)
        query = sa.select(piece.c.begin, piece.c.after, count.scalar_subquery()).select_from(piece)
        numbers = {(begin, after): number for begin, after, number in self._connection.execute(query)}
        return [numbers[each] for each in pieces]

    def _on_grid(self, rule: ReleaseRule, pieces: Sequence[_Piece], grid: Grid) -> list[int]:
        """Return the number of each piece: what is kept up to where a piece of the grid begins, and what is between."""
        edges = [*(begin for begin, _ in pieces), pieces[-1][1]]
        nearest = [grid.nearest(edge) for edge in edges]
        between = {
            edge: (min(edge, midnight_of(day)), max(edge, midnight_of(day)))
            for edge, day in zip(edges, nearest, strict=True)
            if edge != midnight_of(day)
        }
        slivers = dict(zip(between, self._in_pieces(rule, list(between.values()), is_walked=True), strict=True))
        kept = self._kept_before(rule, nearest, grid)
        reached = [
            before + (slivers.get(edge, 0) if edge > midnight_of(day) else -slivers.get(edge, 0))
            for before, edge, day in zip(kept, edges, nearest, strict=True)
        ]
        return [after - before for before, after in pairwise(reached)]

    def _kept_before(self, rule: ReleaseRule, begins: Sequence[date], grid: Grid) -> list[int]:
        """Return how many releases are kept from the first of some pieces of the grid to each of them."""
        year, numbers = grid.table.c.year, map(sa.func.sum, grid.columns)
        conditions = [*kept_of(rule, grid.table), *grid.years(begins[0], begins[-1])]
        query = sa.select(year, *numbers).where(*conditions).group_by(year)
        return grid.up_to(begins, self._connection.execute(query).all())

    def _of_rule(self, rule: ReleaseRule, *, is_walked: bool = False) -> Conditions:
        number = releases.c.repository_id
        # Not found by an index: all releases are walked once by date, not by repository for each piece.
        of_known = sa.func.coalesce(number, 0).in_(known(rule)) if is_walked else one_selected(number, known(rule))
        return [of_known, *of_kinds(rule, self._wanted), *of_series(rule, releases.c.series)]

    def _given(self, pieces: Sequence[_Piece]) -> sa.Subquery:
        return given(self._connection, {"begin": UtcDateTime, "after": UtcDateTime}, pieces)


def _add(found: Counter[tuple[str, ReleaseKind | None]], tallies: Iterable[Tally]) -> None:
    for tally in tallies:
        found[tally.repository, tally.kind] += tally.count


def _grouped(
    group_keys: Sequence[GroupBy],
    each: Mapping[GroupBy, sa.ColumnElement[Any]],
    others: Sequence[sa.ColumnElement[Any]],
    shared: Sequence[sa.ColumnElement[Any]] = (),
) -> sa.Select[Any]:
    """Return the query of a tally: the columns group_keys, NULL for those that are not, and the others."""
    columns = [each[unit] if unit in group_keys else sa.null() for unit in _COLUMNS]
    if GroupBy.REPOSITORY in group_keys:
        # Read for each group, not for each release.
        number = each[GroupBy.REPOSITORY]
        key = sa.select(repositories.c.key).where(repositories.c.id == number).correlate_except(repositories)
        columns[0] = key.scalar_subquery()
    return sa.select(*columns, *others).group_by(*(each[unit] for unit in group_keys), *shared)


def _pieces(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> Sequence[_Piece]:
    """Return the pieces of the calendar in the time wanted, each with its end: a range of an index."""
    until = wanted.until.astimezone(UTC)
    since = wanted.since or _first_date(connection, wanted) or until
    starts = pieces(units, Period(since, until, zone)) or [until]
    return list(pairwise([*starts, until]))


def _is_in(piece: sa.Subquery) -> sa.ColumnElement[bool]:
    return sa.and_(releases.c.date >= piece.c.begin, releases.c.date < piece.c.after)


def _first_date(connection: sa.Connection, wanted: Wanted) -> datetime | None:
    """Read the first date of the wanted releases, where it is not kept by one step in an index for each repository."""
    found: list[datetime | None] = []
    for rule in wanted.rules:
        if are_kept(rule, wanted):
            query = sa.select(sa.func.min(counts_by_kind.c.first)).where(*kept_of(rule, counts_by_kind))
        else:
            first = sa.select(sa.func.min(releases.c.date)).where(releases.c.repository_id == repositories.c.id)
            of_each = first.where(*of_kinds(rule, wanted), *within(wanted)).correlate(repositories).scalar_subquery()
            of_all = sa.select(of_each.label("first")).where(one_of(repositories.c.key, rule.repositories)).subquery()
            query = sa.select(sa.func.min(of_all.c.first))
        found.append(connection.scalar(query))
    return min((date for date in found if date is not None), default=None)
