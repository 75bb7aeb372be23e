"""Counting releases: how many, by series, repository, kind or calendar unit."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.releases import Release


class GroupBy(StrEnum):
    """What counts can be broken down by; the calendar's units are those of the zone asked in."""

    SERIES = "series"
    REPOSITORY = "repository"
    KIND = "kind"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Group:
    """How many releases share the values ``keys``, one for each unit that was asked for."""

    keys: tuple[tuple[GroupBy, str], ...]
    count: int


def count_by(releases: Iterable[Release], units: Sequence[GroupBy], zone: ZoneInfo) -> tuple[Group, ...]:
    """Count dated releases by the units, in their order; groups of none are left out.

    Calendar units go by time, series and kinds by version, repositories as they come.
    """
    counted: Counter[tuple[tuple[GroupBy, str], ...]] = Counter()
    places: dict[tuple[tuple[GroupBy, str], ...], tuple[str | int, ...]] = {}
    repositories: dict[str, int] = {}
    for release in releases:
        repositories.setdefault(release.repository, len(repositories))
        keys = tuple((unit, _value(release, unit, zone)) for unit in units)
        place = tuple(_place(release, unit, keys[i][1], repositories) for i, unit in enumerate(units))
        counted[keys] += 1
        places[keys] = min(places.get(keys, place), place)
    return tuple(Group(keys, counted[keys]) for keys in sorted(counted, key=places.__getitem__))


def _value(release: Release, unit: GroupBy, zone: ZoneInfo) -> str:
    match unit:
        case GroupBy.SERIES:
            return release.series
        case GroupBy.REPOSITORY:
            return release.repository
        case GroupBy.KIND:
            return release.kind.value
        case _:
            if release.date is None:
                message = f"{release.repository} {release.version} has no date to count it by"
                raise ValueError(message)
            return calendar_unit(release.date.astimezone(zone), unit)


def calendar_unit(local: datetime, unit: GroupBy) -> str:
    """Name the day, ISO week, month, quarter or year that a local time falls in."""
    match unit:
        case GroupBy.WEEK:
            year, week, _ = local.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case GroupBy.MONTH:
            return f"{local.year:04d}-{local.month:02d}"
        case GroupBy.QUARTER:
            return f"{local.year:04d}-Q{(local.month + 2) // 3}"
        case GroupBy.YEAR:
            return f"{local.year:04d}"
        case _:
            return local.date().isoformat()


def _place(release: Release, unit: GroupBy, value: str, repositories: dict[str, int]) -> str | int:
    if unit is GroupBy.SERIES:
        return release.order
    if unit is GroupBy.REPOSITORY:
        return repositories[value]
    return list(type(release.kind)).index(release.kind) if unit is GroupBy.KIND else value
