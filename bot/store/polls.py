"""What polls found, written poll by poll: tags, events, releases, errors, and the limits that forges reported."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.functions import coalesce

from bot.domain.package_index import IndexListing
from bot.domain.polling.budget import Limit
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord, Unchanged
from bot.domain.releases import Coverage, Release, next_publication
from bot.domain.tags import Tag, TagEvent
from bot.store.database import Database, insert
from bot.store.errors import RecordChanged
from bot.store.listings import write_listing
from bot.store.looks import take_back
from bot.store.many import insert_many
from bot.store.membership import one_of
from bot.store.products import replace_products
from bot.store.release_changes import Entry, replace_unclassified
from bot.store.rows import OF_A_TAG, Values, event_columns, rows_of, tag_columns
from bot.store.schema import forge_limits, repositories, tag_events, tags

# What a poll without news keeps where the forge gave nothing to replace it.
_KEPT = ("validator", "head", "complete_at", "full_at", "renamed", "identity", "undated_because")
# What a poll that succeeds puts an end to.
_OVER: Values = {"error": None, "failing_since": None, "suspected_at": None, "rival": ""}


class PollStore:
    """Writes what polls found; a record is written only if it is still the one that was read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self,
        record: RepositoryRecord,
        mark: PollMark,
        changes: PollChanges,
        releases: Sequence[Release] | None,
        coverage: Coverage | None = None,
        *,
        readers: Collection[str] = (),
    ) -> None:
        """Write a complete poll at once; ``releases`` or ``coverage`` None leaves them as they are.

        ``readers`` are the keys of the entries that read the tags, by default the repository alone.

        Clears the error. Raises RecordChanged if the record is not the one that was read.
        """
        upcoming_at = record.upcoming_at if releases is None else next_publication(releases, coverage)
        revision = record.revision + 1
        with self._database.writing() as connection:
            repository_id = write_repository(
                connection,
                record,
                rules=mark.rules,
                validator=mark.validator,
                head=mark.head or record.head,
                polled_at=mark.at,
                complete_at=mark.at if mark.look >= PollDepth.COMPLETE else record.complete_at,
                full_at=mark.at if mark.look is PollDepth.FULL else record.full_at,
                backfilled_at=record.backfilled_at or mark.at,
                changed_at=record.changed_at if changes.is_empty else mark.at,
                renamed=record.renamed if mark.renamed is None else mark.renamed,
                identity=mark.identity or record.identity,
                undated_because=record.undated_because if mark.undated_because is None else mark.undated_because,
                upcoming_at=upcoming_at,
                **_OVER,
                **_counts(record, changes),
                **_counts_of(coverage),
            )
            take_back(connection, [(record.repository, mark.at)])
            _add_tags(connection, repository_id, changes.added, revision)
            _change_tags(connection, repository_id, changes.changed, record.polled_at)
            _add_events(connection, repository_id, changes.events, revision)
            entry = Entry(repository_id, revision, is_new=record.revision == 0)
            if releases is not None:
                has_new_rules = record.rules != mark.rules
                replace_products(connection, record, entry, releases, readers, has_new_rules=has_new_rules)
            if coverage is not None:
                replace_unclassified(connection, entry, coverage)

    def write_releases(
        self,
        record: RepositoryRecord,
        rules: str,
        releases: Sequence[Release],
        coverage: Coverage | None = None,
        *,
        readers: Collection[str] = (),
    ) -> None:
        """Replace a repository's releases after its rules changed, and its coverage if given. Raises RecordChanged.

        ``readers`` are the keys of the entries that read its tags, by default the repository alone.
        """
        upcoming_at = next_publication(releases, coverage)
        with self._database.writing() as connection:
            repository_id = write_repository(
                connection, record, rules=rules, upcoming_at=upcoming_at, **_counts_of(coverage)
            )
            entry = Entry(repository_id, record.revision + 1, is_new=record.revision == 0)
            replace_products(connection, record, entry, releases, readers, has_new_rules=True)
            if coverage is not None:
                replace_unclassified(connection, entry, coverage)

    def write_listing(self, repository: str, listing: IndexListing) -> None:
        """Write what a package index lists of a repository, in place of what was recorded."""
        with self._database.writing() as connection:
            write_listing(connection, repository, listing)

    def write_unchanged(self, polled: Sequence[Unchanged]) -> None:
        """Record that repositories were polled and brought nothing new, in one statement for all; clears their errors.

        Repositories that nothing is held of are passed over.
        """
        if not polled:
            return
        columns = repositories.c
        kept: Values = {
            name: coalesce(sa.bindparam(f"new_{name}", type_=columns[name].type), columns[name]) for name in _KEPT
        }
        marks: Values = {
            "polled_at": sa.bindparam("at", type_=columns.polled_at.type),
            "revision": columns.revision + 1,
        }
        statement = sa.update(repositories).where(columns.key == sa.bindparam("of")).values(**marks, **kept, **_OVER)
        rows = [
            {
                "of": poll.repository,
                "at": poll.at,
                "new_validator": poll.validator,
                "new_head": poll.head,
                "new_complete_at": poll.at if poll.look >= PollDepth.COMPLETE else None,
                "new_full_at": poll.at if poll.look is PollDepth.FULL else None,
                "new_renamed": poll.renamed,
                "new_identity": poll.identity or None,
                "new_undated_because": poll.undated_because,
            }
            for poll in polled
        ]
        with self._database.writing() as connection:
            connection.execute(statement, rows)
            take_back(connection, [(poll.repository, poll.at) for poll in polled])

    def write_failure(
        self, repository: str, at: datetime, error: str, *, is_suspected: bool = False, rival: str = ""
    ) -> None:
        """Record why a poll failed; the first failure after a success says since when, and so does the first suspicion.

        ``rival`` is the id of another repository that was found at its path.
        """
        with self._database.writing() as connection:
            first: Values = {
                "key": repository,
                "rules": "",
                "revision": 1,
                "error": error,
                "failing_since": at,
                "failed_at": at,
                "suspected_at": at if is_suspected else None,
                "rival": rival,
            }
            new = insert(connection, repositories).values(first)
            again: Values = {
                "revision": repositories.c.revision + 1,
                "error": new.excluded.error,
                "failed_at": new.excluded.failed_at,
                "failing_since": _earlier(repositories.c.failing_since, at, new.excluded.failing_since),
                "suspected_at": _earlier(repositories.c.suspected_at, at, new.excluded.suspected_at),
                "rival": rival or repositories.c.rival,
            }
            connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=again))
            take_back(connection, [(repository, at)])

    def mark_unread_told(self, keys: Iterable[str], *, is_told: bool) -> frozenset[str]:
        """Record whether the maintainers know that most tags are unclassified; return the repositories that changed."""
        with self._database.writing() as connection:
            table = repositories.c
            statement = sa.update(repositories).where(one_of(table.key, set(keys)), table.is_unread_told != is_told)
            return frozenset(connection.scalars(statement.values(is_unread_told=is_told).returning(table.key)))

    def write_limits(self, forge: str, reported: Sequence[Limit]) -> None:
        """Record a forge's limits as last reported."""
        if not reported:
            return
        with self._database.writing() as connection:
            rows: list[Values] = [
                {
                    "forge": forge,
                    "resource": each.resource,
                    "allowed": each.limit,
                    "remaining": each.remaining,
                    "window_seconds": int(each.window.total_seconds()),
                    "resets_at": each.resets_at,
                    "seen_at": each.seen_at,
                }
                for each in reported
            ]
            new = insert(connection, forge_limits)
            values = {
                name: new.excluded[name] for name in ("allowed", "remaining", "window_seconds", "resets_at", "seen_at")
            }
            connection.execute(new.on_conflict_do_update(index_elements=["forge", "resource"], set_=values), rows)

    def limits(self) -> dict[tuple[str, str], Limit]:
        """Read the limits as last reported, by forge and resource."""
        with self._database.reading() as connection:
            return {
                (row.forge, row.resource): Limit(
                    row.resource,
                    row.allowed,
                    row.remaining,
                    timedelta(seconds=row.window_seconds),
                    row.resets_at,
                    row.seen_at,
                )
                for row in connection.execute(sa.select(forge_limits))
            }


def write_repository(connection: sa.Connection, record: RepositoryRecord, **values: Any) -> int:
    """Write columns of a repository, if it is still as it was read, and return its number. Raises RecordChanged."""
    written = values | {"revision": record.revision + 1}
    if record.revision == 0:
        statement = insert(connection, repositories).on_conflict_do_nothing()
        written = {"key": record.repository, "rules": ""} | written
    else:
        is_as_read = (repositories.c.key == record.repository, repositories.c.revision == record.revision)
        statement = sa.update(repositories).where(*is_as_read)
    repository_id: int | None = connection.scalar(statement.returning(repositories.c.id), written)
    if repository_id is None:
        raise RecordChanged(record.repository)
    return repository_id


def _counts(record: RepositoryRecord, changes: PollChanges) -> Values:
    after = dict(record.tags) | {tag.name: tag for tag in (*changes.added, *changes.changed)}
    present = [tag for tag in after.values() if tag.is_present]
    return {"tag_count": len(present), "undetailed_count": sum(tag.details is None for tag in present)}


def _counts_of(coverage: Coverage | None) -> Values:
    if coverage is None:
        return {}
    return {"considered_count": coverage.considered, "unclassified_count": len(coverage.unclassified)}


def _earlier(
    held: sa.ColumnElement[datetime], at: datetime, new: sa.ColumnElement[datetime]
) -> sa.ColumnElement[datetime]:
    """Keep what is held, unless it lies in the future of the poll: then a clock that was wrong has written it."""
    return sa.case((held > at, new), else_=coalesce(held, new))


def _add_tags(connection: sa.Connection, repository_id: int, added: Sequence[Tag], revision: int) -> None:
    own = {"repository_id": repository_id, "last_seen": None, "recorded": revision}
    insert_many(connection, tags, tag_columns(added), own)


def _change_tags(
    connection: sa.Connection, repository_id: int, changed: Sequence[Tag], last_poll: datetime | None
) -> None:
    """Write changed tags; one that vanished was last seen by the poll before this one."""
    if not changed:
        return
    last_seen = [None if tag.is_present else last_poll or tag.last_seen for tag in changed]
    rows = rows_of({**tag_columns(changed), "last_seen": last_seen}, "new_")
    statement = (
        sa.update(tags)
        .where(tags.c.repository_id == repository_id, tags.c.name == sa.bindparam("new_name"))
        .values({name: sa.bindparam(f"new_{name}") for name in OF_A_TAG if name != "name"})
    )
    connection.execute(statement, rows)


def _add_events(connection: sa.Connection, repository_id: int, events: Sequence[TagEvent], revision: int) -> None:
    own = {"repository_id": repository_id, "recorded": revision}
    insert_many(connection, tag_events, event_columns(events), own)
