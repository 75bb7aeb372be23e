"""What is new in a digest: decided once, from what its channel was told before and what came with a backfill.

A release is news for a name and a channel until a digest named it there. What a
backfill brought is news in the period of its first known date alone, and what a
changed rule made of tags that were seen before is none. The decision goes by what
earlier digests kept, not by clocks: each kept which revision of every repository's
record it was made from, and each row of the record knows the revision it came with.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.digests.continuity import PastDigest, earlier, previous_of
from bot.domain.periods.period import Period
from bot.domain.releases import Key, Release, key_of
from bot.domain.tags import DateSource, TagEvent
from bot.domain.values import dataclass

Dated = tuple[datetime | None, DateSource | None]


class Role(StrEnum):
    """What a digest did with a release.

    ``UNNAMED`` did not fit into its message, ``AHEAD`` was withdrawn or dated after its
    period, ``SILENT`` came by a changed rule, ``REDATED`` was named before with another date.
    """

    NAMED = "named"
    UNNAMED = "unnamed"
    AHEAD = "ahead"
    SILENT = "silent"
    REDATED = "redated"


@dataclass(frozen=True, slots=True)
class Mention:
    """What the digest of a number did with a release, and the date that it had then."""

    digest: int
    key: Key
    role: Role
    dated: Dated = (None, None)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a digest is for: its name, and what its other digests did in the channel.

    ``announced`` are the releases that they named, with the dates that they gave last.
    ``unnamed`` did not fit into a message; ``owed`` were ahead of a digest's period, or
    stood in one that never arrived. ``silenced`` came by a changed rule. ``previous`` is
    the digest before, ``last_made`` when the last before was made; None for the first.
    """

    name: str
    announced: Mapping[Key, Dated] = field(default_factory=dict)
    unnamed: frozenset[Key] = frozenset()
    owed: frozenset[Key] = frozenset()
    silenced: frozenset[Key] = frozenset()
    previous: PastDigest | None = None
    last_made: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came to a repository's record since the previous digest read it.

    ``revision`` is that of the record now. ``releases`` (normalized), names of ``tags``
    and ``events`` of tags, oldest first, came after the previous digest; they are None
    where that did not look at the repository, or nobody kept what it saw.
    """

    revision: int = 0
    releases: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    events: tuple[TagEvent, ...] | None = None


@dataclass(frozen=True, slots=True)
class News:
    """A repository's releases by what a digest does with them: each in one list at most."""

    new: tuple[Release, ...] = ()
    late: tuple[Release, ...] = ()
    ahead: tuple[Release, ...] = ()
    silent: tuple[Release, ...] = ()
    redated: tuple[Release, ...] = ()


def audience_of(
    name: str,
    period: Period,
    slot: datetime | None,
    past: Sequence[PastDigest],
    mentions: Iterable[Mention] = (),
) -> Audience:
    """Sum up the digests of a name in a channel for the one of a period, those of the same slot left out.

    ``mentions`` come in the order of the digests; those of releases that nobody asks about may be left out.
    So a digest that is looked at or posted again says what it said, and one of an earlier slot repeats no later one.
    """
    others = {each.id: each for each in past if not each.is_of(period, slot)}
    kept = [mention for mention in mentions if mention.digest in others]
    sent = [mention for mention in kept if others[mention.digest].is_sent]
    lost = [mention for mention in kept if not others[mention.digest].is_sent]
    # A changed date alone announces nothing, where the digest that named the release never arrived.
    named = {each.key for each in sent if each.role is Role.NAMED}
    dated = (each for each in sent if each.role in (Role.NAMED, Role.REDATED))
    announced = {each.key: each.dated for each in dated if each.key in named}
    owed = {each.key for each in kept if each.role is Role.AHEAD}
    owed |= {each.key for each in lost if each.role in (Role.NAMED, Role.UNNAMED)}
    before = earlier(others.values(), period.end, slot)
    return Audience(
        name,
        announced,
        unnamed=frozenset(each.key for each in sent if each.role is Role.UNNAMED) - announced.keys(),
        owed=frozenset(owed - announced.keys()),
        silenced=frozenset(each.key for each in sent if each.role is Role.SILENT),
        previous=previous_of(before, period.end, slot),
        last_made=max((each.made_at for each in before), default=None),
    )


def news_of(
    releases: Iterable[Release], arrivals: Arrivals, audience: Audience, period: Period, until: datetime
) -> News:
    """Sort a repository's releases by what the digest of a period, seen from ``until``, does with them."""
    end = min(period.end.astimezone(UTC), until.astimezone(UTC))
    lists: dict[str, list[Release]] = {"new": [], "late": [], "ahead": [], "silent": [], "redated": []}
    for release in releases:
        kind = _kind(_Case(release, arrivals, audience), period, end)
        if kind is not None:
            lists[kind].append(release)
    return News(**{name: tuple(found) for name, found in lists.items()})


@dataclass(frozen=True, slots=True)
class _Case:
    """One release before one audience."""

    release: Release
    arrivals: Arrivals
    audience: Audience

    @property
    def key(self) -> Key:
        return key_of(self.release)

    @property
    def is_owed(self) -> bool:
        """Return whether an earlier digest left it over; what a digest that never arrived had of a backfill is gone."""
        if self.key in self.audience.unnamed:
            return True
        return self.key in self.audience.owed and not self.release.backfilled

    def is_after_previous(self, date: datetime | None) -> bool:
        """Return whether a date of its is after all that the previous digest covered."""
        previous = self.audience.previous
        return previous is not None and (date is None or date >= previous.until)

    @property
    def is_silent(self) -> bool:
        """Return whether a changed rule made it, of tags that the previous digest had seen."""
        if self.key in self.audience.silenced:
            return True
        arrived = self.release.normalized in (self.arrivals.releases or ())
        return arrived and not self.has_new_tag and not self.is_after_previous(self.release.first_date)

    @property
    def has_new_tag(self) -> bool:
        return not set(self.release.tags).isdisjoint(self.arrivals.tags or ())

    def is_fresh(self, period: Period) -> bool:
        """Return whether it was first seen since the previous digest, or since the period of the first began."""
        if self.audience.previous is None:
            return period.start is None or self.release.first_seen >= period.start
        if self.arrivals.releases is not None:
            return self.release.normalized in self.arrivals.releases and self.has_new_tag
        return self.release.first_seen > self.audience.previous.observed_at

    @property
    def is_redated(self) -> bool:
        """Return whether it was named with another date, of those that are known."""
        (was, _), now = self.audience.announced[self.key], self.release.date
        return self.release.is_counted and None not in (was, now) and was != now

    def is_within(self, period: Period) -> bool:
        """Return whether its date is in the period, and its first known one too if a backfill brought it."""
        dates = [self.release.date]
        if self.release.backfilled:
            dates.append(self.release.first_date)
        return all(each is not None and each in period for each in dates)


def _kind(case: _Case, period: Period, end: datetime) -> str | None:
    release = case.release
    if case.key in case.audience.announced:
        return "redated" if case.is_redated else None
    if not case.is_owed:
        if case.is_silent:
            return None if case.key in case.audience.silenced else "silent"
        if not _is_news(case, period, end):
            return None
    if not release.is_counted or release.date is None or release.date >= end:
        return "ahead"
    return "new" if release.date in period else "late"


def _is_news(case: _Case, period: Period, end: datetime) -> bool:
    """Return whether a release that no digest had before is news now, or will be once its date has come."""
    date = case.release.date
    if case.is_within(period):
        return True
    if case.release.backfilled:
        return False
    return date is None or date >= end or case.is_after_previous(date) or case.is_fresh(period)
