"""Writing a repository's releases and the coverage of its tags, of which only what differs is touched."""

from collections.abc import Iterable

import sqlalchemy as sa

from bot.domain.releases import Coverage, Release
from bot.store.kept_counts import count_anew
from bot.store.many import insert_many
from bot.store.rows import OF_A_RELEASE, Values, release_of, release_values
from bot.store.schema import releases, repositories, unclassified_tags


def replace_releases(connection: sa.Connection, repository_id: int, revision: int, wanted: Iterable[Release]) -> None:
    """Make a repository's releases the wanted ones, touching only those that differ; new ones come with a revision."""
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories)
    found = [release_of(row) for row in connection.execute(query.where(releases.c.repository_id == repository_id))]
    held = {release.normalized: release for release in found}
    named = {release.normalized: release for release in wanted}
    _add(connection, repository_id, revision, [release for name, release in named.items() if name not in held])
    changed = [release for name, release in named.items() if name in held and release != held[name]]
    _change(connection, repository_id, changed)
    gone = [name for name in held if name not in named]
    _remove(connection, repository_id, gone)
    if changed or gone or named.keys() - held:
        count_anew(connection, repository_id, named.values())


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


def _add(connection: sa.Connection, repository_id: int, revision: int, new: Iterable[Release]) -> None:
    own = {"repository_id": repository_id, "recorded": revision}
    insert_many(connection, releases, (release_values(release) | own for release in new))


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
