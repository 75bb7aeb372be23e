"""Repositories, their tags and what happened to these: written poll by poll, read as one state."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.functions import coalesce

from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, PollState, RepositoryRecord, Unchanged
from bot.domain.tags import Tag, TagEvent
from bot.services.ports import RecordChanged
from bot.store.database import insert
from bot.store.leases import clock_of, moment_of, read_clock
from bot.store.membership import given_pairs, one_of
from bot.store.rows import OF_A_TAG, Values, event_of, event_values, record_of, tag_of, tag_values
from bot.store.tables import repositories, tag_events, tags

# While a tag is there, the last poll that saw it is its repository's last one.
_LAST_SEEN = coalesce(tags.c.last_seen, repositories.c.polled_at).label("last_seen")
# What a poll without news keeps where the forge gave nothing to replace it.
_KEPT = ("validator", "head", "complete_at", "full_at", "renamed", "identity", "undated_because")
# What a poll that succeeds puts an end to.
_OVER: Values = {"error": None, "failing_since": None, "suspected_at": None, "rival": ""}
_STATE = [repositories.c[each.name] for each in fields(PollState)]
_TAG = [_LAST_SEEN if name == "last_seen" else tags.c[name] for name in OF_A_TAG]


def read_record(connection: sa.Connection, repository: str) -> RepositoryRecord:
    """Read what is held of one repository, with every tag ever seen."""
    record = read_records(connection, [repository])[0]
    return replace(record, tags={tag.name: tag for _, tag in read_tags(connection, [repository])})


def read_records(connection: sa.Connection, keys: Sequence[str]) -> list[RepositoryRecord]:
    """Read the records without their tags, in the order asked."""
    query = sa.select(repositories).where(one_of(repositories.c.key, keys))
    records = {row.key: record_of(row) for row in connection.execute(query)}
    return [records.get(key) or RepositoryRecord(key) for key in keys]


def read_states(connection: sa.Connection, keys: Sequence[str]) -> tuple[list[PollState], datetime]:
    """Read the states of the last polls, in the order asked, and the database's clock."""
    query = sa.select(repositories.c.key, *_STATE, clock_of(connection).label("now"))
    found = connection.execute(query.where(one_of(repositories.c.key, keys))).all()
    states = {key: PollState(*state) for key, *state, _ in found}
    now = moment_of(found[0].now) if found else read_clock(connection)
    return [states.get(key) or PollState() for key in keys], now


def read_tags(connection: sa.Connection, keys: Sequence[str]) -> list[tuple[str, Tag]]:
    """Read every tag ever seen, by repository as asked, then name."""
    query = sa.select(*_TAG, repositories.c.key).join_from(tags, repositories).where(one_of(repositories.c.key, keys))
    found = [(row[-1], tag_of(row[:-1])) for row in connection.execute(query)]
    places = {key: place for place, key in enumerate(keys)}
    return sorted(found, key=lambda pair: (places[pair[0]], pair[1].name))


def read_tags_named(connection: sa.Connection, names: Collection[tuple[str, str]]) -> list[tuple[str, Tag]]:
    """Read tags by repository and name."""
    asked = given_pairs(connection, names)
    return _read_given(connection, asked, tags.c.name == asked.c.name)


def read_tags_on(connection: sa.Connection, commits: Collection[tuple[str, str]]) -> list[tuple[str, Tag]]:
    """Read the tags that stand on commits, each after its repository; lightweight ones without details too."""
    asked = given_pairs(connection, commits)
    is_bare = sa.and_(tags.c.commit.is_(None), sa.not_(tags.c.detailed), sa.not_(tags.c.annotated))
    # One query for each: joined by OR, they would not use the index.
    return [
        found
        for is_on in (tags.c.commit == asked.c.name, sa.and_(is_bare, tags.c.target == asked.c.name))
        for found in _read_given(connection, asked, is_on)
    ]


def _read_given(connection: sa.Connection, asked: sa.Subquery, is_it: sa.ColumnElement[bool]) -> list[tuple[str, Tag]]:
    of_repository = sa.and_(tags.c.repository_id == repositories.c.id, is_it)
    source = asked.join(repositories, repositories.c.key == asked.c.key).join(tags, of_repository)
    query = sa.select(*_TAG, repositories.c.key).select_from(source)
    return [(row[-1], tag_of(row[:-1])) for row in connection.execute(query)]


def read_events(connection: sa.Connection, keys: Sequence[str], after: datetime | None) -> list[tuple[str, TagEvent]]:
    """Read the tag events later than ``after``, oldest first."""
    query = (
        sa.select(repositories.c.key, tag_events)
        .join_from(tag_events, repositories)
        .where(one_of(repositories.c.key, keys))
        .order_by(tag_events.c.at, tag_events.c.id)
    )
    if after is not None:
        query = query.where(tag_events.c.at > after)
    return [(row.key, event_of(row)) for row in connection.execute(query)]


def write_poll(
    connection: sa.Connection,
    record: RepositoryRecord,
    mark: PollMark,
    changes: PollChanges,
    upcoming_at: datetime | None,
) -> int:
    """Write what a poll found, and give the repository's number. Raises RecordChanged."""
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
    )
    _add_tags(connection, repository_id, changes.added, record.revision + 1)
    _change_tags(connection, repository_id, changes.changed, record.polled_at)
    _add_events(connection, repository_id, changes.events, record.revision + 1)
    return repository_id


def _counts(record: RepositoryRecord, changes: PollChanges) -> Values:
    after = dict(record.tags) | {tag.name: tag for tag in (*changes.added, *changes.changed)}
    present = [tag for tag in after.values() if tag.is_present]
    return {"tag_count": len(present), "undetailed_count": sum(tag.details is None for tag in present)}


def write_unchanged(connection: sa.Connection, polled: Sequence[Unchanged]) -> None:
    """Keep that repositories were polled and brought nothing new, in one statement for all."""
    if not polled:
        return
    columns = repositories.c
    kept: Values = {
        name: coalesce(sa.bindparam(f"new_{name}", type_=columns[name].type), columns[name]) for name in _KEPT
    }
    marks: Values = {"polled_at": sa.bindparam("at", type_=columns.polled_at.type), "revision": columns.revision + 1}
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
    connection.execute(statement, rows)


def write_repository(connection: sa.Connection, record: RepositoryRecord, **values: Any) -> int:
    """Write columns of a repository, if it is still as it was read, and give its number. Raises RecordChanged."""
    if record.revision == 0:
        new: Values = {"key": record.repository, "rules": "", **values, "revision": 1}
        statement = insert(connection, repositories).values(new).on_conflict_do_nothing()
    else:
        is_as_read = (repositories.c.key == record.repository, repositories.c.revision == record.revision)
        statement = sa.update(repositories).where(*is_as_read).values(**values, revision=record.revision + 1)
    repository_id: int | None = connection.scalar(statement.returning(repositories.c.id))
    if repository_id is None:
        raise RecordChanged(record.repository)
    return repository_id


def write_failure(
    connection: sa.Connection, repository: str, at: datetime, error: str, *, is_suspected: bool, rival: str
) -> None:
    """Keep why a poll failed; the first failure after a success says since when, and so does the first suspicion."""
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


def mark_unread_told(connection: sa.Connection, keys: Collection[str], *, is_told: bool) -> frozenset[str]:
    """Keep whether the maintainers were told that most tags are not read; return the keys that it changed for."""
    table = repositories.c
    statement = sa.update(repositories).where(one_of(table.key, keys), table.is_unread_told != is_told)
    return frozenset(connection.scalars(statement.values(is_unread_told=is_told).returning(table.key)))


def _earlier(
    held: sa.ColumnElement[datetime], at: datetime, new: sa.ColumnElement[datetime]
) -> sa.ColumnElement[datetime]:
    """Keep what is held, unless it lies in the future of the poll: then a clock that was wrong has written it."""
    return sa.case((held > at, new), else_=coalesce(held, new))


def _add_tags(connection: sa.Connection, repository_id: int, added: Iterable[Tag], revision: int) -> None:
    own = {"repository_id": repository_id, "last_seen": None, "recorded": revision}
    rows = [tag_values(tag) | own for tag in added]
    if rows:
        connection.execute(sa.insert(tags), rows)


def _change_tags(
    connection: sa.Connection, repository_id: int, changed: Iterable[Tag], last_poll: datetime | None
) -> None:
    """Write changed tags; one that vanished was last seen by the poll before this one."""
    rows = [
        {f"new_{name}": value for name, value in tag_values(tag).items()}
        | {"new_last_seen": None if tag.is_present else last_poll or tag.last_seen}
        for tag in changed
    ]
    if not rows:
        return
    statement = (
        sa.update(tags)
        .where(tags.c.repository_id == repository_id, tags.c.name == sa.bindparam("new_name"))
        .values({name: sa.bindparam(f"new_{name}") for name in OF_A_TAG if name != "name"})
    )
    connection.execute(statement, rows)


def _add_events(connection: sa.Connection, repository_id: int, events: Iterable[TagEvent], revision: int) -> None:
    own = {"repository_id": repository_id, "recorded": revision}
    rows = [event_values(event) | own for event in events]
    if rows:
        connection.execute(sa.insert(tag_events), rows)
