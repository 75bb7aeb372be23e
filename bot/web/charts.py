"""Where the parts of a chart stand: releases as marks in a lane for each series, and counts as bars. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from bot.domain.periods.days import Unit, around
from bot.domain.periods.period import Period, midnight
from bot.domain.releases import Release
from bot.domain.series_status import Line, line_of
from bot.domain.values import dataclass

# The number of colours in style.css: s0, s1 ...
COLOURS = 8
WIDTH = 830
_MARGIN = 14
# A repository's name stands above its first lane.
_NAMED = 12
# Nearer marks would hide each other, and are put above and below.
_APART = 7
_STEP, _LANE = 9, 26
# More of one place in a lane are one mark with their number.
_MOST_STACKED = 4
_TOP, _AXIS = 14, 22
_FEWEST_PX = 62
_BAR_HEIGHT = 120
_GRID_UNITS = ((Unit.DAY, 1), (Unit.WEEK, 7), (Unit.MONTH, 30), (Unit.QUARTER, 91), (Unit.YEAR, 365))


@dataclass(frozen=True, slots=True)
class Mark:
    """A release in its lane; with ``others``, the first of so many more that have no room."""

    x: float
    y: float
    release: Release
    others: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """A series with its releases, the highest version first; ``y`` is the middle of the lane."""

    line: Line
    colour: int
    y: float
    start: float
    end: float
    marks: tuple[Mark, ...]
    releases: tuple[Release, ...]

    @property
    def newest(self) -> Release:
        """The newest of them by date."""
        return self.releases[-1]


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment of the calendar on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes over one axis of time."""

    lanes: tuple[Lane, ...]
    axis: "Axis"
    height: float
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of a period, in pixels."""

    start: datetime
    end: datetime
    width: int = WIDTH

    def x(self, moment: datetime) -> float:
        """Return where a moment stands."""
        whole = max((self.end.astimezone(UTC) - self.start.astimezone(UTC)).total_seconds(), 1.0)
        part = (moment.astimezone(UTC) - self.start.astimezone(UTC)).total_seconds() / whole
        return round(_MARGIN + part * (self.width - 2 * _MARGIN), 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Return ticks at days, weeks, months, quarters or years, as many as have room."""
        days = max((self.end - self.start) / timedelta(days=1), 1)
        room = (self.width - 2 * _MARGIN) / _FEWEST_PX
        unit = next((unit for unit, length in _GRID_UNITS if days / length <= room), Unit.YEAR)
        zone, found = self.end.tzinfo, []
        day = around(unit, self.start.astimezone(zone).date()).after
        while (moment := datetime.combine(day, datetime.min.time(), zone)) < self.end:
            found.append(Tick(self.x(moment), _label(day, unit)))
            day = around(unit, day).after
        return tuple(found)


def _label(day: date, unit: Unit) -> str:
    if unit is Unit.YEAR:
        return str(day.year)
    if unit in {Unit.DAY, Unit.WEEK}:
        return f"{day.day} {day:%b}"
    return f"{day:%b %Y}" if day.month == 1 else f"{day:%b}"


def lanes_of(
    releases: Iterable[Release], period: Period, colours: Mapping[Line, int], repositories: Sequence[str]
) -> Lanes:
    """Return the lanes of dated releases: by repository as given, then the highest version first."""
    by_line: dict[Line, list[Release]] = defaultdict(list)
    for release in releases:
        if release.date is not None:
            by_line[line_of(release)].append(release)
    places = {key: place for place, key in enumerate(repositories)}
    highest = {line: max(each.order for each in found) for line, found in by_line.items()}
    ordered = sorted(by_line, key=lambda line: highest[line], reverse=True)
    ordered.sort(key=lambda line: places[line[0]])
    dates = [each.date for found in by_line.values() for each in found if each.date is not None]
    axis = _axis(period, dates)
    y, lanes = float(_TOP), []
    for before, line in zip([None, *ordered], ordered, strict=False):
        y += _NAMED if before is not None and before[0] != line[0] else 0
        lane = _lane(line, by_line[line], axis, colours.get(line, 0), y)
        lanes.append(lane)
        y = lane.y + (lane.y - y)
    return Lanes(tuple(lanes), axis, y + _AXIS)


def _axis(period: Period, dates: Sequence[datetime]) -> Axis:
    """Return the axis of a period; that of all history reaches from the first release to soon after the newest."""
    start, end = period.start, period.end
    if start is None:
        start = min(dates, default=end - timedelta(days=1)) - timedelta(days=1)
        newest = max(dates, default=end)
        end = min(end, newest + max((newest - start) / 20, timedelta(days=1)))
    return Axis(start.astimezone(period.zone), end.astimezone(period.zone))


def _lane(line: Line, releases: Sequence[Release], axis: Axis, colour: int, top: float) -> Lane:
    dated = sorted(((each.date, each) for each in releases if each.date), key=lambda pair: (pair[0], pair[1].order))
    placed: list[tuple[float, int, list[Release]]] = []
    last_at: dict[int, float] = {}
    full: dict[float, int] = {}
    for moment, release in dated:
        x = axis.x(moment)
        level = next((level for level in range(_MOST_STACKED) if x - last_at.get(level, -_APART) >= _APART), None)
        if level is None:
            placed[full[last_at[_MOST_STACKED - 1]]][2].append(release)
            continue
        last_at[level] = x
        if level == _MOST_STACKED - 1:
            full[x] = len(placed)
        placed.append((x, level, [release]))
    levels = max((level for _, level, _ in placed), default=0)
    # Half of the levels stand above the middle, half below.
    height = max(_LANE, _LANE + (levels - 1) * _STEP) if levels else _LANE
    middle = top + height / 2
    marks = tuple(Mark(x, middle + _offset(level), found[0], tuple(found[1:])) for x, level, found in placed)
    xs = [mark.x for mark in marks]
    return Lane(line, colour, middle, min(xs), max(xs), marks, tuple(release for _, release in dated))


def _offset(level: int) -> float:
    """Return how far from the middle a level stands: 0, above, below, further above."""
    return (level + 1) // 2 * _STEP * (-1 if level % 2 else 1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: a count, of a series or of all."""

    name: str
    colour: int
    count: int
    y: float
    height: float
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """The count of a piece of the calendar, and what it divides into, the oldest series at the bottom.

    One that ``is_whole`` has all that its name says, not only what lies in a period.
    """

    name: str
    period: Period
    is_whole: bool
    count: int
    x: float
    y: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars side by side; every so many have room for a label."""

    bars: tuple[Bar, ...]
    bar_width: float
    every: int
    width: int = WIDTH
    base: int = _BAR_HEIGHT + 20
    height: int = _BAR_HEIGHT + 42


Part = tuple[str, int, Line | None, int]
# The name of a piece of the calendar, what of it counts, whether that is all of it, and the count.
Total = tuple[str, Period, bool, int]


def bars_of(totals: Sequence[Total], parts: Mapping[str, Sequence[Part]]) -> Bars:
    """Return a bar for each total; ``parts`` are by its name: a name, a colour, the series if any, and the count."""
    room = (WIDTH - 2 * _MARGIN) / max(len(totals), 1)
    width = round(min(room * 0.8, 40.0), 1)
    most = max((count for *_, count in totals), default=1) or 1
    base, bars = _BAR_HEIGHT + 20, []
    for place, (name, period, is_whole, count) in enumerate(totals):
        x, y, segments = round(_MARGIN + place * room + (room - width) / 2, 1), float(base), []
        for label, colour, line, number in parts.get(name, [(name, 0, None, count)]):
            height = round(_BAR_HEIGHT * number / most, 1)
            y = round(y - height, 1)
            segments.append(Segment(label, colour, number, y, height, line))
        bars.append(Bar(name, period, is_whole, count, x, y, tuple(segments)))
    return Bars(tuple(bars), width, max(1, round(44 / room + 0.49)))


@dataclass(frozen=True, slots=True)
class Slip:
    """The planned days of a milestone on the axis, the first first, and the day that holds."""

    y: float
    plans: tuple[tuple[float, date], ...]
    at: tuple[float, date] | None


def axis_of(period: Period) -> Axis:
    """Return the axis of a period."""
    return Axis(period.start or period.end, period.end)


def slips_of(
    rows: Sequence[tuple[Sequence[date], date | None]], today: date, period: Period
) -> tuple[float, float, list[Slip]]:
    """Return where today stands, the height, and for each milestone (former plans, the day that holds) its days."""
    axis = axis_of(period)

    def at(day: date) -> tuple[float, date]:
        return axis.x(midnight(day, period.zone)), day

    slips = [
        Slip(_TOP + (place + 0.5) * _LANE, tuple(map(at, plans)), None if day is None else at(day))
        for place, (plans, day) in enumerate(rows)
    ]
    return at(today)[0], _TOP + len(rows) * _LANE + _AXIS, slips
