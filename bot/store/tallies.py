"""Answers straight from the database: counts, the newest, the highest of each series, without reading a history."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from bot.domain.counts import GroupBy, Tally, is_calendar
from bot.domain.releases import Release, ReleaseState
from bot.domain.selection import ReleaseRule, Wanted
from bot.domain.versions import ReleaseKind
from bot.store.rows import release_of
from bot.store.tables import releases, repositories

_IS_COUNTED = releases.c.state != ReleaseState.WITHDRAWN.value
_Conditions = list[sa.ColumnElement[bool]]


def read_tally(connection: sa.Connection, wanted: Wanted, units: Collection[GroupBy]) -> list[Tally]:
    """Count the wanted releases by series and kind, and by repository and date where the units need them."""
    with_key, with_date = GroupBy.REPOSITORY in units, any(is_calendar(unit) for unit in units)
    keys: list[sa.Column[Any]] = [releases.c.series, releases.c.kind]
    keys += [repositories.c.key] if with_key else []
    keys += [releases.c.date] if with_date else []
    query = (
        sa.select(*keys, sa.func.min(releases.c.order_key).label("order_key"), sa.func.count().label("number"))
        .join_from(releases, repositories)
        .group_by(*keys)
    )
    found = [row for rule in wanted.rules for row in connection.execute(query.where(*_dated(rule, wanted)))]
    places = {"": 0} | _places(wanted)
    tallies = [
        Tally(
            repository=row.key if with_key else "",
            series=row.series,
            kind=ReleaseKind(row.kind),
            order=row.order_key,
            count=row.number,
            date=row.date if with_date else None,
        )
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
    line = (releases.c.repository_id, releases.c.series)
    place = sa.func.row_number().over(partition_by=line, order_by=releases.c.order_key.desc()).label("place")
    found = []
    for rule in wanted.rules:
        ranked = sa.select(releases.c.id, place).join_from(releases, repositories).where(*_dated(rule, wanted))
        of_rule = ranked.subquery()
        is_highest = releases.c.id.in_(sa.select(of_rule.c.id).where(of_rule.c.place == 1))
        query = sa.select(repositories.c.key, releases).join_from(releases, repositories).where(is_highest)
        found += [release_of(row.key, row) for row in connection.execute(query)]
    places = _places(wanted)
    return sorted(found, key=lambda release: (places[release.repository], release.order))


def count_undated(connection: sa.Connection, wanted: Wanted) -> int:
    """Count the releases that would be wanted if their dates were known."""
    query = sa.select(sa.func.count()).select_from(releases).join(repositories)
    return sum(connection.scalar(query.where(*_of_rule(rule), releases.c.date.is_(None))) or 0 for rule in wanted.rules)


def read_versions(connection: sa.Connection, versions: frozenset[tuple[str, str]]) -> list[Release]:
    """Read releases by repository and normalized version."""
    # SQLite finds no pair by an index; each part it does, and few others come along.
    keys, names = {key for key, _ in versions}, {name for _, name in versions}
    query = sa.select(repositories.c.key, releases).join_from(releases, repositories)
    found = connection.execute(query.where(repositories.c.key.in_(keys), releases.c.normalized.in_(names)))
    return [release_of(row.key, row) for row in found if (row.key, row.normalized) in versions]


def _of_rule(rule: ReleaseRule) -> _Conditions:
    kinds = sorted(kind.value for kind in rule.kinds)
    conditions = [repositories.c.key.in_(rule.repositories), releases.c.kind.in_(kinds), _IS_COUNTED]
    return [*conditions, releases.c.series.in_(sorted(rule.series))] if rule.series else conditions


def _dated(rule: ReleaseRule, wanted: Wanted) -> _Conditions:
    conditions = [*_of_rule(rule), releases.c.date < wanted.until]
    return conditions if wanted.since is None else [*conditions, releases.c.date >= wanted.since]


def _places(wanted: Wanted) -> dict[str, int]:
    return {key: place for place, key in enumerate(wanted.repositories)}
