"""Digests that were made: when, what each did with releases, and since when one is scheduled."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.clocks import TOLERANCE, believed
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.delivery import DeliveryState
from bot.domain.digests.news import Mention, Role
from bot.domain.releases import Key
from bot.domain.tags import DateSource
from bot.store.database import Database, insert
from bot.store.membership import given_pairs
from bot.store.rows import Row
from bot.store.schema import deliveries, digest_releases, digests, releases, repositories, schedules

# A digest whose delivery ended so has told its channel nothing but by the messages that were posted before.
_UNTOLD = (DeliveryState.FAILED, DeliveryState.DROPPED)
# What a digest has seen is long, and needed of one of them; what it told is for the archive.
_OF_A_DIGEST = [column for column in digests.c if column not in (digests.c.seen, digests.c.content)]
_PAST = sa.select(*_OF_A_DIGEST, deliveries.c.state, deliveries.c.posted).join_from(digests, deliveries)


class DigestStore:
    """The digests that were made for channels, each with what it named, left out or expects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def past(self, name: str, channel: str, *, untold: bool = False) -> list[PastDigest]:
        """Read the digests of a name made for a channel, oldest first; with ``untold`` those too that never arrived."""
        with self._database.reading() as connection:
            query = _PAST.where(*made_for(name, channel)).order_by(digests.c.made_at, digests.c.id)
            past = [_past(row) for row in connection.execute(query)]
            return [each for each in past if each.is_sent or untold]

    def seen_by(self, digest: int) -> dict[str, int]:
        """Read the revision of each repository that the digest of a number was made from, if that is known."""
        with self._database.reading() as connection:
            return dict(connection.scalar(sa.select(digests.c.seen).where(digests.c.id == digest)) or {})

    def mentions(self, name: str, channel: str, keys: Collection[Key]) -> list[Mention]:
        """Read what the digests of a name made for a channel did with some releases, in the order of the digests."""
        with self._database.reading() as connection:
            asked = given_pairs(connection, keys)
            is_it = sa.and_(digest_releases.c.repository == asked.c.key, digest_releases.c.normalized == asked.c.name)
            source = asked.join(digest_releases, is_it).join(digests).join(deliveries)
            role = sa.case((_is_lost(digest_releases, deliveries), Role.UNNAMED.value), else_=digest_releases.c.role)
            columns = (*(column for column in digest_releases.c if column.name != "role"), role.label("role"))
            query = sa.select(*columns).select_from(source).where(*made_for(name, channel))
            return [
                Mention(
                    row.digest_id,
                    (row.repository, row.normalized),
                    Role(row.role),
                    (row.date, DateSource(row.date_source) if row.date_source else None),
                )
                for row in connection.execute(query.order_by(digests.c.made_at, digests.c.id))
            ]

    def left_open(self, name: str, channel: str, own: Collection[int]) -> set[Key]:
        """Read which releases were left over by every digest, or named with another date than they have.

        ``own`` are the numbers of digests that do not count, since they are of the same moment as the next one.
        """
        with self._database.reading() as connection:
            naming = digest_releases.alias("naming")
            is_same = (
                naming.c.repository == digest_releases.c.repository,
                naming.c.normalized == digest_releases.c.normalized,
            )
            is_named = _named_by(naming, name, channel).where(*is_same, naming.c.digest_id.not_in(own)).exists()
            mentioned = sa.join(digest_releases, digests).join(deliveries)
            role = digest_releases.c.role
            is_left = sa.or_(role.in_([Role.AHEAD, Role.UNNAMED]), _is_lost(digest_releases, deliveries))
            columns = (digest_releases.c.repository, digest_releases.c.normalized)
            query = sa.select(*columns).select_from(mentioned).where(*made_for(name, channel))
            is_release = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.normalized == columns[1])
            held = mentioned.join(repositories, repositories.c.key == columns[0]).join(releases, is_release)
            redated = sa.select(*columns).select_from(held).where(*made_for(name, channel))
            is_redated = (role.in_([Role.NAMED, Role.REDATED]), digest_releases.c.date != releases.c.date)
            found = (query.where(is_left, sa.not_(is_named)).distinct(), redated.where(*is_redated).distinct())
            return {(row.repository, row.normalized) for each in found for row in connection.execute(each)}

    def posted_in(self, channel: str) -> frozenset[str]:
        """Read the names of the digests that were posted to a channel, by the chat's own id of it."""
        with self._database.reading() as connection:
            query = sa.select(digests.c.name).join_from(deliveries, digests).where(deliveries.c.chat_channel == channel)
            return frozenset(connection.scalars(query.distinct()))

    def last_slot(self, name: str, channel: str, until: datetime) -> datetime | None:
        """Read the latest slot that a digest was made for, by a moment: one of a clock that was ahead holds up nothing.

        None where none was made.
        """
        with self._database.reading() as connection:
            latest = sa.select(sa.func.max(digests.c.slot)).where(*made_for(name, channel), digests.c.slot <= until)
            slot: datetime | None = connection.scalar(latest)
            return slot

    def known_since(self, name: str, channel: str, now: datetime) -> datetime:
        """Return since when a digest is scheduled for a channel; the first call sets it to ``now``.

        A moment in the future, by a clock that was wrong, is set again.
        """
        with self._database.reading() as connection:
            known = _read_known_since(connection, name, channel)
        if known is not None and believed(known, now) is not None:
            return known
        with self._database.writing() as connection:
            _write_known_since(connection, name, channel, now)
            return _read_known_since(connection, name, channel) or now


def made_for(name: str, channel: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that select the digests of a name that were made for a channel."""
    return digests.c.name == name, digests.c.channel == channel


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
        is_sent=row.state not in _UNTOLD or row.posted > 0,
    )


def _is_lost(mentions: Any, sent: Any) -> sa.ColumnElement[bool]:
    """Match the mentions that name a release in a message that was not posted, and will not be."""
    return sa.and_(mentions.c.role == Role.NAMED, sent.c.state.in_(_UNTOLD), mentions.c.part >= sent.c.posted)


def _named_by(mentions: Any, name: str, channel: str) -> sa.Select[Any]:
    """Select the mentions by which a release was named in a channel."""
    made = digests.alias("earlier")
    sent = deliveries.alias("sent")
    source = mentions.join(made, made.c.id == mentions.c.digest_id).join(sent, sent.c.digest_id == made.c.id)
    is_its = (made.c.name == name, made.c.channel == channel, sa.not_(_is_lost(mentions, sent)))
    return sa.select(sa.literal(1)).select_from(source).where(*is_its, mentions.c.role == Role.NAMED)


def _read_known_since(connection: sa.Connection, name: str, channel: str) -> datetime | None:
    """Read since when a digest is scheduled for a channel, None if it was never asked."""
    query = sa.select(schedules.c.known_since).where(schedules.c.name == name, schedules.c.channel == channel)
    return connection.scalar(query)


def _write_known_since(connection: sa.Connection, name: str, channel: str, now: datetime) -> None:
    """Set since when a digest is scheduled for a channel, unless it is set to a moment that has been."""
    new = insert(connection, schedules).values(name=name, channel=channel, known_since=now)
    is_future = schedules.c.known_since > now + TOLERANCE
    keys = ["name", "channel"]
    connection.execute(new.on_conflict_do_update(index_elements=keys, set_={"known_since": now}, where=is_future))
