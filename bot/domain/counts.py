"""Counting releases: how many, by series, repository, kind or calendar unit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice, repeat
from operator import attrgetter
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.domain.periods.days import Unit, around
from bot.domain.periods.period import Period
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind

# No zone is farther from UTC: https://data.iana.org/time-zones/theory.html
_FARTHEST = timedelta(hours=24)
# A value for each unit: what one group has in common.
_Values = tuple[str, ...]


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


class Countable(Protocol):
    """What of a release counts go by: a release has all of it."""

    @property
    def repository(self) -> str:
        """The repository's key."""
        ...

    @property
    def series(self) -> str:
        """The series."""
        ...

    @property
    def kind(self) -> ReleaseKind | None:
        """The kind, None where kinds are not counted apart."""
        ...

    @property
    def order(self) -> str:
        """What sorts it by version."""
        ...

    @property
    def date(self) -> datetime | None:
        """The date."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How many releases share a repository, a series, a kind and a piece of the calendar.

    ``repository`` and ``series`` are empty, and ``kind`` is None, where these are not counted apart; ``date`` is where
    the piece begins (``pieces``), None where the calendar is not cut up. ``order`` is that of the lowest version,
    where any is counted apart. Counting from tallies spares reading every release.
    """

    repository: str
    series: str
    kind: ReleaseKind | None
    order: str
    count: int
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """How many releases share the values ``keys``, one for each unit that was asked for."""

    keys: tuple[tuple[GroupBy, str], ...]
    count: int


def count_by(releases: Iterable[Countable], units: Sequence[GroupBy], zone: ZoneInfo) -> tuple[Group, ...]:
    """Count dated releases by the units, in their order; groups of none are left out.

    Calendar units go by time, series and kinds by version, repositories as they come.
    """
    return _grouped(list(releases), repeat(1), units, zone)


def sum_by(tallies: Iterable[Tally], units: Sequence[GroupBy], zone: ZoneInfo) -> tuple[Group, ...]:
    """Sum tallies that tell the units apart, as ``count_by`` counts releases."""
    found = list(tallies)
    return _grouped(found, [tally.count for tally in found], units, zone)


def is_calendar(unit: GroupBy) -> bool:
    """Return whether a unit is one of time."""
    return unit not in {GroupBy.SERIES, GroupBy.REPOSITORY, GroupBy.KIND}


def pieces(units: Iterable[GroupBy], period: Period) -> list[datetime]:
    """Cut a period that has a start into pieces of one calendar unit each; give their starts, in UTC."""
    first, end = (period.start or period.end).astimezone(UTC), period.end.astimezone(UTC)
    starts = {first}
    for unit in (Unit(unit.value) for unit in units if is_calendar(unit)):
        day = first.astimezone(period.zone).date()
        while datetime.combine(day, time.min, UTC) - _FARTHEST < end:
            starts.update(_starts_of(day, period.zone))
            day = around(unit, day).after
    return sorted(start for start in starts if first <= start < end)


def _starts_of(day: date, zone: ZoneInfo) -> list[datetime]:
    """Return the moments at which a local day begins.

    Where the clock is put back over a midnight there are two, and between them the
    moment at which the day before comes again (St. John's did so until 2011).
    """
    begin, again = (datetime.combine(day, time.min, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    between = (begin + timedelta(minutes=minute) for minute in range((again - begin) // timedelta(minutes=1)))
    back = (moment for moment in between if moment.astimezone(zone).date() < day)
    return [begin, again, *islice(back, 1)]


def without_gaps(groups: Sequence[Group], unit: GroupBy, period: Period) -> tuple[Group, ...]:
    """Put in the calendar units of a period that had no release, so that a trend shows them.

    A period from the beginning of history begins with its first release.
    """
    counts = {group.keys[0][1]: group.count for group in groups}
    last = (period.end.astimezone(UTC) - timedelta(seconds=1)).astimezone(period.zone).date()
    local = period.start.astimezone(period.zone).date() if period.start else None
    names = []
    day = last
    while local is None or day >= local:
        names.append(name := calendar_unit(datetime.combine(day, time.min, period.zone), unit))
        if local is None and (not counts or name <= min(counts)):
            break
        day = around(Unit(unit.value), day).first - timedelta(days=1)
    if local is not None:
        names.append(calendar_unit(datetime.combine(local, time.min, period.zone), unit))
    return tuple(Group(((unit, name),), counts.get(name, 0)) for name in dict.fromkeys(reversed(names)))


def with_zeros(groups: Sequence[Group], units: Sequence[GroupBy], period: Period) -> tuple[Group, ...]:
    """Put in the months, weeks ... of a period that had no release, where one of them is the only unit."""
    is_trend = len(units) == 1 and is_calendar(units[0])
    return without_gaps(groups, units[0], period) if is_trend else tuple(groups)


def _grouped(
    found: Sequence[Countable], numbers: Iterable[int], units: Sequence[GroupBy], zone: ZoneInfo
) -> tuple[Group, ...]:
    """Group by columns, one for each unit: there may be tens of thousands of rows."""
    columns = [map(_reader(unit, zone), found) for unit in units]
    rows: Iterable[_Values] = zip(*columns, strict=True) if units else repeat(())
    counted: dict[_Values, int] = {}
    lowest: dict[_Values, str] = {}
    for values, release, number in zip(rows, found, numbers):  # noqa: B905 - without units there is no end of rows
        counted[values] = counted.get(values, 0) + number
        lowest[values] = min(lowest.get(values, release.order), release.order)
    ranks = zip(*(_ranks(unit, at, lowest) for at, unit in enumerate(units)), range(len(counted)), strict=True)
    in_order = sorted(zip(ranks, counted.items(), strict=True))
    return tuple([Group(tuple(zip(units, values, strict=True)), number) for _, (values, number) in in_order])


def _reader(unit: GroupBy, zone: ZoneInfo) -> Callable[[Countable], str]:
    """Return what reads the value of a unit."""
    match unit:
        case GroupBy.SERIES:
            return attrgetter("series")
        case GroupBy.REPOSITORY:
            return attrgetter("repository")
        case GroupBy.KIND:
            return _kind
        case _:
            return lambda release: calendar_unit(_dated(release).astimezone(zone), unit)


def _kind(release: Countable) -> str:
    if release.kind is None:
        message = f"releases of {release.repository} have no kind to count them by"
        raise ValueError(message)
    return release.kind.value


def _dated(release: Countable) -> datetime:
    if release.date is None:
        message = f"a release of {release.repository} has no date to count it by"
        raise ValueError(message)
    return release.date


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


def _ranks(unit: GroupBy, at: int, lowest: Mapping[_Values, str]) -> Sequence[str | int]:
    """Return what groups are sorted by for the unit whose value is at a place; repositories stay in their order."""
    if unit is GroupBy.SERIES:
        return list(lowest.values())
    names = [values[at] for values in lowest]
    if is_calendar(unit):
        return names
    known = list(ReleaseKind) if unit is GroupBy.KIND else dict.fromkeys(names)
    places = {str(name): place for place, name in enumerate(known)}
    return [places[name] for name in names]
