"""What was told: digests with the releases in them, and each one's delivery."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bot.domain.digests import Digest
from bot.domain.periods import Period
from bot.services.ports import Delivery, PastDigest, Settlement
from bot.store.database import insert
from bot.store.rows import OF_A_DELIVERY, delivery_of
from bot.store.tables import deliveries, digest_releases, digests, schedules

# A digest whose delivery ended so has told its channel nothing.
_UNTOLD = ("failed", "dropped")
_DELIVERIES = sa.select(*OF_A_DELIVERY).join_from(deliveries, digests)


def read_past(connection: sa.Connection, name: str, channel: str) -> list[PastDigest]:
    """Read the digests of a name made for a channel, oldest first, without those that never arrived."""
    query = (
        sa.select(digests.c.id, digests.c.period_start, digests.c.period_end, digests.c.time_zone, digests.c.made_at)
        .join_from(digests, deliveries)
        .where(*_made_for(name, channel), deliveries.c.state.not_in(_UNTOLD))
        .order_by(digests.c.made_at, digests.c.id)
    )
    return [PastDigest(*row) for row in connection.execute(query)]


def read_told(connection: sa.Connection, name: str, channel: str, before: datetime) -> frozenset[tuple[str, str]]:
    """Read the releases in the digests whose periods ended before ``before``, without those that never arrived."""
    query = (
        sa.select(digest_releases.c.repository, digest_releases.c.normalized)
        .join_from(digest_releases, digests)
        .join(deliveries, deliveries.c.digest_id == digests.c.id)
        .where(*_made_for(name, channel), digests.c.period_end < before, deliveries.c.state.not_in(_UNTOLD))
    )
    return frozenset((row.repository, row.normalized) for row in connection.execute(query))


def read_known_since(connection: sa.Connection, name: str, channel: str) -> datetime | None:
    """Read since when a digest is scheduled for a channel, None if it was never asked."""
    query = sa.select(schedules.c.known_since).where(schedules.c.name == name, schedules.c.channel == channel)
    return connection.scalar(query)


def write_known_since(connection: sa.Connection, name: str, channel: str, now: datetime) -> None:
    """Set since when a digest is scheduled for a channel, unless it is set."""
    new = insert(connection, schedules).values(name=name, channel=channel, known_since=now)
    connection.execute(new.on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Sending:
    """How a digest is to be delivered: to which channel, as which frozen message, in which state, asked for by whom."""

    channel: str
    message: str
    state: str
    by: str


def add(connection: sa.Connection, digest: Digest, sending: Sending) -> Delivery:
    """Keep a digest, what it tells, and its delivery; where its period has one, give that, write nothing."""
    digest_id = _add_digest(connection, digest, sending.channel)
    if digest_id is not None:
        told = [{"digest_id": digest_id, "repository": key, "normalized": name} for key, name in _told(digest)]
        if told:
            connection.execute(sa.insert(digest_releases), told)
        new = {"state": sending.state, "message": sending.message, "asked_by": sending.by or None, "key": uuid4().hex}
        connection.execute(sa.insert(deliveries).values(digest_id=digest_id, **new))
    return delivery_of(connection.execute(_of_period(digest.name, sending.channel, digest.period)).one())


def read_of(connection: sa.Connection, name: str, channel: str, period: Period) -> Delivery | None:
    """Read the delivery of a digest for a period to a channel, if there is one."""
    row = connection.execute(_of_period(name, channel, period)).one_or_none()
    return None if row is None else delivery_of(row)


def read_in(connection: sa.Connection, states: Iterable[str]) -> list[Delivery]:
    """Read the deliveries in these states, oldest first."""
    query = _DELIVERIES.where(deliveries.c.state.in_(list(states))).order_by(deliveries.c.id)
    return [delivery_of(row) for row in connection.execute(query)]


def read_last_due(connection: sa.Connection, name: str, channel: str) -> datetime | None:
    """Read when the latest scheduled digest was due."""
    due: datetime | None = connection.scalar(sa.select(sa.func.max(digests.c.due)).where(*_made_for(name, channel)))
    return due


def claim(connection: sa.Connection, delivery: Delivery, at: datetime) -> Delivery | None:
    """Move a pending delivery to sending; of two workers, one does."""
    claimed = replace(delivery, state="sending", attempts=delivery.attempts + 1, attempted_at=at, not_before=None)
    begun = {"state": claimed.state, "attempts": claimed.attempts, "attempted_at": at, "not_before": None}
    is_pending = _as_read(replace(delivery, state="pending"))
    return claimed if _changed(connection, sa.update(deliveries).where(*is_pending).values(begun)) else None


def settle(connection: sa.Connection, delivery: Delivery, settled: Settlement) -> bool:
    """Write what became of a delivery, if it is still as it was read."""
    values: dict[str, Any] = {"state": settled.state, "error": settled.error, "not_before": settled.not_before}
    if settled.posted is not None:
        values |= {"message_id": settled.posted.message, "chat_channel": settled.posted.channel}
    if settled.state in {"pending", "sent"}:
        values["is_told"] = False
    return _changed(connection, sa.update(deliveries).where(*_as_read(delivery)).values(values))


def mark_told(connection: sa.Connection, delivery: Delivery, *, is_told: bool) -> bool:
    """Write whether the maintainers were told, unless it is so."""
    is_other = deliveries.c.is_told.is_(not is_told)
    return _changed(connection, sa.update(deliveries).where(*_as_read(delivery), is_other).values(is_told=is_told))


def _as_read(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    """Match a delivery that nobody has moved on since it was read: each attempt has a number of its own."""
    table = deliveries.c
    return table.id == delivery.id, table.state == delivery.state, table.attempts == delivery.attempts


def _changed(connection: sa.Connection, update: sa.Update) -> bool:
    return connection.scalar(update.returning(deliveries.c.id)) is not None


def read_names_in(connection: sa.Connection, channel: str) -> frozenset[str]:
    """Read the names of the digests that were posted to a channel, by the chat's own id of it."""
    query = sa.select(digests.c.name).join_from(deliveries, digests).where(deliveries.c.chat_channel == channel)
    return frozenset(connection.scalars(query.distinct()))


def _of_period(name: str, channel: str, period: Period) -> sa.Select[Any]:
    of_period = (digests.c.period_start == period.start, digests.c.period_end == period.end)
    return _DELIVERIES.where(*_made_for(name, channel), *of_period)


def _made_for(name: str, channel: str) -> tuple[sa.ColumnElement[bool], ...]:
    return digests.c.name == name, digests.c.channel == channel


def _add_digest(connection: sa.Connection, digest: Digest, channel: str) -> int | None:
    new = insert(connection, digests).values(
        name=digest.name,
        channel=channel,
        period_start=digest.period.start,
        period_end=digest.period.end,
        time_zone=digest.period.zone.key,
        made_at=digest.made_at,
        headline=digest.headline,
        due=digest.due,
    )
    number: Any = connection.scalar(new.on_conflict_do_nothing().returning(digests.c.id))
    return None if number is None else int(number)


def _told(digest: Digest) -> set[tuple[str, str]]:
    in_period = [release for part in digest.repositories for release in part.releases]
    return {(release.repository, release.normalized) for release in (*in_period, *digest.late)}
