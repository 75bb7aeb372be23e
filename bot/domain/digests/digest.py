"""Digests: the report for one period and one audience."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from bot.domain.certification.certification import Certification, Move
from bot.domain.certification.milestones import Milestone
from bot.domain.counts import Group
from bot.domain.digests.news import Role
from bot.domain.notes.record import NotesRecord
from bot.domain.periods.period import Period
from bot.domain.releases import Key, Release, key_of
from bot.domain.repositories import Counts, Repository
from bot.domain.series_status import SeriesStatus
from bot.domain.tags import DateSource, TagEvent
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind

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

    ``releases`` are all that the period has, pre-releases too, in order of version, and
    ``counts`` is of them. ``new`` are those (normalized) that no earlier digest named,
    which ``new_counts`` is of. ``unclassified`` is how many unclassified tags are dated in
    the period, or not dated. Where most of the repository's tags are unclassified, whenever
    they were made, ``unread`` is how many of how many; ``is_doubtful`` says that its version
    scheme was guessed and fits badly. ``page`` is its address on the forge, empty where it has
    none. ``statuses`` are of those series that have one.
    """

    repository: str
    name: str
    counts: RepositoryCounts
    releases: tuple[Release, ...]
    latest: tuple[Release, ...]
    new: frozenset[str]
    new_counts: RepositoryCounts
    unclassified: int = 0
    unread: tuple[int, int] | None = None
    is_doubtful: bool = False
    page: str = ""
    statuses: Mapping[str, SeriesStatus] = field(default_factory=dict)

    @property
    def new_releases(self) -> tuple[Release, ...]:
        """The releases of the period that no earlier digest named."""
        return tuple(release for release in self.releases if release.normalized in self.new)


@dataclass(frozen=True, slots=True)
class TagChange:
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
class Redated:
    """A release that an earlier digest named with another date, which is given."""

    release: Release
    date: datetime | None
    source: DateSource | None


@dataclass(frozen=True, slots=True)
class RuleChanged:
    """A repository whose changed rule made ``count`` releases of tags that were seen before: they are no news."""

    repository: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a digest keeps for those to come, and no reader sees.

    ``ahead`` are releases that a later digest may name, ``silent`` those that none will.
    ``seen`` is the revision of each repository's record that it was made from, read at
    ``observed_at``. ``slot`` is the moment of its schedule that it is for.
    """

    ahead: tuple[Release, ...] = ()
    silent: tuple[Release, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)
    observed_at: datetime | None = None
    slot: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that makes the digest less than complete, in words for its readers.

    ``repository`` is the key of the repository that it is about; where one cause is behind
    several, it is the name of their forge, and ``repositories`` are their keys. One that
    ``is_standing`` may never end: it is named, but is not a reason to post a digest.
    """

    repository: str
    text: str
    repositories: tuple[str, ...] = ()
    is_standing: bool = False


@dataclass(frozen=True, slots=True)
class CertificationDigest:
    """How a certification stands, and what is new of it: pre-releases in the period, dates moved, what is due soon."""

    certification: Certification
    pre_releases: tuple[Release, ...]
    moves: tuple[Move, ...]
    due: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class ReleaseDetails:
    """What can be told of one new release of a repository.

    ``notes`` are what is recorded of its release notes, None if nothing is. ``before`` is the release before it in its
    series, None for the first, and ``comparison_url`` where both are compared, None without such a page.
    """

    repository: Repository
    notes: NotesRecord | None = None
    before: str | None = None
    comparison_url: str | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """How many ordinary releases a repository had in each of the periods before a digest's, the oldest first."""

    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """The report about one period.

    ``made_at`` is when it was made, aware. ``late`` are releases of earlier periods
    that no earlier digest named. ``whole`` names the period in words where it is longer
    than the time since the previous digest, and is empty elsewhere. ``due`` is when its
    schedule wanted it, None for one that was made by hand. ``at_edges`` are releases that
    may belong to the other side of an edge of the period, ``apart`` those whose tags point
    to commits more than a day apart. ``details`` are of its news, and ``trends`` of its repositories, by their
    keys, where it is of a longer period. ``page`` is the URL where it can be read, empty where there is none.
    """

    name: str
    period: Period
    made_at: datetime
    headline: str
    repositories: tuple[RepositoryDigest, ...]
    late: tuple[Release, ...]
    moved: tuple[TagChange, ...]
    deleted: tuple[TagChange, ...]
    unclassified: tuple[Unclassified, ...]
    certifications: tuple[CertificationDigest, ...]
    problems: tuple[Problem, ...]
    redated: tuple[Redated, ...] = ()
    rule_changes: tuple[RuleChanged, ...] = ()
    whole: str = ""
    due: datetime | None = None
    at_edges: tuple[Release, ...] = ()
    apart: Container[Key] = frozenset()
    details: Mapping[Key, ReleaseDetails] = field(default_factory=dict)
    trends: Mapping[str, Trend] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    page: str = ""

    @property
    def news(self) -> tuple[Release, ...]:
        """Every release that it announces, of its period and of earlier ones."""
        return (*(release for part in self.repositories for release in part.new_releases), *self.late)

    @property
    def is_made_late(self) -> bool:
        """Return whether it was made so long after it was due that its readers missed it."""
        return self.due is not None and self.made_at - self.due > LATE_AFTER


def mentions_of(digest: Digest, unnamed: frozenset[Key]) -> Iterator[tuple[Release, Role]]:
    """Yield each release that a digest keeps a row of, with what it did; ``unnamed`` did not fit into its message."""
    for release in digest.news:
        yield release, Role.UNNAMED if key_of(release) in unnamed else Role.NAMED
    for change in digest.redated:
        yield change.release, Role.REDATED
    for release in digest.ledger.ahead:
        yield release, Role.AHEAD
    for release in digest.ledger.silent:
        yield release, Role.SILENT
