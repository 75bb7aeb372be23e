"""Subscriptions, the releases that are news to them, and what was announced to whom."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.digests.delivery import DeliveryState
from bot.domain.filters import KindWord
from bot.domain.releases import Key, ReleaseState
from bot.domain.repositories import source_of
from bot.domain.subscriptions import Announcement, Arrival, NotifiedRelease, ReleaseEvent, Subscription
from bot.store.database import Database, insert
from bot.store.deliveries import insert_delivery
from bot.store.membership import given, one_of
from bot.store.rows import LEFT_OUT, OF_A_RELEASE, Row, Values, release_of
from bot.store.schema import (
    IS_LIVE,
    announced_releases,
    announcements,
    deliveries,
    digests,
    releases,
    repositories,
    subscriptions,
    tags,
)

# The states of releases that changed after they came.
_CHANGED = (ReleaseState.MOVED.value, ReleaseState.WITHDRAWN.value, ReleaseState.YANKED.value, LEFT_OUT)
_OUT = announced_releases.alias("out")


class SubscriptionStore:
    """Who is told of which releases at once; subscriptions are ended, and resumed, and never deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, subscription: Subscription) -> Subscription:
        """Record a subscription; return it with its number, and what is recorded of its repository until now."""
        source = source_of(subscription.repository)
        with self._database.writing() as connection:
            seen = connection.scalar(sa.select(repositories.c.revision).where(repositories.c.key == source)) or 0
            values = _values(subscription) | {"seen": seen}
            number = connection.scalar(sa.insert(subscriptions).values(values).returning(subscriptions.c.id))
            return replace(subscription, number=number or 0, seen=seen)

    def end(self, numbers: Collection[int], at: datetime, who: str) -> list[Subscription]:
        """End those of the subscriptions that go on, and return them, in the order of their numbers."""
        is_meant = (one_of(subscriptions.c.id, list(numbers)), subscriptions.c.ended_at.is_(None))
        with self._database.writing() as connection:
            ended = sa.update(subscriptions).where(*is_meant).values(ended_at=at, ended_by=who)
            rows = connection.execute(ended.returning(*subscriptions.c)).all()
            return sorted((_subscription_of(row) for row in rows), key=lambda each: each.number)

    def cancel(self, numbers: Collection[int], who: str) -> None:
        """End those of the subscriptions that go on as of when they were made, as if they had not been made."""
        is_meant = (one_of(subscriptions.c.id, list(numbers)), subscriptions.c.ended_at.is_(None))
        with self._database.writing() as connection:
            ended = {"ended_at": subscriptions.c.at, "ended_by": who}
            connection.execute(sa.update(subscriptions).where(*is_meant).values(ended))

    def resume(self, numbers: Collection[int], who: str) -> None:
        """Let those of the subscriptions that somebody ended go on, as if they had not been ended."""
        is_meant = (one_of(subscriptions.c.id, list(numbers)), subscriptions.c.ended_by == who)
        with self._database.writing() as connection:
            connection.execute(sa.update(subscriptions).where(*is_meant).values(ended_at=None, ended_by=""))

    def all(self) -> list[Subscription]:
        """Read every subscription that was ever made, in the order they were made."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(subscriptions).order_by(subscriptions.c.id))
            return [_subscription_of(row) for row in rows]

    def names_of(self, channel: str) -> tuple[str, ...]:
        """Return a channel, and its other names as far as messages were sent to it: its id in the chat is one."""
        identities = self.identities()
        identity = identities.get(channel, channel)
        others = {name for name, each in identities.items() if each == identity} | {identity}
        return (channel, *sorted(others - {channel}))

    def identities(self) -> dict[str, str]:
        """Read the channels that messages were sent to, each with its id in the chat as of the last one."""
        name = sa.func.coalesce(announcements.c.channel, digests.c.channel)
        last = sa.select(name.label("name"), sa.func.max(deliveries.c.id).label("id"))
        last = last.select_from(deliveries).outerjoin(announcements).outerjoin(digests)
        found = last.where(deliveries.c.chat_channel.is_not(None)).group_by(name).subquery()
        query = sa.select(found.c.name, deliveries.c.chat_channel).join(deliveries, deliveries.c.id == found.c.id)
        with self._database.reading() as connection:
            return {row.name: row.chat_channel for row in connection.execute(query)}

    def arrivals(self, seen: Mapping[tuple[str, str], int]) -> dict[str, list[Arrival]]:
        """Read by channel the releases that it was not told of.

        ``seen`` gives the revision of the record after which they came, by channel and repository or product.
        """
        rows = [(channel, key, source_of(key), revision) for (channel, key), revision in seen.items()]
        found: dict[str, list[Arrival]] = defaultdict(list)
        with self._database.reading() as connection:
            read = connection.execute(_untold(connection, rows)).all()
            came = _tags_of(connection, {(source_of(columns[0]), revision) for _, revision, *columns in read})
        for channel, revision, *columns in read:
            release = release_of(columns)
            with_it = came[source_of(release.repository), revision]
            found[channel].append(Arrival(release, revision, not with_it.isdisjoint(release.tags)))
        return found

    def changed(self, keys: Iterable[str]) -> dict[str, list[NotifiedRelease]]:
        """Read by channel the releases of repositories that it was told of, and that are not as they came since."""
        others = announced_releases.alias("other")
        same = [others.c[name] == _OUT.c[name] for name in ("channel", "repository", "normalized")]
        is_it = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.normalized == _OUT.c.normalized)
        source = _OUT.join(repositories, repositories.c.key == _OUT.c.repository).join(releases, is_it)
        source = source.join(deliveries, deliveries.c.announcement_id == _OUT.c.announcement_id)
        source = source.join(others, sa.and_(*same))
        query = sa.select(_OUT.c.channel, _OUT.c.state, _OUT.c.commit, others.c.event, *OF_A_RELEASE)
        query = query.select_from(source).where(
            one_of(_OUT.c.repository, list(keys)),
            _OUT.c.event == ReleaseEvent.OUT.value,
            deliveries.c.state == DeliveryState.SENT.value,
            releases.c.state.in_(_CHANGED),
        )
        with self._database.reading() as connection:
            read = connection.execute(query).all()
        notified: dict[tuple[str, Key], NotifiedRelease] = {}
        for channel, state, commit, event, *columns in read:
            release = release_of(columns)
            key = (channel, (release.repository, release.normalized))
            known = notified.get(key) or NotifiedRelease(channel, release, ReleaseState(state), commit, frozenset())
            notified[key] = replace(known, events=known.events | {ReleaseEvent(event)})
        found: dict[str, list[NotifiedRelease]] = defaultdict(list)
        for each in notified.values():
            found[each.channel].append(each)
        return found

    def announce(self, announcement: Announcement, message: str, at: datetime) -> int | None:
        """Record an announcement with its pending delivery, whose number is returned, and end what it ends.

        None, and nothing is recorded, where another worker has announced one of its releases, or where a subscription
        was ended meanwhile.
        """
        try:
            with self._database.writing() as connection:
                return _announce(connection, announcement, message, at)
        except _Overtaken:
            return None


class _Overtaken(Exception):
    """What was to be announced was decided by what is true no more."""


def _announce(connection: sa.Connection, announcement: Announcement, message: str, at: datetime) -> int:
    new = sa.insert(announcements).values(channel=announcement.channel, made_at=at)
    number = connection.scalar(new.returning(announcements.c.id))
    rows: list[Values] = [
        {
            "channel": announcement.channel,
            "repository": item.release.repository,
            "normalized": item.release.normalized,
            "event": item.event.value,
            "announcement_id": number,
            "state": item.release.state.value,
            "commit": item.release.commit,
        }
        # In one order, so that two workers do not wait for each other.
        for item in sorted(announcement.items, key=lambda item: (*item.key, item.event.value))
    ]
    for row in rows:
        unless = insert(connection, announced_releases).values(row).on_conflict_do_nothing()
        if connection.scalar(unless.returning(announced_releases.c.announcement_id)) is None:
            raise _Overtaken
    _require_active(connection, (*announcement.lasting, *announcement.ending))
    ended = one_of(subscriptions.c.id, list(announcement.ending))
    connection.execute(sa.update(subscriptions).where(ended).values(ended_at=at))
    return insert_delivery(connection, message, announcement_id=number)


def _require_active(connection: sa.Connection, numbers: Collection[int]) -> None:
    """Raise _Overtaken unless the subscriptions go on; they do so until the transaction ends."""
    is_meant = (one_of(subscriptions.c.id, list(numbers)), subscriptions.c.ended_at.is_(None))
    held = connection.execute(sa.select(subscriptions.c.id).where(*is_meant).with_for_update()).all()
    if len(held) != len(numbers):
        raise _Overtaken


def _untold(connection: sa.Connection, rows: Iterable[tuple[str, str, str, int]]) -> sa.Select[Any]:
    """Select the live releases that came after a revision and that the channel was not told of."""
    columns = {"channel": sa.Text, "key": sa.Text, "source": sa.Text, "revision": sa.BigInteger}
    asked = given(connection, columns, rows)
    is_later = sa.and_(releases.c.repository_id == repositories.c.id, releases.c.recorded > asked.c.revision)
    source = asked.join(repositories, repositories.c.key == asked.c.key).join(releases, is_later)
    is_told = sa.exists().where(
        _OUT.c.channel == asked.c.channel,
        _OUT.c.repository == asked.c.key,
        _OUT.c.normalized == releases.c.normalized,
        _OUT.c.event == ReleaseEvent.OUT.value,
    )
    query = sa.select(asked.c.channel, releases.c.recorded, *OF_A_RELEASE).select_from(source)
    return query.where(IS_LIVE, sa.not_(is_told))


def _tags_of(connection: sa.Connection, came: Iterable[tuple[str, int]]) -> dict[tuple[str, int], set[str]]:
    """Read the names of the tags that came with revisions of repositories' records."""
    asked = given(connection, {"key": sa.Text, "revision": sa.BigInteger}, came)
    is_it = sa.and_(tags.c.repository_id == repositories.c.id, tags.c.recorded == asked.c.revision)
    source = asked.join(repositories, repositories.c.key == asked.c.key).join(tags, is_it)
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in connection.execute(sa.select(asked.c.key, asked.c.revision, tags.c.name).select_from(source)):
        found[row.key, row.revision].add(row.name)
    return found


def _values(subscription: Subscription) -> Values:
    return {
        "channel": subscription.channel,
        "repository": subscription.repository,
        "at": subscription.at,
        "who": subscription.who,
        "series": subscription.series,
        "kinds": " ".join(kind.value for kind in subscription.kinds),
        "normalized": subscription.normalized,
        "version": subscription.version,
        "ended_by": "",
    }


def _subscription_of(row: Row) -> Subscription:
    return Subscription(
        number=row.id,
        channel=row.channel,
        repository=row.repository,
        at=row.at,
        who=row.who,
        series=row.series,
        kinds=tuple(KindWord(word) for word in row.kinds.split()),
        normalized=row.normalized,
        version=row.version,
        seen=row.seen,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
