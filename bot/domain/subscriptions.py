"""Subscriptions: who is told of which releases at once, and what is news to a subscriber."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.filters import KindWord
from bot.domain.releases import Key, Release, ReleaseState, key_of
from bot.domain.repositories import source_of
from bot.domain.tags import DateSource
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind

if TYPE_CHECKING:
    from bot.domain.digests.digest import ReleaseDetails

# How many releases one message names; those left over are in the next one.
MOST_IN_A_MESSAGE = 20


class ReleaseEvent(StrEnum):
    """What a subscriber is told of a release: that it is out, or what became of it after that."""

    OUT = "out"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    YANKED = "yanked"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told of which releases of a repository, since when, and who said so.

    ``channel`` is what deliveries are sent to: a channel, a notification service, or ``@USER`` for direct messages.
    ``repository`` is a key: ``FORGE:PATH`` means its products too. ``kinds`` are all final ones where it is empty.
    ``normalized`` is the one release that is waited for, ``version`` how it is spelled; both are empty for a lasting
    subscription. ``seen`` is the revision of the repository's record when the subscription was made.
    ``ended_by`` is who ended it, empty where its one release was told.
    """

    number: int
    channel: str
    repository: str
    at: datetime
    who: str
    series: str = ""
    kinds: tuple[KindWord, ...] = ()
    normalized: str = ""
    version: str = ""
    seen: int = 0
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def is_removed(self) -> bool:
        """Return whether somebody ended it."""
        return self.ended_at is not None and bool(self.ended_by)

    @property
    def subject(self) -> tuple[str, str, tuple[KindWord, ...], str]:
        """Return what it tells of."""
        return self.repository, self.series, self.kinds, self.normalized

    @property
    def wanted_kinds(self) -> frozenset[ReleaseKind]:
        """Return the kinds of release that it tells of."""
        return frozenset(kind for word in self.kinds or (KindWord.FINAL,) for kind in word.kinds)

    def is_of(self, repository: str) -> bool:
        """Return whether it is about a repository or product, by key."""
        return self.repository in (repository, source_of(repository))

    def covers(self, release: Release) -> bool:
        """Return whether it is about a release, whenever that came."""
        if not self.is_of(release.repository):
            return False
        if self.normalized:
            return release.normalized == self.normalized
        return release.kind in self.wanted_kinds and self.series in ("", release.series)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A release that no backfill brought, and the revision of the record with which it came.

    ``has_new_tag`` says that one of its tags came with the same revision: a changed rule made it of older ones else.
    """

    release: Release
    revision: int
    has_new_tag: bool


@dataclass(frozen=True, slots=True)
class NotifiedRelease:
    """A release that a channel was told of, and what it was like then."""

    channel: str
    release: Release
    state: ReleaseState
    commit: str | None
    events: frozenset[ReleaseEvent]


@dataclass(frozen=True, slots=True)
class Announced:
    """One release of a message: what is told of it, and the numbers of the subscriptions by which it is told.

    ``was`` is the commit that it had when the subscriber was told that it is out.
    """

    release: Release
    event: ReleaseEvent
    subscriptions: tuple[int, ...]
    was: str | None = None

    @property
    def key(self) -> Key:
        """Return the key of its release."""
        return key_of(self.release)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message to one subscriber: releases, oldest first, each once.

    ``names`` are the repositories' names by key; ``lasting`` are the numbers of the subscriptions that go on after
    it, ``ending`` of those that it ends. ``left`` releases are told by the next message. ``details`` have the notes of
    those releases that are out, as far as they are recorded.
    """

    channel: str
    zone: ZoneInfo
    items: tuple[Announced, ...]
    names: Mapping[str, str]
    lasting: tuple[int, ...] = ()
    ending: tuple[int, ...] = ()
    left: int = 0
    details: Mapping[Key, "ReleaseDetails"] = field(default_factory=dict)

    def first(self, most: int) -> "Announcement":
        """Return it with its first releases alone; the others are left for the next message."""
        items = self.items[:most]
        return replace(self, items=items, left=self.left + len(self.items) - len(items))


def is_out(release: Release, now: datetime) -> bool:
    """Return whether a release is there: one that its forge announces for later waits for the poll that dates it."""
    if not release.is_counted or release.upcoming is not None:
        return False
    # A date of the forge's own is believed an hour before.
    return release.date_source is not DateSource.PUBLISHED or release.date is None or release.date <= now


def is_news(subscription: Subscription, arrival: Arrival, now: datetime) -> bool:
    """Return whether a release is to be told to a subscriber who was not told of it.

    One that was there before is not, and none that a backfill or a changed rule brought.
    """
    is_new = arrival.revision > subscription.seen and arrival.has_new_tag and not arrival.release.backfilled
    return is_new and is_out(arrival.release, now) and subscription.covers(arrival.release)


def what_became_of(notified: NotifiedRelease) -> ReleaseEvent | None:
    """Return what became of a release since its channel was told of it, None if that was told or is nothing."""
    release, event = notified.release, None
    match release.state:
        case ReleaseState.WITHDRAWN:
            event = ReleaseEvent.WITHDRAWN
        case ReleaseState.YANKED if notified.state is not ReleaseState.YANKED:
            event = ReleaseEvent.YANKED
        case ReleaseState.MOVED if notified.state is not ReleaseState.MOVED or notified.commit != release.commit:
            event = ReleaseEvent.MOVED
    return None if event in notified.events else event


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A channel with all subscriptions that it ever had, and the releases that it was not told of, or was."""

    channel: str
    subscriptions: Sequence[Subscription]
    arrivals: Sequence[Arrival] = ()
    notified: Sequence[NotifiedRelease] = ()


def announcement_to(
    subscriber: Subscriber, names: Mapping[str, str], now: datetime, zone: ZoneInfo
) -> Announcement | None:
    """Return what a subscriber is to be told now, None if nothing; ``names`` are the repositories' names by key."""
    items = [*_news(subscriber, now), *_corrections(subscriber)]
    if not items:
        return None
    items.sort(key=lambda item: (item.release.date or item.release.first_seen, item.key))
    announcement = Announcement(subscriber.channel, zone, tuple(items), names)
    return named(announcement, subscriber.subscriptions, MOST_IN_A_MESSAGE)


def named(announcement: Announcement, subscriptions: Sequence[Subscription], most: int) -> Announcement:
    """Return an announcement with its first releases alone, and what that means for the subscriptions."""
    first = announcement.first(most)
    by = {number for item in first.items for number in item.subscriptions}
    meant = [each for each in subscriptions if each.number in by and each.ended_at is None]
    lasting, ending = (
        [each.number for each in meant if bool(each.normalized) is is_ending] for is_ending in (False, True)
    )
    return replace(first, lasting=tuple(lasting), ending=tuple(ending))


def _news(subscriber: Subscriber, now: datetime) -> Iterator[Announced]:
    active = [each for each in subscriber.subscriptions if each.ended_at is None]
    for arrival in subscriber.arrivals:
        by = tuple(each.number for each in active if is_news(each, arrival, now))
        if by:
            yield Announced(arrival.release, ReleaseEvent.OUT, by)


def _corrections(subscriber: Subscriber) -> Iterator[Announced]:
    """Yield what became of releases that were told; a subscription that its release ended hears of that too."""
    meant = [each for each in subscriber.subscriptions if not each.is_removed]
    for notified in subscriber.notified:
        event = what_became_of(notified)
        by = tuple(each.number for each in meant if each.covers(notified.release))
        if event is not None and by:
            yield Announced(notified.release, event, by, notified.commit)


@dataclass(frozen=True, slots=True)
class AskedFrom:
    """Where somebody writes to the bot: the channel, empty for a direct message, and what reaches them directly."""

    direct: str
    channel: str = ""


def alike(subscriptions: Iterable[Subscription], made: Subscription, channels: Collection[str]) -> Subscription | None:
    """Return the subscription that goes on in one of the channels and tells of the same, None if there is none."""
    found = (each for each in subscriptions if each.ended_at is None and each.channel in channels)
    return next((each for each in found if each.subject == made.subject), None)
