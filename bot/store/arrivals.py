"""What came to the records of repositories since earlier revisions of them, and the first dates of backfills."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from bot.domain.news import Arrivals
from bot.store.membership import one_of
from bot.store.tables import releases, repositories, tags

# Repositories that are asked for in one statement; databases bound how long a condition may be.
_AT_ONCE = 200


def read_arrivals(connection: sa.Connection, keys: Sequence[str], seen: Mapping[str, int]) -> dict[str, Arrivals]:
    """Read what came to each repository's record since the revision that was seen of it, where one was."""
    known = {key: seen[key] for key in keys if key in seen}
    new_releases = _since(connection, releases, releases.c.normalized, known)
    new_tags = _since(connection, tags, tags.c.name, known)
    dates = _backfill_dates(connection, keys)
    return {
        key: Arrivals(
            releases=frozenset(new_releases[key]) if key in known else None,
            tags=frozenset(new_tags[key]) if key in known else None,
            backfill_dates=dates[key],
        )
        for key in keys
    }


def _since(
    connection: sa.Connection, table: sa.Table, name: sa.Column[Any], seen: Mapping[str, int]
) -> dict[str, list[str]]:
    """Read the names of a table's rows that came after the revisions, by repository."""
    found: dict[str, list[str]] = defaultdict(list)
    pairs = iter(seen.items())
    while some := list(islice(pairs, _AT_ONCE)):
        is_later = [sa.and_(repositories.c.key == key, table.c.recorded > revision) for key, revision in some]
        query = sa.select(repositories.c.key, name).join_from(table, repositories)
        is_one = one_of(repositories.c.key, [key for key, _ in some])
        for key, value in connection.execute(query.where(is_one, sa.or_(*is_later))):
            found[key].append(value)
    return found


def _backfill_dates(connection: sa.Connection, keys: Sequence[str]) -> dict[str, dict[str, datetime | None]]:
    """Read the first known dates of backfilled releases that have another date now."""
    found: dict[str, dict[str, datetime | None]] = defaultdict(dict)
    is_other = releases.c.backfill_date.is_distinct_from(releases.c.date)
    query = (
        sa.select(repositories.c.key, releases.c.normalized, releases.c.backfill_date)
        .join_from(releases, repositories)
        .where(one_of(repositories.c.key, keys), releases.c.backfilled.is_(sa.true()), is_other)
    )
    for key, normalized, date in connection.execute(query):
        found[key][normalized] = date
    return found
