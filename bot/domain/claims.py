"""Claims: which readings of a count give the number that somebody says, the nearest first.

A reading changes what is counted: repositories added or left out, a kind added, another source of dates, an edge of
the period moved. A change that the number does not need is never part of a reading.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby, islice, product

from bot.domain.filters import KindWord, matcher
from bot.domain.readings import MOST_DAYS, Edge, PlainCount, Reading, in_utc
from bot.domain.releases import Release, key_of
from bot.domain.repositories import Repository
from bot.domain.tags import DateSource

# So many readings are listed, and so many repositories are added or left out.
MOST_READINGS, MOST_CHANGED = 10, 3
_FIRST = datetime.min.replace(tzinfo=UTC)
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass(frozen=True)
class _Scope:
    """What is counted, whenever it came out: dated releases by repository, the oldest first."""

    kinds: tuple[KindWord, ...]
    releases: Mapping[str, Sequence[Release]]
    kind: KindWord | None = None
    source: DateSource | None = None

    @property
    def is_plain(self) -> bool:
        return self.kind is None and self.source is None

    @cached_property
    def dates(self) -> Mapping[str, Sequence[datetime]]:
        return {key: [_date(each) for each in releases] for key, releases in self.releases.items()}


@dataclass(frozen=True)
class _Frame:
    """What is counted, and in which period."""

    scope: _Scope
    start: Edge
    end: Edge

    @cached_property
    def changes(self) -> int:
        return sum(
            (self.scope.kind is not None, self.scope.source is not None, bool(self.start.days), bool(self.end.days))
        )

    @cached_property
    def days(self) -> int:
        return abs(self.start.days) + abs(self.end.days)

    @cached_property
    def bounds(self) -> Mapping[str, tuple[int, int]]:
        """Where the releases of each repository in the period begin and end, those with any."""
        start, end = in_utc(self.start.moment or _FIRST), in_utc(self.end.moment)
        found = {key: (bisect_left(dates, start), bisect_left(dates, end)) for key, dates in self.scope.dates.items()}
        return {key: bounds for key, bounds in found.items() if bounds[0] < bounds[1]}

    def counts(self, repositories: Iterable[Repository]) -> dict[str, int]:
        """Return how many releases each repository has, those with any."""
        bounds, keys = self.bounds, (repository.key for repository in repositories)
        return {key: bounds[key][1] - bounds[key][0] for key in keys if key in bounds}

    def releases(self, repositories: Iterable[Repository]) -> list[Release]:
        """Return the releases of repositories in the period."""
        keys = (repository.key for repository in repositories)
        return [each for key in keys for each in self.scope.releases.get(key, ())[slice(*self.bounds.get(key, (0, 0)))]]


class Readings:
    """The readings of one count, over the releases of its widest period.

    ``releases`` are of all repositories that may be counted, of any kind; ``by_source`` has those asked for with
    every date from another source. Other sources and kinds are not combined with other repositories.
    """

    def __init__(
        self, asked: PlainCount, releases: Sequence[Release], by_source: Mapping[DateSource, Sequence[Release]]
    ) -> None:
        self._asked = asked
        everywhere = (*asked.repositories, *asked.others)
        self._plain = _Scope(asked.kinds, self._dated(releases, everywhere, asked.kinds))
        self._frames = list(self._all_frames([(None, releases), *by_source.items()]))
        self._usual = {key_of(each): each for each in self._frames[0].releases(asked.repositories)}

    @property
    def usual(self) -> Sequence[Release]:
        """The releases that the question as it was asked for counts."""
        return tuple(self._usual.values())

    def giving(self, claim: int, most: int = MOST_READINGS) -> list[Reading]:
        """Return the readings that give a number, the nearest first, at most ``most``."""
        slots = [(frame, size) for frame in self._frames for size in range(self._most_changed(frame) + 1)]
        found: list[Reading] = []
        for _, level in groupby(sorted(slots, key=_level), key=_level):
            near = (self._fresh(frame, size, claim, found, most) for frame, size in level)
            for reading in sorted((each for some in near for each in some), key=_order):
                if not any(each.spares(reading) for each in found):
                    found.append(reading)
            if len(found) >= most:
                break
        return found[:most]

    def nearest(self, claim: int) -> list[tuple[int, Reading]]:
        """Return the next lower and the next higher number that a reading gives, each with its nearest reading."""
        counts = {count for frame in self._frames for count in self._reachable(frame)}
        below, above = [each for each in counts if each < claim], [each for each in counts if each > claim]
        chosen = [*([max(below)] if below else []), *([min(above)] if above else [])]
        return [(count, reading) for count in chosen for reading in self.giving(count, 1)]

    def _all_frames(self, by_source: Sequence[tuple[DateSource | None, Sequence[Release]]]) -> Iterator[_Frame]:
        """Yield what may be counted and when, the question as it was asked for first."""
        asked = self._asked
        starts, ends = asked.starts(), asked.ends()
        yield _Frame(self._plain, starts[0], ends[0])
        kinds: list[tuple[KindWord | None, tuple[KindWord, ...]]] = [(None, asked.kinds), *asked.added_kinds()]
        scopes = [
            _Scope(words, self._dated(dated, asked.repositories, words), kind, source)
            for (kind, words), (source, dated) in product(kinds, by_source)
            if (kind, source) != (None, None)
        ]
        for scope, start, end in product([self._plain, *scopes], starts, ends):
            if _is_period(start, end) and not (scope is self._plain and start.days == end.days == 0):
                yield _Frame(scope, start, end)
        yield from self._beside_releases(starts[0], ends[0])

    def _beside_releases(self, start: Edge, end: Edge) -> Iterator[_Frame]:
        """Yield the periods of which one edge lies just after a release that was asked for."""
        latest = self._asked.latest.astimezone(UTC)
        for release in (each for key in self._asked.repositories for each in self._plain.releases.get(key.key, ())):
            after = (_date(release) + _SECOND).astimezone(self._asked.period.zone)
            for edge, is_start in ((start, True), (end, False)):
                days = 0 if edge.moment is None else _days_between(edge.moment, after)
                moved = Edge(after, days, release)
                frame = _Frame(self._plain, moved, end) if is_start else _Frame(self._plain, start, moved)
                if 0 < abs(days) <= MOST_DAYS and _is_period(frame.start, frame.end) and in_utc(after) <= latest:
                    yield frame

    def _dated(
        self, releases: Iterable[Release], repositories: Iterable[Repository], kinds: Sequence[KindWord]
    ) -> dict[str, list[Release]]:
        is_wanted: Callable[[Release], bool] = matcher(self._asked.wanted(repositories, kinds))
        found: dict[str, list[Release]] = {}
        for release in sorted((each for each in releases if each.date is not None and is_wanted(each)), key=_date):
            found.setdefault(release.repository, []).append(release)
        return found

    def _most_changed(self, frame: _Frame) -> int:
        """Return how many repositories may be added or left out of what a frame counts."""
        return MOST_CHANGED if frame.scope.is_plain and frame.start.release is frame.end.release is None else 0

    def _fresh(self, frame: _Frame, size: int, claim: int, found: Sequence[Reading], most: int) -> list[Reading]:
        """Return the readings of a frame, with so many repositories changed, that the found ones do not spare."""
        made = (self._reading(frame, added, left_out) for added, left_out in self._changed(frame, size, claim))
        return list(islice((each for each in made if not any(one.spares(each) for one in found)), most))

    def _changed(self, frame: _Frame, size: int, claim: int) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        """Yield the repositories to add and those to leave out so that a frame gives the number."""
        usual = frame.counts(self._asked.repositories)
        missing = claim - sum(usual.values())
        if size == 0:
            if missing == 0:
                yield frozenset(), frozenset()
        elif missing > 0:
            for keys in _summing_to(missing, list(frame.counts(self._asked.others).items()), size):
                yield frozenset(keys), frozenset()
        elif missing < 0 < claim:
            # Some of what is left is counted, so that the series asked for is known there.
            for keys in _summing_to(-missing, list(usual.items()), size):
                yield frozenset(), frozenset(keys)

    def _reading(self, frame: _Frame, added: frozenset[str], left_out: frozenset[str]) -> Reading:
        asked = self._asked
        more = tuple(each for each in asked.others if each.key in added)
        repositories = (*(each for each in asked.repositories if each.key not in left_out), *more)
        releases = frame.releases(repositories)
        kept = {key_of(release) for release in releases}
        return Reading(
            repositories=repositories,
            kinds=frame.scope.kinds,
            start=frame.start,
            end=frame.end,
            kind=frame.scope.kind,
            source=frame.scope.source,
            added=more,
            left_out=tuple(each for each in asked.repositories if each.key in left_out),
            releases=tuple(releases),
            adds=tuple(release for release in releases if key_of(release) not in self._usual),
            leaves_out=tuple(release for key, release in self._usual.items() if key not in kept),
        )

    def _reachable(self, frame: _Frame) -> set[int]:
        """Return the numbers that a frame gives with any repositories changed that may be."""
        usual = frame.counts(self._asked.repositories)
        total = sum(usual.values())
        if not self._most_changed(frame):
            return {total}
        more, less = _sums(frame.counts(self._asked.others).values()), _sums(usual.values())
        return {total + each for each in more} | {total - each for each in less if each < total} | {total}


def _level(slot: tuple[_Frame, int]) -> tuple[int, int]:
    frame, size = slot
    return frame.changes + size, frame.days


def _order(reading: Reading) -> tuple[int, bool]:
    """Order readings of as many changes and days: the fewest releases first, whole days before releases."""
    return reading.distance.releases, reading.start.release is not None or reading.end.release is not None


def _summing_to(number: int, counts: Sequence[tuple[str, int]], size: int) -> Iterator[tuple[str, ...]]:
    """Yield the names, ``size`` at a time, whose counts sum to a number."""
    if size == 1:
        yield from ((name,) for name, count in counts if count == number)
        return
    for at, (name, count) in enumerate(counts):
        if count < number:
            yield from ((name, *rest) for rest in _summing_to(number - count, counts[at + 1 :], size - 1))


def _sums(counts: Iterable[int]) -> set[int]:
    """Return the sums of up to ``MOST_CHANGED`` of the counts."""
    sums: list[set[int]] = [{0}, *(set() for _ in range(MOST_CHANGED))]
    for count in counts:
        for size in range(MOST_CHANGED, 0, -1):
            sums[size] |= {each + count for each in sums[size - 1]}
    return set().union(*sums)


def _is_period(start: Edge, end: Edge) -> bool:
    return start.moment is None or in_utc(start.moment) < in_utc(end.moment)


def _days_between(asked: datetime, moved: datetime) -> int:
    """Return by how many days an edge is moved, a part of a day for a whole one."""
    apart = moved.astimezone(UTC) - asked.astimezone(UTC)
    return -(-apart // _DAY) if apart > timedelta() else apart // _DAY


def _date(release: Release) -> datetime:
    """Return a dated release's date in UTC."""
    return in_utc(release.date)
