"""Answers straight from the database: counts, the newest, the highest of each series, without reading a history."""

from collections.abc import Sequence

import sqlalchemy as sa

from bot.domain.counts import Tally
from bot.domain.releases import Release, ReleaseState
from bot.domain.selection import ReleaseRule, Wanted
from bot.domain.versions import ReleaseKind
from bot.store.rows import release_of
from bot.store.tables import releases, repositories

_IS_COUNTED = releases.c.state != ReleaseState.WITHDRAWN.value
_Conditions = list[sa.ColumnElement[bool]]


def read_tally(connection: sa.Connection, wanted: Wanted, *, by_date: bool) -> list[Tally]:
    """Count the wanted releases by repository, series and kind, and by date if asked."""
    keys = [repositories.c.key, releases.c.series, releases.c.kind, *([releases.c.date] if by_date else [])]
    query = (
        sa.select(*keys, sa.func.min(releases.c.order_key).label("order_key"), sa.func.count().label("number"))
        .join_from(releases, repositories)
        .group_by(*keys)
    )
    found = [row for rule in wanted.rules for row in connection.execute(query.where(*_dated(rule, wanted)))]
    places = _places(wanted)
    tallies = [
        Tally(row.key, row.series, ReleaseKind(row.kind), row.order_key, row.number, row.date if by_date else None)
        for row in found
    ]
    return sorted(tallies, key=lambda tally: (places[tally.repository], tally.order))


def read_newest(connection: sa.Connection, wanted: Wanted, most: int | None) -> list[Release]:
    """Read the wanted releases, the newest by date first."""
    query = sa.select(repositories.c.key, releases).join_from(releases, repositories)
    query = query.order_by(releases.c.date.desc(), releases.c.order_key.desc()).limit(most)
    found = [
        release_of(row.key, row)
        for rule in wanted.rules
        for row in connection.execute(query.where(*_dated(rule, wanted)))
    ]
    newest_first = sorted(found, key=lambda release: (release.date, release.order), reverse=True)
    return newest_first[:most]


def read_leading(connection: sa.Connection, wanted: Wanted) -> list[Release]:
    """Read the highest version of each series among the wanted releases."""
    found = []
    for rule in wanted.rules:
        conditions = _dated(rule, wanted)
        highest = (
            sa.select(releases.c.repository_id, sa.func.max(releases.c.order_key).label("order_key"))
            .join_from(releases, repositories)
            .where(*conditions)
            .group_by(releases.c.repository_id, releases.c.series)
            .subquery()
        )
        is_highest = sa.and_(
            releases.c.repository_id == highest.c.repository_id, releases.c.order_key == highest.c.order_key
        )
        query = sa.select(repositories.c.key, releases).join_from(releases, repositories).join(highest, is_highest)
        found += [release_of(row.key, row) for row in connection.execute(query.where(*conditions))]
    places = _places(wanted)
    return sorted(found, key=lambda release: (places[release.repository], release.order))


def count_undated(connection: sa.Connection, wanted: Wanted) -> int:
    """Count the releases that would be wanted if their dates were known."""
    query = sa.select(sa.func.count()).select_from(releases).join(repositories)
    return sum(connection.scalar(query.where(*_of_rule(rule), releases.c.date.is_(None))) or 0 for rule in wanted.rules)


def read_versions(connection: sa.Connection, versions: Sequence[tuple[str, str]]) -> list[Release]:
    """Read releases by repository and normalized version."""
    wanted = sa.tuple_(repositories.c.key, releases.c.normalized).in_(versions)
    query = sa.select(repositories.c.key, releases).join_from(releases, repositories).where(wanted)
    return [release_of(row.key, row) for row in connection.execute(query)]


def _of_rule(rule: ReleaseRule) -> _Conditions:
    kinds = sorted(kind.value for kind in rule.kinds)
    conditions = [repositories.c.key.in_(rule.repositories), releases.c.kind.in_(kinds), _IS_COUNTED]
    return [*conditions, releases.c.series.in_(sorted(rule.series))] if rule.series else conditions


def _dated(rule: ReleaseRule, wanted: Wanted) -> _Conditions:
    conditions = [*_of_rule(rule), releases.c.date < wanted.until]
    return conditions if wanted.since is None else [*conditions, releases.c.date >= wanted.since]


def _places(wanted: Wanted) -> dict[str, int]:
    return {key: place for place, key in enumerate(wanted.repositories)}
