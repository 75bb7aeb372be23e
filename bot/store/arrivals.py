"""What came to the records of repositories since earlier revisions of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from bot.domain.news import Arrivals
from bot.domain.tags import TagEvent
from bot.store.membership import one_of
from bot.store.rows import event_of
from bot.store.tables import releases, repositories, tag_events, tags

# Repositories that are asked for in one statement; databases bound how long a condition may be.
_AT_ONCE = 200


def read_arrivals(connection: sa.Connection, keys: Sequence[str], seen: Mapping[str, int]) -> dict[str, Arrivals]:
    """Read what came to each repository's record since the revision that was seen of it, where one was."""
    known = {key: seen[key] for key in keys if key in seen}
    new_releases = _since(connection, releases, releases.c.normalized, known)
    new_tags = _since(connection, tags, tags.c.name, known)
    new_events = _events_since(connection, known)
    return {
        key: Arrivals(
            releases=frozenset(new_releases[key]) if key in known else None,
            tags=frozenset(new_tags[key]) if key in known else None,
            events=tuple(new_events[key]) if key in known else None,
        )
        for key in keys
    }


def _since(
    connection: sa.Connection, table: sa.Table, name: sa.Column[Any], seen: Mapping[str, int]
) -> dict[str, list[str]]:
    """Read the names of a table's rows that came after the revisions, by repository."""
    found: dict[str, list[str]] = defaultdict(list)
    for is_later in _later(table, seen):
        query = sa.select(repositories.c.key, name).join_from(table, repositories)
        for key, value in connection.execute(query.where(is_later)):
            found[key].append(value)
    return found


def _events_since(connection: sa.Connection, seen: Mapping[str, int]) -> dict[str, list[TagEvent]]:
    """Read the events of tags that came after the revisions, by repository, oldest first."""
    found: dict[str, list[TagEvent]] = defaultdict(list)
    for is_later in _later(tag_events, seen):
        query = sa.select(repositories.c.key, tag_events).join_from(tag_events, repositories)
        for row in connection.execute(query.where(is_later).order_by(tag_events.c.id)):
            found[row.key].append(event_of(row))
    return found


def _later(table: sa.Table, seen: Mapping[str, int]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions for the rows of a table that came after the revisions."""
    pairs = iter(seen.items())
    while some := list(islice(pairs, _AT_ONCE)):
        is_one = one_of(repositories.c.key, [key for key, _ in some])
        yield sa.and_(is_one, sa.or_(*(_is_after(table, key, revision) for key, revision in some)))


def _is_after(table: sa.Table, key: str, revision: int) -> sa.ColumnElement[bool]:
    return sa.and_(repositories.c.key == key, table.c.recorded > revision)
