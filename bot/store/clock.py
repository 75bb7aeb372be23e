"""The database's clock, and the moments in it that lie in the future: what a clock that was ahead has written."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.clocks import TOLERANCE, FutureMoment
from bot.store.database import Database
from bot.store.schema import (
    announcements,
    chat_events,
    conversations,
    deliveries,
    digests,
    forge_limits,
    hooks,
    index_listings,
    milestone_changes,
    organisations,
    refused_questions,
    release_notes,
    repositories,
    schedules,
    series_changes,
    subscriptions,
    tag_events,
    watch_changes,
)

_POLLS = repositories.c
_COLUMNS: dict[str, tuple[sa.Column[datetime], ...]] = {
    "polls": (
        _POLLS.polled_at,
        _POLLS.full_at,
        _POLLS.complete_at,
        _POLLS.changed_at,
        _POLLS.backfilled_at,
        _POLLS.failed_at,
        _POLLS.failing_since,
        _POLLS.suspected_at,
    ),
    "tag events": (tag_events.c.at,),
    "digests": (digests.c.made_at, digests.c.due, digests.c.slot, digests.c.observed_at),
    "subscriptions": (subscriptions.c.at, subscriptions.c.ended_at),
    "announcements": (announcements.c.made_at,),
    "attempts at deliveries": (deliveries.c.attempted_at,),
    "schedules": (schedules.c.known_since,),
    "questions in chat": (chat_events.c.at,),
    "conversations": (conversations.c.at,),
    "questions not understood": (refused_questions.c.first_at, refused_questions.c.last_at),
    "milestones": (milestone_changes.c.at,),
    "statuses of series": (series_changes.c.at,),
    "watched repositories": (watch_changes.c.at,),
    "lists of organisations": (organisations.c.listed_at, organisations.c.tried_at),
    "package indexes": (index_listings.c.read_at, index_listings.c.failing_since),
    "release notes": (release_notes.c.read_at,),
    "rate limits": (forge_limits.c.seen_at,),
    "webhooks": (hooks.c.arrived_at, hooks.c.looked_at),
}
# What is meant to lie ahead, but never as far.
_WAITS = {
    "waits of deliveries": (deliveries.c.not_before,),
    "waits of package indexes": (index_listings.c.next_at,),
    "looks for webhooks": (hooks.c.due_at,),
}
_LONGER_WAITS = {"waits for release notes": (release_notes.c.next_try,)}


class DatabaseClock:
    """The clock that several machines share; on SQLite it is this machine's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> datetime:
        """Return the time by the database's clock."""
        with self._database.reading() as connection:
            return read_clock(connection)

    def future_moments(self, now: datetime) -> list[FutureMoment]:
        """Read the latest moment of each kind that lies in the future."""
        from bot.domain.backoff import LONGEST
        from bot.domain.notes.record import LONGEST_WAIT

        with self._database.reading() as connection:
            return [
                *_beyond(connection, _COLUMNS, now + TOLERANCE),
                *_beyond(connection, _WAITS, now + TOLERANCE + LONGEST),
                *_beyond(connection, _LONGER_WAITS, now + TOLERANCE + LONGEST_WAIT),
            ]


def read_clock(connection: sa.Connection) -> datetime:
    """Read the database's clock."""
    return moment_of(connection.scalar(sa.select(clock_of(connection))))


def clock_of(connection: sa.Connection) -> sa.ColumnElement[Any]:
    """Return the database's clock as an expression; ``moment_of`` reads its values."""
    if connection.dialect.name == "sqlite":
        return sa.func.strftime("%Y-%m-%d %H:%M:%f", "now")
    return sa.func.clock_timestamp()


def moment_of(value: str | datetime | None) -> datetime:
    """Return the moment that a value of the database's clock means, in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(f"{value}+00:00")


def _beyond(
    connection: sa.Connection, columns: Mapping[str, tuple[sa.Column[datetime], ...]], limit: datetime
) -> Iterator[FutureMoment]:
    for of, each in columns.items():
        latest = connection.execute(sa.select(*(sa.func.max(column) for column in each))).one()
        ahead = [moment for moment in latest if moment is not None and moment > limit]
        if ahead:
            yield FutureMoment(of, max(ahead))
