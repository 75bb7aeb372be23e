"""What was told: digests with the releases in them, and each one's delivery."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bot.domain.clocks import TOLERANCE
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.delivery import Delivery, DeliveryState, Frozen, Settlement
from bot.domain.digests.digest import Digest, mentions_of
from bot.domain.digests.news import Key, Mention, Role
from bot.domain.periods.period import Period
from bot.domain.tags import DateSource
from bot.store.database import insert
from bot.store.membership import given_pairs
from bot.store.rows import OF_A_DELIVERY, Row, delivery_of
from bot.store.tables import deliveries, digest_releases, digests, releases, repositories, schedules

# A digest whose delivery ended so has told its channel nothing.
_UNTOLD = (DeliveryState.FAILED, DeliveryState.DROPPED)
# What a digest has seen is long, and needed of one of them.
_OF_A_DIGEST = [column for column in digests.c if column is not digests.c.seen]
_PAST = sa.select(*_OF_A_DIGEST, deliveries.c.state).join_from(digests, deliveries)
_DELIVERIES = sa.select(*OF_A_DELIVERY).join_from(deliveries, digests)


def read_past(connection: sa.Connection, name: str, channel: str, *, untold: bool) -> list[PastDigest]:
    """Read the digests of a name made for a channel, oldest first; with ``untold`` those too that never arrived."""
    query = _PAST.where(*_made_for(name, channel)).order_by(digests.c.made_at, digests.c.id)
    past = [_past(row) for row in connection.execute(query)]
    return [each for each in past if each.is_sent or untold]


def _past(row: Row) -> PastDigest:
    return PastDigest(
        row.id,
        row.period_start,
        row.period_end,
        row.time_zone,
        row.made_at,
        row.observed_at or row.made_at,
        row.slot,
        row.due,
        is_sent=row.state not in _UNTOLD,
    )


def read_seen(connection: sa.Connection, number: int) -> dict[str, int]:
    """Read the revision of each repository that the digest of a number was made from; empty where nobody kept it."""
    return dict(connection.scalar(sa.select(digests.c.seen).where(digests.c.id == number)) or {})


def read_mentions(connection: sa.Connection, name: str, channel: str, keys: Collection[Key]) -> list[Mention]:
    """Read what the digests of a name made for a channel did with some releases, in the order of the digests."""
    asked = given_pairs(connection, keys)
    is_it = sa.and_(digest_releases.c.repository == asked.c.key, digest_releases.c.normalized == asked.c.name)
    source = asked.join(digest_releases, is_it).join(digests)
    query = sa.select(digest_releases).select_from(source).where(*_made_for(name, channel))
    return [
        Mention(
            row.digest_id,
            (row.repository, row.normalized),
            Role(row.role),
            (row.date, DateSource(row.date_source) if row.date_source else None),
        )
        for row in connection.execute(query.order_by(digests.c.made_at, digests.c.id))
    ]


def read_left_open(connection: sa.Connection, name: str, channel: str, own: Collection[int]) -> set[Key]:
    """Read which releases were left over by every digest, or named with another date than they have.

    ``own`` are the numbers of digests that do not count, since they stand for the same moment as the next one.
    """
    told = digest_releases.alias("told")
    is_same = (told.c.repository == digest_releases.c.repository, told.c.normalized == digest_releases.c.normalized)
    is_told = _told_by(told, name, channel).where(*is_same, told.c.digest_id.not_in(own)).exists()
    mentioned = sa.join(digest_releases, digests).join(deliveries)
    role, is_lost = digest_releases.c.role, deliveries.c.state.in_(_UNTOLD)
    is_left = sa.or_(role.in_([Role.AHEAD, Role.UNNAMED]), sa.and_(role == Role.NAMED, is_lost))
    columns = (digest_releases.c.repository, digest_releases.c.normalized)
    query = sa.select(*columns).select_from(mentioned).where(*_made_for(name, channel))
    is_release = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.normalized == columns[1])
    held = mentioned.join(repositories, repositories.c.key == columns[0]).join(releases, is_release)
    redated = sa.select(*columns).select_from(held).where(*_made_for(name, channel))
    is_redated = (role.in_([Role.NAMED, Role.REDATED]), digest_releases.c.date != releases.c.date)
    found = (query.where(is_left, sa.not_(is_told)).distinct(), redated.where(*is_redated).distinct())
    return {(row.repository, row.normalized) for each in found for row in connection.execute(each)}


def _told_by(mentions: Any, name: str, channel: str) -> sa.Select[Any]:
    """Select the mentions by which a release was named in a channel."""
    made = digests.alias("earlier")
    sent = deliveries.alias("sent")
    source = mentions.join(made, made.c.id == mentions.c.digest_id).join(sent, sent.c.digest_id == made.c.id)
    is_its = (made.c.name == name, made.c.channel == channel, sent.c.state.not_in(_UNTOLD))
    return sa.select(sa.literal(1)).select_from(source).where(*is_its, mentions.c.role == Role.NAMED)


def read_known_since(connection: sa.Connection, name: str, channel: str) -> datetime | None:
    """Read since when a digest is scheduled for a channel, None if it was never asked."""
    query = sa.select(schedules.c.known_since).where(schedules.c.name == name, schedules.c.channel == channel)
    return connection.scalar(query)


def write_known_since(connection: sa.Connection, name: str, channel: str, now: datetime) -> None:
    """Set since when a digest is scheduled for a channel, unless it is set to a moment that has been."""
    new = insert(connection, schedules).values(name=name, channel=channel, known_since=now)
    is_future = schedules.c.known_since > now + TOLERANCE
    keys = ["name", "channel"]
    connection.execute(new.on_conflict_do_update(index_elements=keys, set_={"known_since": now}, where=is_future))


@dataclass(frozen=True, slots=True)
class Sending:
    """How a digest is to be delivered: to which channel, as which frozen message, in which state, asked for by whom.

    With ``again`` it is delivered beside the one that its slot has.
    """

    channel: str
    frozen: Frozen
    state: DeliveryState
    by: str
    again: bool = False


def add(connection: sa.Connection, digest: Digest, sending: Sending) -> Delivery:
    """Keep a digest, what it does with releases, and its delivery; where its slot has one, give that, write nothing."""
    its_own = connection.execute(_of_slot(digest, sending.channel)).one_or_none()
    if its_own is not None and not sending.again:
        return delivery_of(its_own)
    digest_id = _add_digest(connection, digest, sending)
    if digest_id is None:
        # Another process was faster.
        return delivery_of(connection.execute(_of_slot(digest, sending.channel)).one())
    rows = [
        {
            "digest_id": digest_id,
            "repository": release.repository,
            "normalized": release.normalized,
            "role": role.value,
            "date": release.date,
            "date_source": release.date_source and release.date_source.value,
        }
        for release, role in mentions_of(digest, sending.frozen.unnamed)
    ]
    if rows:
        connection.execute(sa.insert(digest_releases), rows)
    frozen, by = sending.frozen.message, sending.by or None
    new = {"state": sending.state, "message": frozen, "asked_by": by, "key": uuid4().hex}
    connection.execute(sa.insert(deliveries).values(digest_id=digest_id, **new))
    return delivery_of(connection.execute(_DELIVERIES.where(digests.c.id == digest_id)).one())


def read_of(
    connection: sa.Connection, name: str, channel: str, period: Period, slot: datetime | None
) -> list[Delivery]:
    """Read the deliveries of a digest for a slot or a period to a channel, the newest last."""
    query = _DELIVERIES.where(*_made_for(name, channel), _is_for(period, slot)).order_by(digests.c.id)
    return [delivery_of(row) for row in connection.execute(query)]


def read_one(connection: sa.Connection, number: int) -> Delivery | None:
    """Read the delivery of a number, None where there is none."""
    row = connection.execute(_DELIVERIES.where(deliveries.c.id == number)).one_or_none()
    return None if row is None else delivery_of(row)


def read_in(connection: sa.Connection, states: Iterable[str]) -> list[Delivery]:
    """Read the deliveries in these states, oldest first."""
    query = _DELIVERIES.where(deliveries.c.state.in_(list(states))).order_by(deliveries.c.id)
    return [delivery_of(row) for row in connection.execute(query)]


def read_last_slot(connection: sa.Connection, name: str, channel: str, until: datetime) -> datetime | None:
    """Read the latest slot that a digest was made for, by a moment: one of a clock that was ahead holds up nothing."""
    latest = sa.select(sa.func.max(digests.c.slot)).where(*_made_for(name, channel), digests.c.slot <= until)
    slot: datetime | None = connection.scalar(latest)
    return slot


def claim(
    connection: sa.Connection, delivery: Delivery, at: datetime, unsure_until: datetime | None
) -> Delivery | None:
    """Move a pending delivery to sending; of two workers, one does."""
    begun: dict[str, Any] = {
        "state": DeliveryState.SENDING,
        "attempts": delivery.attempts + 1,
        "attempted_at": at,
        "not_before": None,
        "unsure_until": unsure_until,
        "generation": delivery.generation + 1,
    }
    is_pending = (deliveries.c.state == DeliveryState.PENDING, *_as_read(delivery))
    is_mine = _changed(connection, sa.update(deliveries).where(*is_pending).values(begun))
    return replace(delivery, **begun) if is_mine else None


def settle(connection: sa.Connection, delivery: Delivery, settled: Settlement) -> bool:
    """Write what became of a delivery, if it is still as it was read."""
    values: dict[str, Any] = {"state": settled.state, "error": settled.error, "not_before": settled.not_before}
    values["generation"] = delivery.generation + 1
    if settled.unsure_until is not None:
        values["unsure_until"] = settled.unsure_until
    if settled.posted is not None:
        values |= {"message_id": settled.posted.message, "chat_channel": settled.posted.channel}
    if settled.state in {DeliveryState.PENDING, DeliveryState.SENT}:
        values["is_told"] = False
    return _changed(connection, sa.update(deliveries).where(*_as_read(delivery)).values(values))


def mark_told(connection: sa.Connection, delivery: Delivery, *, is_told: bool) -> bool:
    """Write whether the maintainers were told, unless it is so."""
    is_other = deliveries.c.is_told.is_(not is_told)
    return _changed(connection, sa.update(deliveries).where(*_as_read(delivery), is_other).values(is_told=is_told))


def _as_read(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    """Match a delivery that nobody has moved on since it was read."""
    return deliveries.c.id == delivery.id, deliveries.c.generation == delivery.generation


def _changed(connection: sa.Connection, update: sa.Update) -> bool:
    return connection.scalar(update.returning(deliveries.c.id)) is not None


def read_names_in(connection: sa.Connection, channel: str) -> frozenset[str]:
    """Read the names of the digests that were posted to a channel, by the chat's own id of it."""
    query = sa.select(digests.c.name).join_from(deliveries, digests).where(deliveries.c.chat_channel == channel)
    return frozenset(connection.scalars(query.distinct()))


def _of_slot(digest: Digest, channel: str) -> sa.Select[Any]:
    of_it = _DELIVERIES.where(*_made_for(digest.name, channel), _is_for(digest.period, digest.ledger.slot))
    return of_it.order_by(digests.c.id.desc()).limit(1)


def _is_for(period: Period, slot: datetime | None) -> sa.ColumnElement[bool]:
    """Match the digests of a slot of the schedule, and those that reported a period to its end."""
    of_period = sa.and_(digests.c.period_start == period.start, digests.c.period_end == period.end)
    if slot is None:
        return of_period
    is_whole = sa.func.coalesce(digests.c.due, digests.c.made_at) >= digests.c.period_end
    is_alone = sa.or_(digests.c.slot.is_(None), is_whole)
    return sa.or_(digests.c.slot == slot, sa.and_(of_period, is_alone))


def _made_for(name: str, channel: str) -> tuple[sa.ColumnElement[bool], ...]:
    return digests.c.name == name, digests.c.channel == channel


def _add_digest(connection: sa.Connection, digest: Digest, sending: Sending) -> int | None:
    ledger, period = digest.ledger, digest.period
    new = insert(connection, digests).values(
        name=digest.name,
        channel=sending.channel,
        period_start=period.start,
        period_end=period.end,
        time_zone=period.zone.key,
        made_at=digest.made_at,
        headline=digest.headline,
        due=digest.due,
        slot=ledger.slot,
        copy=_next_copy(connection, digest, sending.channel) if sending.again else 0,
        observed_at=ledger.observed_at,
        seen=dict(ledger.seen),
    )
    number: Any = connection.scalar(new.on_conflict_do_nothing().returning(digests.c.id))
    return None if number is None else int(number)


def _next_copy(connection: sa.Connection, digest: Digest, channel: str) -> int:
    its_own = (*_made_for(digest.name, channel), _is_for(digest.period, digest.ledger.slot))
    last = connection.scalar(sa.select(sa.func.max(digests.c.copy)).where(*its_own))
    return 0 if last is None else int(last) + 1
