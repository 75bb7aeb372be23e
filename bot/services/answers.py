"""Answers, before any wording: what was found, for which interval, and what may be missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.certifications import Certification
from bot.domain.counts import Group, GroupBy
from bot.domain.digests import Digest
from bot.domain.fitting import Fit
from bot.domain.milestones import MilestoneChange
from bot.domain.organisations import Listed
from bot.domain.periods import AsOf, Period
from bot.domain.questions.asked import Aspect, CountAsked, LatestAsked, ReleasesAsked
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.watches import WatchChange
from bot.services.lacking import Lacking


@dataclass(frozen=True, slots=True)
class Reach:
    """What an answer rests on: its repositories, until when all of them were polled, and what it may lack.

    ``is_default`` says that the question named no repository and these are the channel's own.
    """

    repositories: Sequence[Repository]
    complete_until: datetime | None
    lacking: Lacking = field(default_factory=Lacking)
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ReleasesAnswer:
    """How many releases, or which: ``releases`` are the newest of the ``total``, newest first.

    ``series`` counts them by repository and series; ``groups`` by what was asked for.
    """

    asked: CountAsked | ReleasesAsked
    period: Period
    as_of: AsOf
    kinds: Sequence[str]
    total: int
    series: Sequence[Group]
    groups: Sequence[Group]
    units: Sequence[GroupBy]
    releases: Sequence[Release]
    undated: int
    reach: Reach


@dataclass(frozen=True, slots=True)
class LatestAnswer:
    """The newest release of each series, by repository and version; ``undated`` have no known date."""

    asked: LatestAsked
    as_of: AsOf
    releases: Sequence[Release]
    reach: Reach
    undated: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """The releases that were asked about by name, and the names of those that came only later than ``as_of``."""

    as_of: AsOf
    releases: Sequence[Release]
    missing: Sequence[str]
    reach: Reach


@dataclass(frozen=True, slots=True)
class CertificationAnswer:
    """How certifications stand; ``asked`` are the series asked for, ``not_begun`` those of them still to begin."""

    asked: Sequence[str]
    aspect: Aspect
    as_of: AsOf
    certifications: Sequence[Certification]
    not_begun: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WatchedAnswer:
    """The watched repositories."""

    as_of: AsOf
    reach: Reach


@dataclass(frozen=True, slots=True)
class DigestAnswer:
    """A digest as it would be now; it is not posted."""

    digest: Digest


@dataclass(frozen=True, slots=True)
class HelpAnswer:
    """What can be asked, with examples that are right here; ``is_maintainer`` adds the changes."""

    examples: Sequence[str]
    is_maintainer: bool


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """A change that was made: to which series, and the record of it; ``undone`` where it was taken back."""

    series: str
    change: MilestoneChange
    as_of: AsOf
    undone: bool = False


@dataclass(frozen=True, slots=True)
class WatchAnswer:
    """A change to what is watched: the record of it, and what the forge showed; ``undone`` where it was taken back.

    ``fit`` is how the tags of a repository are read, ``listed`` the repositories of an
    organisation that are watched from now on.
    """

    change: WatchChange
    as_of: AsOf
    fit: Fit | None = None
    listed: Sequence[Listed] = ()
    undone: bool = False


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What became of a digest that was to be posted: the state of its delivery, and the reason if it failed.

    The state is ``missing`` where something is missing before anything can be posted to the channel.
    """

    digest: str
    channel: str
    state: str
    was_there: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PostsAnswer:
    """What became of a digest that was to be posted to several channels: each for itself."""

    posts: Sequence[PostAnswer]


@dataclass(frozen=True, slots=True)
class RefusalAnswer:
    """Why there is no answer, and what may be asked instead; ``nearest`` is a question that would be understood."""

    reason: str
    nearest: str
    examples: Sequence[str]


Answer = (
    ReleasesAnswer
    | LatestAnswer
    | ReleaseAnswer
    | CertificationAnswer
    | WatchedAnswer
    | DigestAnswer
    | HelpAnswer
    | ChangeAnswer
    | PostAnswer
    | WatchAnswer
    | PostsAnswer
    | RefusalAnswer
)
