"""Releases: written as the difference to what is there, read by repository and date."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.domain.releases import Coverage, Release
from bot.store.membership import given_pairs, one_of
from bot.store.rows import OF_A_RELEASE, Values, release_of, release_values
from bot.store.tables import IS_LIVE, releases, repositories, unclassified_tags


def replace_releases(connection: sa.Connection, repository_id: int, revision: int, wanted: Iterable[Release]) -> None:
    """Make a repository's releases the wanted ones, touching only those that differ; new ones come with a revision."""
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories)
    found = [release_of(row) for row in connection.execute(query.where(releases.c.repository_id == repository_id))]
    held = {release.normalized: release for release in found}
    named = {release.normalized: release for release in wanted}
    _add(connection, repository_id, revision, [release for name, release in named.items() if name not in held])
    changed = [release for name, release in named.items() if name in held and release != held[name]]
    _change(connection, repository_id, changed)
    _remove(connection, repository_id, [name for name in held if name not in named])


def read_releases(
    connection: sa.Connection,
    keys: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    *,
    undated: bool,
) -> list[Release]:
    """Read releases dated from ``since`` to before ``until``, by repository as asked, then version."""
    places = {key: place for place, key in enumerate(keys)}
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories).where(one_of(repositories.c.key, keys))
    found = [
        release_of(row)
        for is_dated in _dated(since, until, undated=undated)
        for row in connection.execute(query.where(is_dated))
    ]
    return sorted(found, key=lambda release: (places[release.repository], release.order))


def read_dated_since(connection: sa.Connection, keys: Sequence[str], moment: datetime) -> list[Release]:
    """Read releases that no backfill brought and that are dated from a moment on, or not dated."""
    date = releases.c.date
    # One query for each: joined by OR, they would not use the index.
    return [release for is_it in (date >= moment, date.is_(None)) for release in _read_live(connection, keys, is_it)]


def read_seen_since(connection: sa.Connection, keys: Sequence[str], moment: datetime) -> list[Release]:
    """Read releases that no backfill brought and that were first seen from a moment on."""
    return _read_live(connection, keys, releases.c.first_seen >= moment)


def _read_live(connection: sa.Connection, keys: Sequence[str], is_it: sa.ColumnElement[bool]) -> list[Release]:
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories).where(one_of(repositories.c.key, keys))
    return [release_of(row) for row in connection.execute(query.where(IS_LIVE, is_it))]


def read_versions(connection: sa.Connection, versions: Iterable[tuple[str, str]]) -> list[Release]:
    """Read releases by repository and normalized version."""
    asked = given_pairs(connection, versions)
    is_it = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.normalized == asked.c.name)
    source = asked.join(repositories, repositories.c.key == asked.c.key).join(releases, is_it)
    return [release_of(row) for row in connection.execute(sa.select(*OF_A_RELEASE).select_from(source))]


def replace_coverage(connection: sa.Connection, repository_id: int, coverage: Coverage) -> None:
    """Write how many of a repository's tags its rules read, and which they do not, touching only what differs."""
    counts: Values = {
        "considered_count": coverage.considered,
        "unclassified_count": len(coverage.unclassified),
    }
    differs = sa.or_(*(repositories.c[name] != count for name, count in counts.items()))
    connection.execute(sa.update(repositories).where(repositories.c.id == repository_id, differs).values(counts))
    table = unclassified_tags.c
    query = sa.select(table.name, table.date).where(table.repository_id == repository_id)
    held = {row.name: row.date for row in connection.execute(query)}
    named = {tag.name: tag.date for tag in coverage.unclassified}
    differing = [name for name in held if name not in named or named[name] != held[name]]
    if differing:
        is_it = (table.repository_id == repository_id, table.name == sa.bindparam("gone"))
        connection.execute(sa.delete(unclassified_tags).where(*is_it), [{"gone": name} for name in differing])
    rows = [
        {"repository_id": repository_id, "name": name, "date": date}
        for name, date in named.items()
        if name not in held or held[name] != date
    ]
    if rows:
        connection.execute(sa.insert(unclassified_tags), rows)


def _dated(since: datetime | None, until: datetime | None, *, undated: bool) -> list[sa.ColumnElement[bool]]:
    """Give the conditions on the date, one for each query: joined by OR, they would not use the index."""
    date = releases.c.date
    bounds: list[sa.ColumnElement[bool]] = [date.is_not(None)]
    if since is not None:
        bounds.append(date >= since)
    if until is not None:
        bounds.append(date < until)
    return [sa.and_(*bounds), date.is_(None)] if undated else [sa.and_(*bounds)]


def _add(connection: sa.Connection, repository_id: int, revision: int, new: Iterable[Release]) -> None:
    own = {"repository_id": repository_id, "recorded": revision}
    rows = [release_values(release) | own for release in new]
    if rows:
        connection.execute(sa.insert(releases), rows)


def _change(connection: sa.Connection, repository_id: int, changed: Iterable[Release]) -> None:
    rows: list[Values] = [
        {f"new_{name}": value for name, value in release_values(release).items()} for release in changed
    ]
    if not rows:
        return
    columns = [name.removeprefix("new_") for name in rows[0]]
    is_it = (releases.c.repository_id == repository_id, releases.c.normalized == sa.bindparam("new_normalized"))
    new: Values = {name: sa.bindparam(f"new_{name}") for name in columns if name != "normalized"}
    connection.execute(sa.update(releases).where(*is_it).values(new), rows)


def _remove(connection: sa.Connection, repository_id: int, vanished: Iterable[str]) -> None:
    rows = [{"gone": name} for name in vanished]
    if rows:
        is_it = (releases.c.repository_id == repository_id, releases.c.normalized == sa.bindparam("gone"))
        connection.execute(sa.delete(releases).where(*is_it), rows)
