"""Counts of the wanted releases, read from an index alone."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.domain.counts import GroupBy, Tally, is_calendar, pieces
from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.periods.period import Period
from bot.store.membership import given, one_of, one_selected
from bot.store.rows import KINDS
from bot.store.schema import UtcDateTime, releases, repositories
from bot.store.wanted import SERIES, Conditions, of_kinds, of_series, positions, within

# Read for each group, not for each release.
_KEY = (
    sa.select(repositories.c.key)
    .where(repositories.c.id == releases.c.repository_id)
    .correlate(releases)
    .scalar_subquery()
)
_COLUMNS = (GroupBy.REPOSITORY, GroupBy.SERIES, GroupBy.KIND)
# With more steps than these, one in the index for each repository and piece, all releases are sooner walked once.
_STEPS = 20_000

_Piece = tuple[datetime, datetime]


def read_tally(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
    """Count the wanted releases by series and kind, and by repository too where the units say so.

    With calendar units, or by repository alone, they are counted by the units alone.
    """
    count = _Count(connection, wanted)
    if any(is_calendar(unit) for unit in units):
        rows = _pieces(connection, wanted, units, zone)
        told = [unit for unit in _COLUMNS if unit in units]
        found = count.by(told, rows) if told else count.by_pieces(rows)
    elif list(units) == [GroupBy.REPOSITORY]:
        found = count.by([GroupBy.REPOSITORY])
    else:
        found = count.by([unit for unit in _COLUMNS if unit in {*units, GroupBy.SERIES, GroupBy.KIND}])
    places = {"": 0} | positions(wanted)
    return sorted(found, key=lambda tally: (places[tally.repository], tally.order))


class _Count:
    """Counts the wanted releases: of each rule by one statement, which reads an index alone."""

    def __init__(self, connection: sa.Connection, wanted: Wanted) -> None:
        self._connection = connection
        self._wanted = wanted

    def by(self, told: Sequence[GroupBy], pieces: Sequence[_Piece] = ()) -> Iterator[Tally]:
        """Yield how many releases share the values of some columns, and the piece of the calendar."""
        # All of history is walked in the order of series; a part of it is found by its dates.
        series = SERIES if pieces or self._wanted.since is not None else releases.c.series
        each = dict(zip(_COLUMNS, (releases.c.repository_id, series, releases.c.kind), strict=True))
        shared = [each[unit] for unit in told]
        source: sa.FromClause = releases
        begin: sa.ColumnElement[Any] = sa.null()
        if pieces:
            piece = self._given(pieces)
            source, begin = releases.join(piece, _is_in(piece)), piece.c.begin
            shared.append(begin)
        shown = {**each, GroupBy.REPOSITORY: _KEY}
        columns = [shown[unit] if unit in told else sa.null() for unit in _COLUMNS]
        numbers = (sa.func.min(releases.c.order_key), sa.func.count())
        counted: sa.Select[Any] = sa.select(*columns, *numbers, begin).select_from(source).group_by(*shared)
        for rule in self._wanted.rules:
            # Of the bounds of a piece and of all the time wanted SQLite would look up the wider ones.
            bounds = [] if pieces else within(self._wanted)
            conditions = [*self._of_rule(rule, series), *bounds]
            for key, name, kind, order, number, date in self._connection.execute(counted.where(*conditions)):
                yield Tally(key or "", name or "", KINDS[kind] if kind else None, order, number, date)

    def by_pieces(self, pieces: Sequence[_Piece]) -> Iterator[Tally]:
        """Yield how many releases each piece of the calendar has, without sorting them by it."""
        piece = self._given(pieces)
        for rule in self._wanted.rules:
            is_walked = len(rule.repositories) * len(pieces) > _STEPS and not rule.series
            conditions = (*self._of_rule(rule, SERIES, is_walked=is_walked), _is_in(piece))
            count = sa.select(sa.func.count()).select_from(releases).where(*conditions).correlate(piece)
            query = sa.select(piece.c.begin, count.scalar_subquery().label("number")).select_from(piece)
            for row in self._connection.execute(query):
                if row.number:
                    yield Tally(repository="", series="", kind=None, order="", count=row.number, date=row.begin)

    def _of_rule(self, rule: ReleaseRule, series: sa.ColumnElement[str], *, is_walked: bool = False) -> Conditions:
        known = sa.select(repositories.c.id).where(one_of(repositories.c.key, rule.repositories))
        number = releases.c.repository_id
        # Not found by an index: all releases are walked once by date, not by repository for each piece.
        of_known = sa.func.coalesce(number, 0).in_(known) if is_walked else one_selected(number, known)
        return [of_known, *of_kinds(rule, self._wanted), *of_series(rule, series)]

    def _given(self, pieces: Sequence[_Piece]) -> sa.Subquery:
        return given(self._connection, {"begin": UtcDateTime, "after": UtcDateTime}, pieces)


def _pieces(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> Sequence[_Piece]:
    """Return the pieces of the calendar in the time wanted, each with its end: a range of an index."""
    since = wanted.since or _first_date(connection, wanted) or wanted.until
    starts = pieces(units, Period(since, wanted.until, zone)) or [wanted.until]
    return list(pairwise([*starts, wanted.until]))


def _is_in(piece: sa.Subquery) -> sa.ColumnElement[bool]:
    return sa.and_(releases.c.date >= piece.c.begin, releases.c.date < piece.c.after)


def _first_date(connection: sa.Connection, wanted: Wanted) -> datetime | None:
    """Read the first date of the wanted releases, by one step in the index for each repository."""
    found: list[datetime | None] = []
    for rule in wanted.rules:
        first = sa.select(sa.func.min(releases.c.date)).where(releases.c.repository_id == repositories.c.id)
        of_each = first.where(*of_kinds(rule, wanted), *within(wanted)).correlate(repositories).scalar_subquery()
        query = sa.select(of_each.label("first")).where(one_of(repositories.c.key, rule.repositories)).subquery()
        found.append(connection.scalar(sa.select(sa.func.min(query.c.first))))
    return min((date for date in found if date is not None), default=None)
