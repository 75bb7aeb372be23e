"""Writing a repository's releases and the coverage of its tags, of which only what differs is touched."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.domain.releases import Coverage, Release
from bot.domain.values import dataclass
from bot.store.kept_counts import count_anew
from bot.store.many import insert_many
from bot.store.rows import OF_A_RELEASE, Columns, Values, release_columns, release_of, rows_of
from bot.store.schema import releases, repositories, unclassified_tags


@dataclass(frozen=True, slots=True)
class Entry:
    """A repository that is being written: the number of its row, and the revision that new rows come with.

    ``is_new`` says that its row was made in this transaction, so that nothing is held of it.
    """

    id: int
    revision: int
    is_new: bool = False


def replace_releases(connection: sa.Connection, entry: Entry, wanted: Iterable[Release]) -> None:
    """Make a repository's releases the wanted ones, touching only those that differ."""
    held = {} if entry.is_new else _held(connection, entry)
    named = {release.normalized: release for release in wanted}
    _add(connection, entry, [release for name, release in named.items() if name not in held])
    changed = [release for name, release in named.items() if name in held and release != held[name]]
    _change(connection, entry.id, changed)
    gone = [name for name in held if name not in named]
    _remove(connection, entry.id, gone)
    if changed or gone or named.keys() - held:
        count_anew(connection, entry.id, named.values(), is_new=entry.is_new)


def replace_unclassified(connection: sa.Connection, entry: Entry, coverage: Coverage) -> None:
    """Write which of a repository's tags its rules do not read, touching only what differs."""
    table = unclassified_tags.c
    held: dict[str, datetime | None] = {}
    if not entry.is_new:
        query = sa.select(table.name, table.date).where(table.repository_id == entry.id)
        held = {row.name: row.date for row in connection.execute(query)}
    named = {tag.name: tag.date for tag in coverage.unclassified}
    differing = [name for name in held if name not in named or named[name] != held[name]]
    if differing:
        is_it = (table.repository_id == entry.id, table.name == sa.bindparam("gone"))
        connection.execute(sa.delete(unclassified_tags).where(*is_it), [{"gone": name} for name in differing])
    new = [name for name, date in named.items() if name not in held or held[name] != date]
    columns: Columns = {"name": new, "date": [named[name] for name in new]}
    insert_many(connection, unclassified_tags, columns, {"repository_id": entry.id})


def _held(connection: sa.Connection, entry: Entry) -> dict[str, Release]:
    """Read the releases of a repository by their normalized versions."""
    query = sa.select(*OF_A_RELEASE).join_from(releases, repositories).where(releases.c.repository_id == entry.id)
    found = map(release_of, connection.execute(query))
    return {release.normalized: release for release in found}


def _add(connection: sa.Connection, entry: Entry, new: Sequence[Release]) -> None:
    own = {"repository_id": entry.id, "recorded": entry.revision}
    insert_many(connection, releases, release_columns(new), own)


def _change(connection: sa.Connection, repository_id: int, changed: Sequence[Release]) -> None:
    rows = rows_of(release_columns(changed), "new_")
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
