"""What can be asked: one value for each kind of question, with its parameters."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from bot.domain.counts import GroupBy
from bot.domain.dates.spans import Span
from bot.domain.milestones import ChangeKind
from bot.domain.selection import KindWord

# In the place of repositories: all that are watched, whoever asks.
EVERY_ONE = "*"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which releases are meant; what is empty is not restricted.

    ``repositories`` are keys, or EVERY_ONE; without any, those that the asker is told of
    are meant. ``series`` are spelled as they are shown.
    """

    repositories: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    kinds: tuple[KindWord, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class CountAsked:
    """How many releases, broken down by ``units``."""

    intent: ClassVar[str] = "count"
    filters: Filters = Filters()
    units: tuple[GroupBy, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleasesAsked:
    """Which releases; ``whole`` asks for every one of them, however many."""

    intent: ClassVar[str] = "releases"
    filters: Filters = Filters()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class LatestAsked:
    """The newest release of each series: final ones, unless kinds are asked for."""

    intent: ClassVar[str] = "latest"
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class ReleaseAsked:
    """One release, or several: when, on which commit, under which tags."""

    intent: ClassVar[str] = "release"
    releases: tuple[str, ...]
    repositories: tuple[str, ...] = ()


class Aspect(StrEnum):
    """What of a certification is asked for; the first sentence of the answer is about it."""

    STATUS = "status"
    CERTIFIED = "certified"
    HACKATHONS = "hackathons"
    FINAL = "final"
    NEXT = "next"
    HIGHLIGHTS = "highlights"


@dataclass(frozen=True, slots=True)
class CertificationAsked:
    """How certification stands; without a series, every open one."""

    intent: ClassVar[str] = "certification"
    series: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    aspect: Aspect = Aspect.STATUS


@dataclass(frozen=True, slots=True)
class WatchedAsked:
    """Which repositories are watched."""

    intent: ClassVar[str] = "watched"


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """What can be asked."""

    intent: ClassVar[str] = "help"


@dataclass(frozen=True, slots=True)
class DigestAsked:
    """A digest as it would be now; the first configured one where none is named."""

    intent: ClassVar[str] = "digest"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class MilestoneAsked:
    """A change to a milestone: ``kind`` is what to do, ``milestone_kind`` that of a new one.

    Without a series, the one open certification is meant.
    """

    intent: ClassVar[str] = "milestone"
    kind: ChangeKind
    series: str | None = None
    repositories: tuple[str, ...] = ()
    title: str = ""
    milestone_kind: str = ""
    day: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AcceptAsked:
    """Take the hint of a day for a milestone that was done then."""

    intent: ClassVar[str] = "accept"
    day: date
    series: str | None = None
    repositories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchAsked:
    """Watch a repository, FORGE:PATH, or all of an organisation, FORGE:PATH/*; without a scheme, by what fits best."""

    intent: ClassVar[str] = "watch"
    target: str
    scheme: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class UnwatchAsked:
    """Watch a repository no more, named in any way that people name it, or an organisation, FORGE:PATH/*."""

    intent: ClassVar[str] = "unwatch"
    target: str


@dataclass(frozen=True, slots=True)
class AcceptRepositoryAsked:
    """Take another repository for the watched one whose path it has now."""

    intent: ClassVar[str] = "accept-repository"
    target: str


@dataclass(frozen=True, slots=True)
class UndoAsked:
    """Take back a change, the last one where no number is told; ``watching`` means those to what is watched alone."""

    intent: ClassVar[str] = "undo"
    number: int | None = None
    watching: bool = False


@dataclass(frozen=True, slots=True)
class PostAsked:
    """Post a digest to its channel now; the first configured one where none is named."""

    intent: ClassVar[str] = "post"
    name: str | None = None


Reading = (
    CountAsked
    | ReleasesAsked
    | LatestAsked
    | ReleaseAsked
    | CertificationAsked
    | WatchedAsked
    | HelpAsked
    | DigestAsked
)
Changing = MilestoneAsked | AcceptAsked | WatchAsked | UnwatchAsked | AcceptRepositoryAsked | UndoAsked | PostAsked
Asked = Reading | Changing


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text was not understood, and the nearest question that would be."""

    reason: str
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What became of a text; ``mended`` are words read as others, ``(written, read)``."""

    asked: Asked | None
    refusal: Refusal | None = None
    mended: tuple[tuple[str, str], ...] = ()
