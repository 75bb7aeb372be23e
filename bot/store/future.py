"""Moments in the future: what a clock that was ahead has written."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa

from bot.domain.clocks import TOLERANCE, FutureMoment
from bot.domain.digests.delivery import LONGEST
from bot.store.tables import (
    chat_events,
    deliveries,
    digests,
    forge_limits,
    milestone_changes,
    organisations,
    repositories,
    schedules,
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
    "attempts at deliveries": (deliveries.c.attempted_at,),
    "schedules": (schedules.c.known_since,),
    "questions in chat": (chat_events.c.at,),
    "milestones": (milestone_changes.c.at,),
    "watched repositories": (watch_changes.c.at,),
    "lists of organisations": (organisations.c.listed_at, organisations.c.tried_at),
    "rate limits": (forge_limits.c.seen_at,),
}
# What is meant to lie ahead, but never as far.
_WAITS = {"waits of deliveries": (deliveries.c.not_before,)}


def read_future(connection: sa.Connection, now: datetime) -> list[FutureMoment]:
    """Read the latest moment of each kind that lies in the future."""
    return [*_beyond(connection, _COLUMNS, now + TOLERANCE), *_beyond(connection, _WAITS, now + TOLERANCE + LONGEST)]


def _beyond(
    connection: sa.Connection, columns: Mapping[str, tuple[sa.Column[datetime], ...]], limit: datetime
) -> Iterator[FutureMoment]:
    for of, each in columns.items():
        latest = connection.execute(sa.select(*(sa.func.max(column) for column in each))).one()
        ahead = [moment for moment in latest if moment is not None and moment > limit]
        if ahead:
            yield FutureMoment(of, max(ahead))
