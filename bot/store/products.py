"""The releases of each product of a repository, and what a release keeps that another entry reads from now on."""

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from bot.domain.polling.record import RepositoryRecord
from bot.domain.releases import Release
from bot.store.database import insert
from bot.store.kept_counts import recount
from bot.store.membership import one_of
from bot.store.release_changes import Entry, replace_releases
from bot.store.schema import (
    announced_releases,
    digest_releases,
    digests,
    evidence_validators,
    milestone_changes,
    pull_requests,
    releases,
    reported_milestones,
    repositories,
    series_changes,
    subscriptions,
)

# What people and forges say of certification and of series, by the repository's key.
_SAID = (milestone_changes, series_changes, reported_milestones, pull_requests, evidence_validators)
# The key and the number of an entry's row.
_Row = tuple[str, int]


def replace_products(
    connection: sa.Connection,
    record: RepositoryRecord,
    entry: Entry,
    wanted: Sequence[Release],
    readers: Collection[str] = (),
    *,
    has_new_rules: bool,
) -> None:
    """Make the releases of a repository and of its products the wanted ones.

    ``record`` is as read before the write, and ``entry`` is the repository's own.

    With new rules, another entry may read a tag than before: the release keeps what was posted of it.
    """
    made = {key: [release for release in wanted if release.repository == key] for key in readers}
    made = made or {record.repository: list(wanted)}
    entries = _entries(connection, [key for key in made if key != record.repository], entry.revision)
    entries[record.repository] = entry
    held = _products(connection, record.repository) if has_new_rules and record.revision else {}
    gone = {key: number for key, number in held.items() if key not in made}
    for key, own in made.items():
        for former, number in gone.items():
            _take_over(connection, (former, number), (key, entries[key].id), own)
        replace_releases(connection, entries[key], own)


def key_of_product(repository: str) -> sa.ColumnElement[bool]:
    """Return the condition that a row is of a product of a repository."""
    return sa.func.substr(repositories.c.key, 1, len(repository) + 1) == f"{repository}#"


def _entries(connection: sa.Connection, keys: Sequence[str], revision: int) -> dict[str, Entry]:
    """Return the entry of each key, made where there is none."""
    if not keys:
        return {}
    query = sa.select(repositories.c.key, repositories.c.id).where(one_of(repositories.c.key, keys))
    found = connection.execute(query).all()
    if len(found) < len(keys):
        rows = [{"key": key, "rules": "", "revision": 0} for key in {*keys} - {row.key for row in found}]
        connection.execute(insert(connection, repositories).on_conflict_do_nothing(), rows)
        found = connection.execute(query).all()
    return {row.key: Entry(row.id, revision) for row in found}


def _products(connection: sa.Connection, repository: str) -> dict[str, int]:
    """Read the numbers of a repository and of all products that it ever had, by key."""
    query = sa.select(repositories.c.key, repositories.c.id)
    query = query.where(sa.or_(repositories.c.key == repository, key_of_product(repository)))
    return {row.key: row.id for row in connection.execute(query)}


def _take_over(connection: sa.Connection, former: _Row, entry: _Row, own: Iterable[Release]) -> None:
    """Move releases of an entry that is gone to one that reads their tags from now on, with what was posted of them."""
    tags = {name for release in own for name in release.tags}
    held = _held(connection, entry[1])
    moved = {
        number: normalized
        for number, normalized, names in _held(connection, former[1])
        if not tags.isdisjoint(names) and all(normalized != other for _, other, _ in held)
    }
    if not moved:
        return
    connection.execute(sa.update(releases).where(one_of(releases.c.id, list(moved))).values(repository_id=entry[1]))
    for number in (former[1], entry[1]):
        recount(connection, number)
    _rename_posted(connection, former[0], entry[0], list(moved.values()))
    if not held:
        for table in _SAID:
            connection.execute(sa.update(table).where(table.c.repository == former[0]).values(repository=entry[0]))
        if "#" in former[0]:
            # One of the whole repository goes on to mean all of its products.
            meant = subscriptions.c.repository == former[0]
            connection.execute(sa.update(subscriptions).where(meant).values(repository=entry[0]))
        _see(connection, former[0], entry[0])


def _held(connection: sa.Connection, number: int) -> list[tuple[int, str, list[str]]]:
    """Read the releases of an entry: their numbers, normalized versions and tags."""
    query = sa.select(releases.c.id, releases.c.normalized, releases.c.tags)
    return [tuple(row) for row in connection.execute(query.where(releases.c.repository_id == number))]


def _rename_posted(connection: sa.Connection, former: str, key: str, versions: Sequence[str]) -> None:
    for table in (digest_releases, announced_releases):
        is_version = one_of(table.c.normalized, versions)
        # What an earlier release of the same entry and version left gives way.
        connection.execute(sa.delete(table).where(table.c.repository == key, is_version))
        connection.execute(sa.update(table).where(table.c.repository == former, is_version).values(repository=key))


def _see(connection: sa.Connection, former: str, key: str) -> None:
    """Let the digests that were made from one entry's releases have been made from the other's."""
    query = sa.select(digests.c.id, digests.c.seen).where(digests.c.seen.is_not(None))
    changed = [
        {"of": number, "then": {key: seen[former], **seen}}
        for number, seen in connection.execute(query)
        if former in seen
    ]
    if changed:
        then = sa.bindparam("then", type_=digests.c.seen.type)
        connection.execute(sa.update(digests).where(digests.c.id == sa.bindparam("of")).values(seen=then), changed)
