"""Deliveries: the way of each digest or announcement to its channel, kept with it in one transaction."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bot.domain.digests.delivery import Delivery, DeliveryState, Frozen, Posted, Settlement
from bot.domain.digests.digest import Digest, mentions_of
from bot.domain.periods.period import Period
from bot.domain.releases import key_of
from bot.store.database import Database, insert
from bot.store.digests import made_for
from bot.store.rows import Row
from bot.store.schema import announcements, deliveries, digest_releases, digests

_OF_A_DELIVERY = (
    deliveries.c.id,
    digests.c.name,
    sa.func.coalesce(digests.c.channel, announcements.c.channel).label("channel"),
    digests.c.period_start,
    sa.func.coalesce(digests.c.period_end, announcements.c.made_at).label("period_end"),
    deliveries.c.state,
    deliveries.c.message,
    deliveries.c.error,
    deliveries.c.message_id,
    deliveries.c.attempted_at,
    deliveries.c.asked_by,
    deliveries.c.key,
    deliveries.c.attempts,
    deliveries.c.not_before,
    deliveries.c.is_told,
    deliveries.c.generation,
    deliveries.c.unsure_until,
    deliveries.c.replies,
    deliveries.c.reply_ids,
    deliveries.c.posted,
)
_DELIVERIES = sa.select(*_OF_A_DELIVERY).select_from(deliveries.outerjoin(digests).outerjoin(announcements))


class DeliveryStore:
    """The deliveries of digests and announcements; each is changed only if it is still as it was read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        digest: Digest,
        channel: str,
        frozen: Frozen,
        *,
        state: DeliveryState = DeliveryState.PENDING,
        by: str = "",
        again: bool = False,
    ) -> Delivery:
        """Record a digest, what it does with releases, and its delivery; return the one that exists for its slot.

        ``by`` is who asked for it, empty where its schedule did. With ``again`` it is
        recorded beside the one that its slot has.
        """
        with self._database.writing() as connection:
            its_own = connection.execute(_of_slot(digest, channel)).one_or_none()
            if its_own is not None and not again:
                return _delivery_of(its_own)
            digest_id = _add_digest(connection, digest, channel, frozen, again=again)
            if digest_id is None:
                # Another process was faster.
                return _delivery_of(connection.execute(_of_slot(digest, channel)).one())
            replying = frozen.reply_naming()
            rows = [
                {
                    "digest_id": digest_id,
                    "repository": release.repository,
                    "normalized": release.normalized,
                    "role": role.value,
                    "date": release.date,
                    "date_source": release.date_source and release.date_source.value,
                    "part": replying.get(key_of(release), 0),
                }
                for release, role in mentions_of(digest, frozen.unnamed)
            ]
            if rows:
                connection.execute(sa.insert(digest_releases), rows)
            replies = [reply.message for reply in frozen.replies] or None
            of_it = {"digest_id": digest_id, "replies": replies, "asked_by": by or None}
            insert_delivery(connection, frozen.message, state=state, **of_it)
            return _delivery_of(connection.execute(_DELIVERIES.where(digests.c.id == digest_id)).one())

    def next_copy(self, digest: Digest, channel: str) -> int:
        """Return the number of the copy that a digest would be, 0 if it would be the first of its slot."""
        with self._database.reading() as connection:
            return _next_copy(connection, digest, channel)

    def read(self, number: int) -> Delivery | None:
        """Read the delivery of a number, None where there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_DELIVERIES.where(deliveries.c.id == number)).one_or_none()
            return None if row is None else _delivery_of(row)

    def in_states(self, states: Iterable[str]) -> list[Delivery]:
        """Read the deliveries in these states, oldest first."""
        with self._database.reading() as connection:
            query = _DELIVERIES.where(deliveries.c.state.in_(list(states))).order_by(deliveries.c.id)
            return [_delivery_of(row) for row in connection.execute(query)]

    def of(self, name: str, channel: str, period: Period, slot: datetime | None) -> list[Delivery]:
        """Read the deliveries of a digest for a slot or a period to a channel, the newest last."""
        with self._database.reading() as connection:
            query = _DELIVERIES.where(*made_for(name, channel), _is_for(period, slot)).order_by(digests.c.id)
            return [_delivery_of(row) for row in connection.execute(query)]

    def claim(self, delivery: Delivery, at: datetime, unsure_until: datetime | None = None) -> Delivery | None:
        """Begin an attempt at a pending delivery; None if another worker did, or it is pending no more."""
        with self._database.writing() as connection:
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

    def settle(self, delivery: Delivery, settled: Settlement) -> bool:
        """Record what became of a delivery; return False, and write nothing, if it is not as it was read."""
        with self._database.writing() as connection:
            values: dict[str, Any] = {"state": settled.state, "error": settled.error, "not_before": settled.not_before}
            values["generation"] = delivery.generation + 1
            if settled.unsure_until is not None:
                values["unsure_until"] = settled.unsure_until
            if settled.posted is not None:
                values |= _standing(delivery, settled.posted)
            if settled.state in {DeliveryState.PENDING, DeliveryState.SENT}:
                values["is_told"] = False
            return _changed(connection, sa.update(deliveries).where(*_as_read(delivery)).values(values))

    def mark_told(self, delivery: Delivery, *, is_told: bool) -> bool:
        """Record whether the maintainers know of a delivery's failure; return False if that was recorded already."""
        with self._database.writing() as connection:
            is_other = deliveries.c.is_told.is_(not is_told)
            return _changed(
                connection, sa.update(deliveries).where(*_as_read(delivery), is_other).values(is_told=is_told)
            )


def insert_delivery(
    connection: sa.Connection, message: str, *, state: DeliveryState = DeliveryState.PENDING, **of: Any
) -> int:
    """Write the delivery of a digest or an announcement, and return its number."""
    new = sa.insert(deliveries).values(state=state, message=message, key=uuid4().hex, **of)
    return int(connection.scalar(new.returning(deliveries.c.id)) or 0)


def _standing(delivery: Delivery, posted: Posted) -> dict[str, Any]:
    """Return the values that say where the next message of a delivery stands; attempts are counted for each."""
    if not delivery.posted:
        where: dict[str, Any] = {"message_id": posted.message, "chat_channel": posted.channel}
    else:
        where = {"reply_ids": [*delivery.reply_ids, posted.message]}
    return where | {"posted": delivery.posted + 1} | ({} if delivery.is_last else {"attempts": 0})


def _as_read(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    """Match a delivery that nobody has moved on since it was read."""
    return deliveries.c.id == delivery.id, deliveries.c.generation == delivery.generation


def _changed(connection: sa.Connection, update: sa.Update) -> bool:
    return connection.scalar(update.returning(deliveries.c.id)) is not None


def _of_slot(digest: Digest, channel: str) -> sa.Select[Any]:
    of_it = _DELIVERIES.where(*made_for(digest.name, channel), _is_for(digest.period, digest.ledger.slot))
    return of_it.order_by(digests.c.id.desc()).limit(1)


def _is_for(period: Period, slot: datetime | None) -> sa.ColumnElement[bool]:
    """Match the digests of a slot of the schedule, and those that reported a period to its end."""
    of_period = sa.and_(digests.c.period_start == period.start, digests.c.period_end == period.end)
    if slot is None:
        return of_period
    is_whole = sa.func.coalesce(digests.c.due, digests.c.made_at) >= digests.c.period_end
    is_alone = sa.or_(digests.c.slot.is_(None), is_whole)
    return sa.or_(digests.c.slot == slot, sa.and_(of_period, is_alone))


def _add_digest(connection: sa.Connection, digest: Digest, channel: str, frozen: Frozen, *, again: bool) -> int | None:
    ledger, period = digest.ledger, digest.period
    new = insert(connection, digests).values(
        name=digest.name,
        channel=channel,
        period_start=period.start,
        period_end=period.end,
        time_zone=period.zone.key,
        made_at=digest.made_at,
        headline=digest.headline,
        due=digest.due,
        slot=ledger.slot,
        copy=_next_copy(connection, digest, channel) if again else 0,
        observed_at=ledger.observed_at,
        seen=dict(ledger.seen),
        content=frozen.content,
    )
    number: Any = connection.scalar(new.on_conflict_do_nothing().returning(digests.c.id))
    return None if number is None else int(number)


def _next_copy(connection: sa.Connection, digest: Digest, channel: str) -> int:
    its_own = (*made_for(digest.name, channel), _is_for(digest.period, digest.ledger.slot))
    last = connection.scalar(sa.select(sa.func.max(digests.c.copy)).where(*its_own))
    return 0 if last is None else int(last) + 1


def _delivery_of(row: Row) -> Delivery:
    """Read a delivery with its digest's name, channel and period; an announcement has neither name nor period."""
    return Delivery(
        id=row.id,
        digest=row.name or "",
        channel=row.channel,
        period_start=row.period_start,
        period_end=row.period_end,
        state=DeliveryState(row.state),
        message=row.message,
        error=row.error,
        message_id=row.message_id,
        attempted_at=row.attempted_at,
        by=row.asked_by or "",
        key=row.key,
        attempts=row.attempts,
        not_before=row.not_before,
        is_told=row.is_told,
        generation=row.generation,
        unsure_until=row.unsure_until,
        replies=tuple(row.replies or ()),
        reply_ids=tuple(row.reply_ids or ()),
        posted=row.posted,
    )
