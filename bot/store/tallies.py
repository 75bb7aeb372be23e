"""Answers straight from the database: counts, the newest, the highest of each series, without reading a history."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.domain.counts import GroupBy, Tally, is_calendar, pieces
from bot.domain.periods import Period
from bot.domain.releases import Release, ReleaseState
from bot.domain.selection import ReleaseRule, Wanted
from bot.domain.versions import ReleaseKind
from bot.store.membership import one_of
from bot.store.rows import OF_A_RELEASE, release_of
from bot.store.tables import UtcDateTime, releases, repositories, unclassified_tags

_IS_COUNTED = releases.c.state != ReleaseState.WITHDRAWN.value
_Conditions = list[sa.ColumnElement[bool]]
# Pieces of the calendar in one statement: two parameters each, of 32,766 that every SQLite takes.
_PIECES = 10_000


def read_tally(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
    """Count the wanted releases by series and kind, and by repository and calendar unit where the units need them."""
    by_key, by_piece = GroupBy.REPOSITORY in units, any(is_calendar(unit) for unit in units)
    told: list[sa.ColumnElement[Any]] = [releases.c.series, releases.c.kind]
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
    line = (releases.c.repository_id, releases.c.series)
    place = sa.func.row_number().over(partition_by=line, order_by=releases.c.order_key.desc()).label("place")
    found = []
    for rule in wanted.rules:
        ranked = sa.select(releases.c.id, place).join_from(releases, repositories).where(*_dated(rule, wanted))
        of_rule = ranked.subquery()
        is_highest = releases.c.id.in_(sa.select(of_rule.c.id).where(of_rule.c.place == 1))
        query = sa.select(*OF_A_RELEASE).join_from(releases, repositories).where(is_highest)
        found += [release_of(row) for row in connection.execute(query)]
    places = _places(wanted)
    return sorted(found, key=lambda release: (places[release.repository], release.order))


def count_undated(connection: sa.Connection, wanted: Wanted) -> int:
    """Count the releases that would be wanted if their dates were known."""
    query = sa.select(sa.func.count()).select_from(releases).join(repositories)
    return sum(connection.scalar(query.where(*_of_rule(rule), releases.c.date.is_(None))) or 0 for rule in wanted.rules)


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


def count_unclassified(
    connection: sa.Connection, keys: Collection[str], since: datetime | None, until: datetime
) -> dict[str, int]:
    """Count the unclassified tags that are dated in an interval, or not dated, by repository; none is left out."""
    date = unclassified_tags.c.date
    query = sa.select(repositories.c.key, sa.func.count().label("number")).join_from(unclassified_tags, repositories)
    query = query.where(one_of(repositories.c.key, keys)).group_by(repositories.c.key)
    dated = [date < until] if since is None else [date >= since, date < until]
    # One query for each, as for releases: joined by OR, they would not use the index.
    found = [row for each in (dated, [date.is_(None)]) for row in connection.execute(query.where(*each))]
    counted = Counter[str]()
    for row in found:
        counted[row.key] += row.number
    return dict(counted)


def read_versions(connection: sa.Connection, versions: frozenset[tuple[str, str]]) -> list[Release]:
    """Read releases by repository and normalized version."""
    # SQLite finds no pair by an index; each part it does, and few others come along.
    keys, names = {key for key, _ in versions}, {name for _, name in versions}
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories)
    found = connection.execute(query.where(one_of(repositories.c.key, keys), one_of(releases.c.normalized, names)))
    return [release_of(row) for row in found if (row.key, row.normalized) in versions]


def _of_rule(rule: ReleaseRule) -> _Conditions:
    kinds = sorted(kind.value for kind in rule.kinds)
    conditions = [one_of(repositories.c.key, rule.repositories), releases.c.kind.in_(kinds), _IS_COUNTED]
    return [*conditions, one_of(releases.c.series, sorted(rule.series))] if rule.series else conditions


def _dated(rule: ReleaseRule, wanted: Wanted) -> _Conditions:
    conditions = [*_of_rule(rule), releases.c.date < wanted.until]
    return conditions if wanted.since is None else [*conditions, releases.c.date >= wanted.since]


def _places(wanted: Wanted) -> dict[str, int]:
    return {key: place for place, key in enumerate(wanted.repositories)}
