"""Digests: the report for one period and one audience."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.certifications import Certification, Move
from bot.domain.counts import Group
from bot.domain.milestones import Milestone
from bot.domain.periods import Period
from bot.domain.releases import Release
from bot.domain.repositories import Counts
from bot.domain.tags import TagEvent
from bot.domain.versions import ReleaseKind

# A digest that is made longer after it was due says so: the bot was down meanwhile.
LATE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RepositoryCounts:
    """How many releases a repository had in the period.

    ``ordinary`` counts by the repository's own rule ``rule``; ``by_series`` breaks
    that down; ``by_kind`` counts every kind, pre-releases too.
    """

    rule: Counts
    ordinary: int
    by_series: tuple[Group, ...]
    by_kind: Mapping[ReleaseKind, int]


@dataclass(frozen=True, slots=True)
class RepositoryDigest:
    """One repository's part: what came out in the period, and the newest of each living series.

    ``releases`` are all that the period has, pre-releases too, in order of version.
    """

    repository: str
    name: str
    counts: RepositoryCounts
    releases: tuple[Release, ...]
    latest: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """A tag that moved or vanished, with the repository and the release that it stood for.

    ``times`` is how often it moved: the event leads from where it stood first to where it stands.
    """

    repository: str
    version: str | None
    event: TagEvent
    times: int = 1


@dataclass(frozen=True, slots=True)
class Unclassified:
    """A tag that its repository's scheme cannot read."""

    repository: str
    tag: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that makes the digest less than complete, in words for its readers."""

    repository: str
    text: str


@dataclass(frozen=True, slots=True)
class CertificationDigest:
    """How a certification stands, and what is new of it: pre-releases in the period, dates moved, what is due soon."""

    certification: Certification
    pre_releases: tuple[Release, ...]
    moves: tuple[Move, ...]
    due: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told about one period.

    ``made_at`` is when it was made, aware. ``late`` are releases of earlier periods
    that were seen too late for their own digest. ``due`` is when its schedule wanted
    it, None for one that was made by hand.
    """

    name: str
    period: Period
    made_at: datetime
    headline: str
    repositories: tuple[RepositoryDigest, ...]
    late: tuple[Release, ...]
    moved: tuple[ToldEvent, ...]
    deleted: tuple[ToldEvent, ...]
    unclassified: tuple[Unclassified, ...]
    certifications: tuple[CertificationDigest, ...]
    problems: tuple[Problem, ...]
    due: datetime | None = None

    @property
    def is_made_late(self) -> bool:
        """Whether it was made so long after it was due that its readers missed it."""
        return self.due is not None and self.made_at - self.due > LATE_AFTER
