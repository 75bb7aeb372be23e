"""Polls as the service makes them, on a store."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.polling.diff import PollChanges, compare
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord
from bot.domain.releases import Release
from bot.domain.tags import Tag, TagDetails, TagRef
from bot.store.store import Store

KEY = "github:DIRACGrid/DIRAC"
START = datetime(2021, 2, 1, 9, 0, tzinfo=UTC)
NOTHING = PollChanges()


def hour(number: int) -> datetime:
    """Return the moment a number of hours after the start."""
    return START + timedelta(hours=number)


def mark(at: datetime, *, full: bool = False, validator: str | None = None, rules: str = "r1") -> PollMark:
    return PollMark(at=at, validator=validator, look=PollDepth.FULL if full else PollDepth.COMPLETE, rules=rules)


def ref(name: str, target: str = "c1") -> TagRef:
    return TagRef(name, target, annotated=False)


def on(commit: str) -> TagDetails:
    return TagDetails(commit, committed=START)


def poll(
    store: Store,
    at: datetime,
    refs: Iterable[TagRef] | None,
    *,
    key: str = KEY,
    releases: Sequence[Release] | None = None,
) -> PollChanges:
    """Poll with these refs at a moment: read, compare, write."""
    record = store.tags.record(key)
    listed = None if refs is None else list(refs)
    details = {each.name: on(each.target) for each in listed or ()}
    changes = compare(record.tags, listed, details, at=at, backfill=record.backfilled_at is None)
    store.polls.write(record, mark(at), changes, releases)
    return changes


def add_tags(store: Store, key: str, tags: Sequence[Tag], at: datetime = START) -> None:
    """Write tags as found by the first poll."""
    store.polls.write(RepositoryRecord(key), mark(at), PollChanges(added=tuple(tags)), None)


def rows_written(store: Store) -> int:
    """Tell how many rows were written so far to a SQLite database in memory."""
    with store.database.reading() as connection:
        driver: Any = connection.connection.driver_connection
        return int(driver.total_changes)
