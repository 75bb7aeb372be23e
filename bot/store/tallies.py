"""Answers straight from the database: counts, the newest, the highest of each series, without reading a history."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.domain.counts import GroupBy, Tally, is_calendar, pieces
from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.periods.period import Period
from bot.domain.releases import Release, ReleaseState
from bot.domain.versions.version import ReleaseKind
from bot.store.membership import given, one_of, one_selected
from bot.store.rows import KINDS, OF_A_RELEASE, release_of
from bot.store.tables import UtcDateTime, releases, repositories, unclassified_tags

_IS_NOT_WITHDRAWN = releases.c.state != ReleaseState.WITHDRAWN.value
_IS_FINAL = releases.c.kind != ReleaseKind.PRE_RELEASE.value
# Not found by an index: without statistics SQLite takes a series for rarer than the releases of a month.
_SERIES = sa.func.coalesce(releases.c.series, "")
# Nor this: of all time the releases of a series are the fewer ones.
_DATE = sa.func.coalesce(releases.c.date, None)
# Read for each group, not for each release.
_KEY = (
    sa.select(repositories.c.key)
    .where(repositories.c.id == releases.c.repository_id)
    .correlate(releases)
    .scalar_subquery()
)
_COLUMNS = (GroupBy.REPOSITORY, GroupBy.SERIES, GroupBy.KIND)
_NEWEST_FIRST = (releases.c.date.desc(), releases.c.order_key.desc())
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_Conditions = list[sa.ColumnElement[bool]]
# With more steps than these, one in the index for each repository and piece, all releases are sooner walked once.
_STEPS = 50_000

_Piece = tuple[datetime, datetime]


def read_tally(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
    """Count the wanted releases by series and kind, and by repository too where the units say so.

    With calendar units they are counted by the units alone.
    """
    count = _Count(connection, wanted)
    if any(is_calendar(unit) for unit in units):
        rows = _pieces(connection, wanted, units, zone)
        told = [unit for unit in _COLUMNS if unit in units]
        found = count.by(told, rows) if told else count.by_pieces(rows)
    else:
        found = count.by([unit for unit in _COLUMNS if unit in {*units, GroupBy.SERIES, GroupBy.KIND}])
    places = {"": 0} | _places(wanted)
    return sorted(found, key=lambda tally: (places[tally.repository], tally.order))


class _Count:
    """Counts the wanted releases: of each rule by one statement, which reads an index alone."""

    def __init__(self, connection: sa.Connection, wanted: Wanted) -> None:
        self._connection = connection
        self._wanted = wanted

    def by(self, told: Sequence[GroupBy], pieces: Sequence[_Piece] = ()) -> Iterator[Tally]:
        """Yield how many releases share the values of some columns, and the piece of the calendar."""
        # All of history is walked in the order of series; a part of it is found by its dates.
        series = _SERIES if pieces or self._wanted.since is not None else releases.c.series
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
            within = [] if pieces else _within(self._wanted)
            conditions = [*self._of_rule(rule, series), *within]
            for key, name, kind, order, number, date in self._connection.execute(counted.where(*conditions)):
                yield Tally(key or "", name or "", KINDS[kind] if kind else None, order, number, date)

    def by_pieces(self, pieces: Sequence[_Piece]) -> Iterator[Tally]:
        """Yield how many releases each piece of the calendar has, without sorting them by it."""
        piece = self._given(pieces)
        for rule in self._wanted.rules:
            is_walked = len(rule.repositories) * len(pieces) > _STEPS and not rule.series
            conditions = (*self._of_rule(rule, _SERIES, is_walked=is_walked), _is_in(piece))
            count = sa.select(sa.func.count()).select_from(releases).where(*conditions).correlate(piece)
            query = sa.select(piece.c.begin, count.scalar_subquery().label("number")).select_from(piece)
            for row in self._connection.execute(query):
                if row.number:
                    yield Tally(repository="", series="", kind=None, order="", count=row.number, date=row.begin)

    def _of_rule(self, rule: ReleaseRule, series: sa.ColumnElement[str], *, is_walked: bool = False) -> _Conditions:
        known = sa.select(repositories.c.id).where(one_of(repositories.c.key, rule.repositories))
        number = releases.c.repository_id
        # Not found by an index: all releases are walked once by date, not by repository for each piece.
        of_known = sa.func.coalesce(number, 0).in_(known) if is_walked else one_selected(number, known)
        return [of_known, *_of_kinds(rule, self._wanted), *_of_series(rule, series)]

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
        of_each = first.where(*_of_kinds(rule, wanted), *_within(wanted)).correlate(repositories).scalar_subquery()
        query = sa.select(of_each.label("first")).where(one_of(repositories.c.key, rule.repositories)).subquery()
        found.append(connection.scalar(sa.select(sa.func.min(query.c.first))))
    return min((date for date in found if date is not None), default=None)


def read_newest(connection: sa.Connection, wanted: Wanted, most: int | None) -> list[Release]:
    """Read the wanted releases, the newest by date first."""
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories)
    query = query.order_by(*_NEWEST_FIRST, repositories.c.key).limit(most)
    found = [
        release_of(row)
        for rule in wanted.rules
        for row in connection.execute(query.where(*_among_newest(connection, rule, wanted, most)))
    ]
    newest_first = sorted(found, key=lambda release: (release.date, release.order), reverse=True)
    return newest_first[:most]


def _among_newest(connection: sa.Connection, rule: ReleaseRule, wanted: Wanted, most: int | None) -> _Conditions:
    """Return the conditions on the ``most`` newest releases, so that SQLite reads few others of many repositories.

    PostgreSQL finds them by date itself.
    """
    if most is None or len(rule.repositories) <= most or connection.dialect.name != "sqlite":
        return _dated(rule, wanted)
    if rule.series and wanted.since is None:
        of_series = [*_of_rule(rule, wanted), wanted.until > _DATE]
        numbers = sa.select(releases.c.id).join_from(releases, repositories).where(*of_series)
        return [one_selected(releases.c.id, numbers.order_by(*_NEWEST_FIRST, repositories.c.key).limit(most))]
    reached = sa.func.coalesce(_date_reached(rule, wanted, most), wanted.since or _FIRST_MOMENT)
    return [*_of_rule(rule, wanted, _SERIES), releases.c.date < wanted.until, releases.c.date >= reached]


def _date_reached(rule: ReleaseRule, wanted: Wanted, most: int) -> sa.ScalarSelect[datetime]:
    """Return the date that ``most`` repositories have a release of or after, NULL where fewer have any.

    It is found by one step in the index for each; what is older is not among the ``most`` newest.
    """
    newest = sa.select(sa.func.max(releases.c.date)).where(releases.c.repository_id == repositories.c.id)
    newest = newest.where(*_of_kinds(rule, wanted), *_of_series(rule, _SERIES), *_within(wanted))
    of_each = newest.correlate(repositories).scalar_subquery().label("date")
    dates = sa.select(of_each).where(one_of(repositories.c.key, rule.repositories)).subquery()
    reached = sa.select(dates.c.date).order_by(dates.c.date.desc().nulls_last())
    return reached.offset(most - 1).limit(1).scalar_subquery()


def read_leading(connection: sa.Connection, wanted: Wanted) -> list[Release]:
    """Read the highest version of each series among the wanted releases."""
    found: list[Release] = []
    for rule in wanted.rules:
        line = _lines_of(connection, rule) if rule.series else _every_line(rule.repositories)
        highest = _highest(line, *_of_kinds(rule, wanted), *_within(wanted))
        found += _read_by_number(connection, _of_each(connection, line, highest))
    places = _places(wanted)
    return sorted(found, key=lambda release: (places[release.repository], release.order))


def read_leading_of_living(
    connection: sa.Connection, keys: Sequence[str], since: datetime, until: datetime
) -> list[Release]:
    """Read the leading release of each series that had one in an interval, among those dated before its end.

    The highest final version leads, the highest pre-release where there is none. Of a repository none of whose
    leading releases is in the interval, the highest of these is read too.
    """
    is_past = (_IS_NOT_WITHDRAWN, releases.c.date < until)
    line = (releases.c.repository_id, releases.c.series)
    living = sa.select(*line).distinct().join_from(releases, repositories)
    living = living.where(one_of(repositories.c.key, keys), *is_past, releases.c.date >= since)
    found = _read_by_number(connection, _leading(connection, living.subquery("line"), is_past))
    awake = {release.repository for release in found if release.date is not None and release.date >= since}
    resting = _every_line([key for key in keys if key not in awake])
    return [*found, *_read_by_number(connection, _highest_of_each(connection, _leading(connection, resting, is_past)))]


def _highest_of_each(connection: sa.Connection, numbers: Collection[int]) -> list[int]:
    """Return the number of the highest of these releases, of each repository."""
    query = sa.select(releases.c.id, releases.c.repository_id).where(one_of(releases.c.id, numbers))
    ordered = connection.execute(query.order_by(releases.c.order_key))
    return list({row.repository_id: row.id for row in ordered}.values())


def _leading(connection: sa.Connection, line: sa.FromClause, conditions: Iterable[sa.ColumnElement[bool]]) -> list[int]:
    """Read the number of the highest final release of each series, of its highest pre-release where it has none."""
    final, any_kind = _highest(line, *conditions, _IS_FINAL), _highest(line, *conditions)
    return _of_each(connection, line, sa.func.coalesce(final, any_kind))


def _of_each(connection: sa.Connection, line: sa.FromClause, number: sa.ColumnElement[int]) -> list[int]:
    """Read the number of one release of each series, where there is one; PostgreSQL would join them by reading all."""
    found: Iterable[int | None] = connection.scalars(sa.select(number).select_from(line))
    return [each for each in found if each is not None]


def _highest(line: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Return the number of the highest release of each series that meets the conditions, found by the index."""
    of_line = (releases.c.repository_id == line.c.repository_id, releases.c.series == line.c.series)
    query = sa.select(releases.c.id).where(*of_line, *conditions).order_by(releases.c.order_key.desc())
    return query.limit(1).correlate(line).scalar_subquery()


def _every_line(keys: Collection[str]) -> sa.CTE:
    """Return each series of the repositories, found by one step in the index for each."""
    first = sa.select(sa.func.min(releases.c.series)).where(releases.c.repository_id == repositories.c.id)
    begin = sa.select(repositories.c.id.label("repository_id"), first.scalar_subquery().label("series"))
    line = begin.where(one_of(repositories.c.key, keys)).cte("line", recursive=True)
    is_later = (releases.c.repository_id == line.c.repository_id, releases.c.series > line.c.series)
    following = sa.select(sa.func.min(releases.c.series)).where(*is_later).correlate(line).scalar_subquery()
    return line.union_all(sa.select(line.c.repository_id, following).where(line.c.series.is_not(None)))


def _lines_of(connection: sa.Connection, rule: ReleaseRule) -> sa.Subquery:
    """Return the series that a rule names, for each of its repositories."""
    series = given(connection, {"name": sa.Text}, [(name,) for name in sorted(rule.series)])
    line = sa.select(repositories.c.id.label("repository_id"), series.c.name.label("series"))
    return (
        line.join_from(repositories, series, sa.true())
        .where(one_of(repositories.c.key, rule.repositories))
        .subquery("line")
    )


def _read_by_number(connection: sa.Connection, numbers: Collection[int]) -> list[Release]:
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories).where(one_of(releases.c.id, numbers))
    return [release_of(row) for row in connection.execute(query)]


def count_undated_of(connection: sa.Connection, keys: Collection[str]) -> dict[str, int]:
    """Count the releases whose dates are not known, by repository; one without any is left out."""
    query = sa.select(repositories.c.key, sa.func.count().label("number")).join_from(releases, repositories)
    query = query.where(one_of(repositories.c.key, keys), releases.c.date.is_(None), _IS_NOT_WITHDRAWN)
    return {row.key: row.number for row in connection.execute(query.group_by(repositories.c.key))}


def count_undated(connection: sa.Connection, wanted: Wanted) -> int:
    """Count the releases that would be wanted if their dates were known."""
    query = sa.select(sa.func.count()).select_from(releases).join(repositories)
    return sum(
        connection.scalar(query.where(*_of_rule(rule, wanted), releases.c.date.is_(None))) or 0 for rule in wanted.rules
    )


def read_known_series(
    connection: sa.Connection, lines: frozenset[tuple[str, str]]
) -> dict[tuple[str, str], datetime | None]:
    """Return those of the series, each of a repository, that have a release, with the date of the first."""
    keys, series = {key for key, _ in lines}, {name for _, name in lines}
    line = (repositories.c.key, releases.c.series)
    query = sa.select(*line, sa.func.min(releases.c.date).label("first")).join_from(releases, repositories)
    query = query.where(one_of(repositories.c.key, keys), one_of(releases.c.series, series)).group_by(*line)
    found = {(row.key, row.series): row.first for row in connection.execute(query)}
    return {line: first for line, first in found.items() if line in lines}


def read_series(connection: sa.Connection, keys: Collection[str]) -> list[tuple[str, str]]:
    """Read every series that the repositories have a release of, each after its repository."""
    line = (repositories.c.key, releases.c.series)
    query = sa.select(*line).distinct().join_from(releases, repositories).where(one_of(repositories.c.key, keys))
    return [(row.key, row.series) for row in connection.execute(query.order_by(*line))]


def read_unclassified_names(connection: sa.Connection, keys: Collection[str]) -> list[tuple[str, str]]:
    """Read the names of the unclassified tags, each after its repository."""
    query = sa.select(repositories.c.key, unclassified_tags.c.name).join_from(unclassified_tags, repositories)
    return [(row.key, row.name) for row in connection.execute(query.where(one_of(repositories.c.key, keys)))]


def count_unclassified(
    connection: sa.Connection, keys: Collection[str], since: datetime | None, until: datetime
) -> dict[str, int]:
    """Count the unclassified tags that are dated in an interval, or not dated, by repository; none is left out."""
    date = unclassified_tags.c.date
    query = sa.select(repositories.c.key, sa.func.count().label("number")).join_from(unclassified_tags, repositories)
    query = query.where(one_of(repositories.c.key, keys)).group_by(repositories.c.key)
    dated = [date < until] if since is None else [date >= since, date < until]
    # One SELECT for each, as for releases: joined by OR, they would not use the index.
    both = sa.union_all(*(query.where(*each) for each in (dated, [date.is_(None)])))
    counted = Counter[str]()
    for row in connection.execute(both):
        counted[row.key] += row.number
    return dict(counted)


def _of_rule(rule: ReleaseRule, wanted: Wanted, series: sa.ColumnElement[str] = releases.c.series) -> _Conditions:
    known = one_of(repositories.c.key, rule.repositories)
    return [known, *_of_kinds(rule, wanted), *_of_series(rule, series)]


def _of_series(rule: ReleaseRule, series: sa.ColumnElement[str]) -> _Conditions:
    return [one_of(series, sorted(rule.series))] if rule.series else []


def _of_kinds(rule: ReleaseRule, wanted: Wanted) -> _Conditions:
    of_kinds: _Conditions = [releases.c.kind.in_(sorted(kind.value for kind in rule.kinds))]
    return of_kinds if wanted.with_withdrawn else [*of_kinds, _IS_NOT_WITHDRAWN]


def _dated(rule: ReleaseRule, wanted: Wanted) -> _Conditions:
    series = releases.c.series if wanted.since is None else _SERIES
    return [*_of_rule(rule, wanted, series), *_within(wanted)]


def _within(wanted: Wanted) -> _Conditions:
    date = releases.c.date
    return [date < wanted.until] if wanted.since is None else [date < wanted.until, date >= wanted.since]


def _places(wanted: Wanted) -> dict[str, int]:
    return {key: place for place, key in enumerate(wanted.repositories)}
