"""What came to the records of repositories since earlier revisions of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bot.domain.digests.news import Arrivals
from bot.domain.tags import TagEvent
from bot.store.membership import given
from bot.store.rows import event_of
from bot.store.tables import releases, repositories, tag_events, tags


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
    for key, value in connection.execute(_later(connection, table, seen, name)):
        found[key].append(value)
    return found


def _events_since(connection: sa.Connection, seen: Mapping[str, int]) -> dict[str, list[TagEvent]]:
    """Read the events of tags that came after the revisions, by repository, oldest first."""
    found: dict[str, list[TagEvent]] = defaultdict(list)
    for row in connection.execute(_later(connection, tag_events, seen, tag_events).order_by(tag_events.c.id)):
        found[row.key].append(event_of(row))
    return found


def _later(
    connection: sa.Connection, table: sa.Table, seen: Mapping[str, int], *columns: sa.Column[Any] | sa.Table
) -> sa.Select[Any]:
    """Select columns of a table's rows that came after the revisions."""
    known = given(connection, {"key": sa.Text, "revision": sa.BigInteger}, seen.items())
    of_table = sa.and_(table.c.repository_id == repositories.c.id, table.c.recorded > known.c.revision)
    source = known.join(repositories, repositories.c.key == known.c.key).join(table, of_table)
    return sa.select(repositories.c.key, *columns).select_from(source)
