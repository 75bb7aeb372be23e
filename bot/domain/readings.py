"""A count as it was asked for, what may be changed of it, and what it is then: a reading."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.clocks import EVER
from bot.domain.filters import KindWord, Wanted, wanted
from bot.domain.periods.period import Period
from bot.domain.releases import Release, key_of
from bot.domain.repositories import Repository
from bot.domain.tags import DateSource
from bot.domain.values import dataclass

# By so many days an edge of the period is moved.
MOST_DAYS = 7
_ADDED_KINDS = (KindWord.PATCH, KindWord.MINOR, KindWord.MAJOR, KindWord.PRE_RELEASE)
_DAY = timedelta(days=1)
_DAYS = [sign * days for days in range(1, MOST_DAYS + 1) for sign in (-1, 1)]


@dataclass(frozen=True, slots=True)
class Edge:
    """An end of a period, moved by ``days``: earlier ones are negative, 0 is where it was asked for.

    ``release`` is the one just after which it lies, None where it was moved by whole days. A ``moment`` of None is
    the beginning of history.
    """

    moment: datetime | None
    days: int = 0
    release: Release | None = None

    def is_within(self, farther: "Edge") -> bool:
        """Return whether the edge is moved no farther than another one, and in the same direction."""
        return self.days == 0 or (self.days * farther.days > 0 and abs(self.days) <= abs(farther.days))


@dataclass(frozen=True, slots=True)
class PlainCount:
    """A count as it was asked for, with what may be changed of it.

    ``others`` are the repositories that may be added. ``period`` is what was counted, and no end may be later than
    ``latest``.
    """

    repositories: tuple[Repository, ...]
    others: tuple[Repository, ...]
    kinds: tuple[KindWord, ...]
    series: tuple[str, ...]
    period: Period
    latest: datetime

    @property
    def widest(self) -> Period:
        """The period that every reading's lies in."""
        starts = [edge.moment for edge in self._moved(self.period.start)]
        start = None if None in starts else min((moment for moment in starts if moment is not None), default=None)
        return Period(start, max(edge.moment or self.latest for edge in self.ends()), self.period.zone)

    def starts(self) -> list[Edge]:
        """Return where the period may begin: as asked for, or whole days from there."""
        return self._moved(self.period.start)

    def ends(self) -> list[Edge]:
        """Return where the period may end: as asked for, or whole days from there, and never after the latest."""
        latest = self.latest.astimezone(UTC)
        return [each for each in self._moved(self.period.end) if each.days == 0 or in_utc(each.moment) <= latest]

    def _moved(self, moment: datetime | None) -> list[Edge]:
        if moment is None:
            return [Edge(None)]
        local = moment.astimezone(self.period.zone)
        moved = (Edge((local + _DAY * days).astimezone(UTC).astimezone(local.tzinfo), days) for days in _DAYS)
        return [Edge(moment), *moved]

    def wanted(self, repositories: Iterable[Repository], kinds: Sequence[KindWord]) -> Wanted:
        """Return what a count in the widest period wants of repositories and kinds."""
        widest = self.widest
        return wanted(repositories, kinds, self.series, since=widest.start, until=widest.end)

    def added_kinds(self) -> list[tuple[KindWord, tuple[KindWord, ...]]]:
        """Return each kind that may be added, with all that are counted then.

        None may be where the repositories' ordinary releases differ: no count has both, and another kind.
        """
        rules = {repository.counts for repository in self.repositories}
        before = self.kinds or (tuple(KindWord(rule.value) for rule in rules) if len(rules) == 1 else ())
        covered = {kind for word in before for kind in word.kinds}
        return [(word, (*before, word)) for word in _ADDED_KINDS if before and not word.kinds <= covered]


@dataclass(frozen=True, slots=True, order=True)
class Distance:
    """How far a reading is from the question; the fewest changes are nearest, then days, then releases."""

    changes: int
    days: int
    releases: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A count that gives the number, and how it differs from the one asked for.

    ``kinds`` are those to ask for, none for the ordinary ones; ``kind`` is the one that was added. ``source`` is that
    of every date, None as configured. ``adds`` and ``leaves_out`` compare ``releases`` with those of the question.
    """

    repositories: tuple[Repository, ...]
    kinds: tuple[KindWord, ...]
    start: Edge
    end: Edge
    kind: KindWord | None
    source: DateSource | None
    added: tuple[Repository, ...]
    left_out: tuple[Repository, ...]
    releases: tuple[Release, ...]
    adds: tuple[Release, ...]
    leaves_out: tuple[Release, ...]

    @property
    def distance(self) -> Distance:
        """How far it is from the question."""
        repositories = len(self.added) + len(self.left_out)
        others = (self.kind is not None, self.source is not None, bool(self.start.days), bool(self.end.days))
        days = abs(self.start.days) + abs(self.end.days)
        return Distance(repositories + sum(others), days, len(self.adds) + len(self.leaves_out))

    @property
    def uncertain(self) -> tuple[Release, ...]:
        """The releases of whose dates only a lower bound is known."""
        return tuple(release for release in self.releases if is_by_commit(release))

    def spares(self, other: "Reading") -> bool:
        """Return whether another reading that gives the number is needless beside this one.

        It counts the same releases, or makes all changes of this one and more.
        """
        return {*map(key_of, self.releases)} == {*map(key_of, other.releases)} or (
            {*self.added, *self.left_out} <= {*other.added, *other.left_out}
            and self.kind in {None, other.kind}
            and self.source in {None, other.source}
            and self.start.is_within(other.start)
            and self.end.is_within(other.end)
        )


def in_utc(moment: datetime | None) -> datetime:
    """Return a moment in UTC; the last one of all for None, as an end."""
    return (moment or EVER).astimezone(UTC)


def is_by_commit(release: Release) -> bool:
    """Return whether a release is dated by its commit only, so that it came out then or later."""
    return release.date_source is DateSource.COMMIT
