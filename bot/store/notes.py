"""The notes of releases, by repository and normalized version."""

from collections.abc import Collection
from dataclasses import asdict

import sqlalchemy as sa

from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.releases import Key
from bot.store.database import Database, insert
from bot.store.membership import given_pairs
from bot.store.rows import Row
from bot.store.schema import release_notes


class NotesStore:
    """The recorded notes of releases; they belong to a release by its key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, releases: Collection[Key]) -> dict[Key, NotesRecord]:
        """Read what is recorded, by release; releases of which nothing is recorded are left out."""
        if not releases:
            return {}
        with self._database.reading() as connection:
            asked = given_pairs(connection, frozenset(releases))
            table = release_notes.c
            is_it = sa.and_(table.repository == asked.c.key, table.normalized == asked.c.name)
            found = connection.execute(sa.select(release_notes).select_from(asked.join(release_notes, is_it)))
            return {(row.repository, row.normalized): _record_of(row) for row in found}

    def waiting(self) -> list[NotesRecord]:
        """Read the records of notes that are to be tried again."""
        query = sa.select(release_notes).where(release_notes.c.next_try.is_not(None))
        with self._database.reading() as connection:
            return [_record_of(row) for row in connection.execute(query.order_by(release_notes.c.next_try))]

    def write(self, record: NotesRecord) -> None:
        """Write what is known of a release's notes, in place of what was recorded."""
        values = asdict(record)
        with self._database.writing() as connection:
            new = insert(connection, release_notes).values(values)
            again = {name: new.excluded[name] for name in values}
            connection.execute(new.on_conflict_do_update(index_elements=["repository", "normalized"], set_=again))


def _record_of(row: Row) -> NotesRecord:
    return NotesRecord(
        repository=row.repository,
        normalized=row.normalized,
        source=None if row.source is None else NotesSource(row.source),
        format=row.format,
        text=row.text,
        read_at=row.read_at,
        tries=row.tries,
        next_try=row.next_try,
        error=row.error,
    )
