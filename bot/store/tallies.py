"""Answers straight from the database: counts, the newest, the highest of each series, without reading a history."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.domain.counts import GroupBy, Tally, is_calendar, pieces
from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.periods.period import Period
from bot.domain.releases import Release, ReleaseState
from bot.domain.versions.version import ReleaseKind
from bot.store.membership import given, one_of
from bot.store.rows import OF_A_RELEASE, release_of
from bot.store.tables import UtcDateTime, releases, repositories, unclassified_tags

_IS_NOT_WITHDRAWN = releases.c.state != ReleaseState.WITHDRAWN.value
_IS_FINAL = releases.c.kind != ReleaseKind.PRE_RELEASE.value
# Not found by an index: without statistics SQLite takes a series for rarer than the releases of a month.
_SERIES = sa.func.coalesce(releases.c.series, "")
_Conditions = list[sa.ColumnElement[bool]]
# Pieces of the calendar in one statement: two parameters each, of 32,766 that every SQLite takes.
_PIECES = 10_000


def read_tally(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
    """Count the wanted releases by series and kind, and by repository and calendar unit where the units need them."""
    by_key, by_piece = GroupBy.REPOSITORY in units, any(is_calendar(unit) for unit in units)
    told: list[sa.ColumnElement[Any]] = [_SERIES.label("series"), releases.c.kind]
    if by_key:
        told.append(repositories.c.key)
    source = sa.join(releases, repositories)
    queries = [_tally(source, told)]
    if by_piece:
        queries = [
            _tally(
                source.join(piece, sa.and_(releases.c.date >= piece.c.begin, releases.c.date < piece.c.after)),
                [*told, piece.c.begin],
            )
            for piece in _pieces(connection, wanted, units, zone)
        ]
    found = [
        row
        for query in queries
        for rule in wanted.rules
        for row in connection.execute(query.where(*_dated(rule, wanted)))
    ]
    places = {"": 0} | _places(wanted)
    tallies = [
        Tally(
            repository=row.key if by_key else "",
            series=row.series,
            kind=ReleaseKind(row.kind),
            order=row.order,
            count=row.number,
            date=row.begin if by_piece else None,
        )
        for row in found
    ]
    return sorted(tallies, key=lambda tally: (places[tally.repository], tally.order))


def _tally(source: sa.Join, told: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
    numbers = (sa.func.min(releases.c.order_key).label("order"), sa.func.count().label("number"))
    return sa.select(*told, *numbers).select_from(source).group_by(*told)


def _pieces(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> Iterator[sa.CTE]:
    """Yield the pieces of the calendar as rows, so that each is a range of the index; all in the time wanted."""
    since = wanted.since or _first_date(connection, wanted) or wanted.until
    starts = pieces(units, Period(since, wanted.until, zone)) or [wanted.until]
    rows = list(pairwise([*starts, wanted.until]))
    bounds = sa.values(sa.column("begin", UtcDateTime), sa.column("after", UtcDateTime), name="piece")
    for first in range(0, len(rows), _PIECES):
        yield bounds.data(rows[first : first + _PIECES]).cte()


def _first_date(connection: sa.Connection, wanted: Wanted) -> datetime | None:
    query = sa.select(sa.func.min(releases.c.date)).join_from(releases, repositories)
    found = [connection.scalar(query.where(*_dated(rule, wanted))) for rule in wanted.rules]
    return min((date for date in found if date is not None), default=None)


def read_newest(connection: sa.Connection, wanted: Wanted, most: int | None) -> list[Release]:
    """Read the wanted releases, the newest by date first."""
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories)
    query = query.order_by(releases.c.date.desc(), releases.c.order_key.desc()).limit(most)
    found = [release_of(row) for rule in wanted.rules for row in connection.execute(query.where(*_dated(rule, wanted)))]
    newest_first = sorted(found, key=lambda release: (release.date, release.order), reverse=True)
    return newest_first[:most]


def read_leading(connection: sa.Connection, wanted: Wanted) -> list[Release]:
    """Read the highest version of each series among the wanted releases."""
    found: list[Release] = []
    for rule in wanted.rules:
        line = _lines_of(connection, rule) if rule.series else _every_line(rule.repositories)
        found += _read_by_id(connection, _of_each(line, _highest(line, *_of_kinds(rule, wanted), *_within(wanted))))
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
    found = _read_by_id(connection, _leading(living.subquery("line"), is_past))
    awake = {release.repository for release in found if release.date is not None and release.date >= since}
    every = _every_line([key for key in keys if key not in awake])
    leading = _leading(every, is_past).subquery("leading")
    place = sa.func.row_number().over(partition_by=releases.c.repository_id, order_by=releases.c.order_key.desc())
    ranked = sa.select(releases.c.id, place.label("place")).join(leading, leading.c.id == releases.c.id).subquery()
    return [*found, *_read_by_id(connection, sa.select(ranked.c.id).where(ranked.c.place == 1))]


def _leading(line: sa.FromClause, conditions: Iterable[sa.ColumnElement[bool]]) -> sa.Select[int]:
    """Select the number of the highest final release of each series, of its highest pre-release where it has none."""
    return _of_each(line, sa.func.coalesce(_highest(line, *conditions, _IS_FINAL), _highest(line, *conditions)))


def _of_each(line: sa.FromClause, number: sa.ColumnElement[int]) -> sa.Select[int]:
    return sa.select(number.label("id")).select_from(line)


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


def _read_by_id(connection: sa.Connection, numbers: sa.Select[int]) -> list[Release]:
    one = numbers.subquery("one")
    source = one.join(releases, releases.c.id == one.c.id).join(repositories)
    return [release_of(row) for row in connection.execute(sa.select(*OF_A_RELEASE).select_from(source))]


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
    conditions = [one_of(repositories.c.key, rule.repositories), *_of_kinds(rule, wanted)]
    return [*conditions, one_of(series, sorted(rule.series))] if rule.series else conditions


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
