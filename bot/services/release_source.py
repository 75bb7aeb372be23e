"""What releases are counted and read from: the store, or what had been seen of it by an earlier moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from bot.domain.counts import GroupBy, Tally
from bot.domain.filters import Uncertain, Wanted, matcher, uncertain
from bot.domain.periods.period import Period
from bot.domain.releases import Release, coverage_of, releases_of, unclassified_in
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.tags import Tag, TagEvent

if TYPE_CHECKING:
    from bot.store.tags import TagStore


class ReleaseSource(Protocol):
    """What releases are counted and read from: the releases of the store are one."""

    def tally(self, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
        """Count the wanted releases by series and kind, and by repository and calendar unit where the units say so."""
        ...

    def newest(self, wanted: Wanted, most: int | None = None) -> list[Release]:
        """Read the wanted releases, the newest by date first, at most ``most``."""
        ...

    def earliest(self, wanted: Wanted, most: int) -> list[Release]:
        """Read the ``most`` first of the wanted releases by date, the first in front."""
        ...

    def dates(self, wanted: Wanted) -> list[datetime]:
        """Read the dates of the wanted releases, in the order of time."""
        ...

    def leading(self, wanted: Wanted) -> list[Release]:
        """Read the highest version of each series among the wanted releases, by repository as asked, then version."""
        ...

    def newest_of_each(self, wanted: Wanted) -> list[Release]:
        """Read the newest by date of each repository's wanted releases, yanked ones left out."""
        ...

    def undated(self, wanted: Wanted) -> int:
        """Count the releases that would be wanted if their dates were known."""
        ...

    def uncertain(self, wanted: Wanted) -> Uncertain:
        """Return how many releases have no known date, and which may belong to the other side of an edge."""
        ...

    def unclassified(self, keys: Iterable[str], since: datetime | None, until: datetime) -> Mapping[str, int]:
        """Count the unclassified tags that are dated from ``since`` to before ``until``, or not dated, by repository.

        A repository without any is left out.
        """
        ...


class ReleasesKnownAt:
    """The releases that had been seen of some repositories by a moment, made from their tags and events."""

    def __init__(self, repositories: Sequence[Repository], recorded: "TagStore", known_at: datetime) -> None:
        self._repositories = {repository.key: repository for repository in repositories}
        self._tags = _tags_known_at(list(self._repositories), recorded, known_at)
        listings = recorded.listings({each.source for each in repositories if each.index})
        known = {
            key: {source: listing.known_at(known_at) for source, listing in each.items()}
            for key, each in listings.items()
        }
        self._releases = [
            release
            for key, tags in self._tags.items()
            for release in releases_of(self._repositories[key], tags, known.get(self._repositories[key].source, {}))
        ]

    def tally(self, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
        """Count the wanted releases, each for itself: by any unit."""
        del units, zone
        found = self._dated(wanted)
        return [Tally(each.repository, each.series, each.kind, each.order, 1, each.date) for each in found]

    def newest(self, wanted: Wanted, most: int | None = None) -> list[Release]:
        """Return the wanted releases, the newest by date first, at most ``most``."""
        return sorted(self._dated(wanted), key=lambda release: (release.date, release.order), reverse=True)[:most]

    def earliest(self, wanted: Wanted, most: int) -> list[Release]:
        """Return the ``most`` first of the wanted releases by date, the first in front."""
        return sorted(self._dated(wanted), key=lambda release: (release.date, release.order))[:most]

    def dates(self, wanted: Wanted) -> list[datetime]:
        """Return the dates of the wanted releases, in the order of time."""
        return sorted(each.date for each in self._dated(wanted) if each.date is not None)

    def leading(self, wanted: Wanted) -> list[Release]:
        """Return the highest version of each series among the wanted releases, by repository as asked, then version."""
        found = [each for each in self._dated(wanted) if each.is_recommended]
        highest = {(each.repository, each.series): each for each in found}
        return [each for each in found if highest[each.repository, each.series] is each]

    def newest_of_each(self, wanted: Wanted) -> list[Release]:
        """Return the newest by date of each repository's wanted releases, yanked ones left out."""
        found = [each for each in self.newest(wanted) if each.is_recommended]
        return list({each.repository: each for each in reversed(found)}.values())

    def undated(self, wanted: Wanted) -> int:
        """Return how many releases would be wanted if their dates were known."""
        is_wanted = matcher(wanted)
        return sum(each.date is None and is_wanted(each) for each in self._releases)

    def uncertain(self, wanted: Wanted) -> Uncertain:
        """Return how many releases have no known date, and which may belong to the other side of an edge."""
        return uncertain(self.undated(wanted), self._dated(replace(wanted, since=None)), wanted)

    def unclassified(self, keys: Iterable[str], since: datetime | None, until: datetime) -> Mapping[str, int]:
        """Return how many unclassified tags are dated in the interval, or not dated, by repository."""
        period = Period(since, until, ZoneInfo("UTC"))
        speaking = one_of_each_source(self._repositories[key] for key in keys)
        coverages = {each.key: coverage_of(each, self._tags[each.key]) for each in speaking}
        numbers = {key: unclassified_in(coverage, period) for key, coverage in coverages.items()}
        return {key: number for key, number in numbers.items() if number}

    def named(self, names: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Return tags by repository and name as they were known; those that were not there are left out."""
        wanted = frozenset(names)
        return [(key, tag) for key, tags in self._tags.items() for tag in tags if (key, tag.name) in wanted]

    def _dated(self, wanted: Wanted) -> list[Release]:
        is_wanted = matcher(wanted)
        return [each for each in self._releases if each.date is not None and is_wanted(each)]


def _tags_known_at(keys: Sequence[str], recorded: "TagStore", known_at: datetime) -> dict[str, list[Tag]]:
    tags: dict[str, list[Tag]] = defaultdict(list)
    later: dict[str, list[TagEvent]] = defaultdict(list)
    for key, tag in recorded.of(keys):
        tags[key].append(tag)
    for key, event in recorded.events(keys, after=known_at):
        later[key].append(event)
    from bot.domain.polling.diff import as_known_at

    return {key: as_known_at(tags[key], later[key], known_at) for key in keys}
