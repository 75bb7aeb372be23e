"""What other rules would make of the same tags: releases that come, go, or fall into other periods."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.releases import Release, is_unclassified, releases_of
from bot.domain.repositories import Repository
from bot.domain.tags import Tag
from bot.domain.values import dataclass

# What a date falls into, as strftime names it: the largest last.
_UNITS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True, slots=True)
class Rules:
    """A repository with its rules, and the zone in which its dates are reported."""

    repository: Repository
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Shift:
    """A release that both rules make, with dates that fall into other ``units``: day, week, month, year."""

    old: Release
    new: Release
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What becomes of one repository's releases; ``unclassified`` are how many tags were and would be unread.

    ``counted`` and ``uncounted`` are releases that both rules make, and that one of
    them takes for ordinary ones and the other does not.
    """

    repository: str
    added: tuple[Release, ...]
    dropped: tuple[Release, ...]
    shifted: tuple[Shift, ...]
    counted: tuple[Release, ...]
    uncounted: tuple[Release, ...]
    unclassified: tuple[int, int]

    @property
    def is_empty(self) -> bool:
        """Return whether all stays as it is."""
        lists = (self.added, self.dropped, self.shifted, self.counted, self.uncounted)
        return not any(lists) and self.unclassified[0] == self.unclassified[1]


def rule_change(old: Rules, new: Rules, tags: Iterable[Tag]) -> RuleChange:
    """Read the same tags by both rules, and compare what comes of it; a withdrawn release is none."""
    kept = list(tags)
    before, after = _releases(old.repository, kept), _releases(new.repository, kept)
    both = [(before[key], after[key]) for key in before if key in after]
    was = {release.normalized for release, _ in both if old.repository.is_ordinary(release.kind)}
    becomes = {release.normalized for _, release in both if new.repository.is_ordinary(release.kind)}
    shifts = (Shift(*pair, _units(pair, old.zone, new.zone)) for pair in both)
    return RuleChange(
        repository=new.repository.key,
        added=tuple(release for key, release in after.items() if key not in before),
        dropped=tuple(release for key, release in before.items() if key not in after),
        shifted=tuple(shift for shift in shifts if shift.units),
        counted=tuple(release for _, release in both if release.normalized in becomes - was),
        uncounted=tuple(release for release, _ in both if release.normalized in was - becomes),
        unclassified=(_unclassified(old.repository, kept), _unclassified(new.repository, kept)),
    )


def _releases(repository: Repository, tags: Iterable[Tag]) -> dict[str, Release]:
    return {release.normalized: release for release in releases_of(repository, tags) if release.is_counted}


def _unclassified(repository: Repository, tags: Iterable[Tag]) -> int:
    return sum(is_unclassified(repository, tag.name) for tag in tags if tag.is_present)


def _units(pair: tuple[Release, Release], old: ZoneInfo, new: ZoneInfo) -> tuple[str, ...]:
    before, after = _local(pair[0].date, old), _local(pair[1].date, new)
    if before is None or after is None:
        return () if before is after else tuple(_UNITS)
    return tuple(unit for unit, form in _UNITS.items() if f"{before:{form}}" != f"{after:{form}}")


def _local(date: datetime | None, zone: ZoneInfo) -> datetime | None:
    return date and date.astimezone(zone)
