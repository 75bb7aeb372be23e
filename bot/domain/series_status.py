"""The status of a series: which one is recommended, maintained, the last of its line, or at its end of life.

The highest version is not always the one to use: a project may recommend an older, long-term series.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from bot.domain.certification.changes import effective
from bot.domain.clocks import EVER
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.values import dataclass

# A repository's key, and a series as its scheme shows it.
Line = tuple[str, str]


class SeriesStatus(StrEnum):
    """What a project says of a series; ``last`` is one that gets no series after it."""

    RECOMMENDED = "recommended"
    MAINTAINED = "maintained"
    LAST = "last"
    END_OF_LIFE = "end-of-life"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One change to the status of a series: who made it, when, and what it was; kept for ever.

    ``number`` counts them in the order they were recorded. ``undoes`` is the number of the change that an undo takes
    back; the rest of an undo repeats that change.
    """

    number: int
    at: datetime
    who: str
    repository: str
    series: str
    status: SeriesStatus
    note: str = ""
    undoes: int | None = None

    @property
    def line(self) -> Line:
        """The repository's key and the series."""
        return self.repository, self.series


@dataclass(frozen=True, slots=True)
class MarkedSeries:
    """A series with its status; ``who`` and ``at`` are empty and None where the configuration file says so."""

    repository: str
    series: str
    status: SeriesStatus
    note: str = ""
    who: str = ""
    at: datetime | None = None

    @property
    def line(self) -> Line:
        """The repository's key and the series."""
        return self.repository, self.series


def line_of(release: Release) -> Line:
    """Return the repository's key and the series of a release."""
    return release.repository, release.series


def marked_series(
    repositories: Iterable[Repository], changes: Iterable[StatusChange], until: datetime = EVER
) -> dict[Line, MarkedSeries]:
    """Return the status of each series that has one, by repository as given, then as marked.

    The last change that was made by ``until`` and not undone wins over the configuration file.
    """
    said = {change.line: change for change in effective(changes, until)}
    found: dict[Line, MarkedSeries] = {}
    for repository in repositories:
        key = repository.key
        marked = {(key, name): MarkedSeries(key, name, SeriesStatus(word)) for name, word in repository.statuses}
        marked |= {line: _marked(change) for line, change in said.items() if change.repository == key}
        found |= marked
    return found


def _marked(change: StatusChange) -> MarkedSeries:
    return MarkedSeries(change.repository, change.series, change.status, change.note, change.who, change.at)
