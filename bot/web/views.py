"""What several pages show: charts of releases, tables of them, and answers in words."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import escape
from typing import cast

from bot.domain.counts import Group, GroupBy, is_calendar
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.periods.options import read_period
from bot.domain.periods.period import Period
from bot.domain.periods.spans import Span
from bot.domain.releases import Release
from bot.domain.series_status import Line, line_of
from bot.queries.base import Answer, Result
from bot.queries.how import NumberMade
from bot.queries.overview import Trend
from bot.queries.release_list import ReleaseList
from bot.queries.releases import Count, Releases
from bot.queries.selection import EVERY_ONE, Filters
from bot.queries.unread import UnreadTags
from bot.render.basis import unclassified_words
from bot.render.digest_html import HTML
from bot.render.html import marked_up
from bot.render.markup import Markup
from bot.render.words import printable
from bot.web import addresses
from bot.web.charts import COLOURS, Bar, Bars, Lane, Lanes, Part, Total, bars_of, lanes_of
from bot.web.visits import Visit, bounds_of

# More marks are a blur, and too many bytes.
MOST_MARKS = 300
_MOST_LANES = 40
# A link that names more repositories is too long.
_MOST_NAMED = 40
_MOST_BARS = 60
# More lines of words are no longer read.
_MOST_LINES = 100
_UNITS = (
    (GroupBy.DAY, timedelta(days=45)),
    (GroupBy.WEEK, timedelta(days=200)),
    (GroupBy.MONTH, timedelta(days=31 * _MOST_BARS)),
    (GroupBy.QUARTER, timedelta(days=92 * _MOST_BARS)),
)


@dataclass(frozen=True)
class LanesView:
    """Releases in lanes: those that are drawn, of so many."""

    found: ReleaseList
    lanes: Lanes
    drawn: Sequence[Release]

    @property
    def left_out(self) -> int:
        """How many more there are than are drawn."""
        return self.found.total - len(self.drawn)

    def how(self, visit: Visit, lane: Lane) -> str:
        """Return the address of the list of a lane's releases; empty where not all of them are drawn."""
        key, series = lane.line
        of_lane = replace(self.found.filters, repositories=(key,), series=(series,))
        return "" if self.left_out else visit.how(of_lane, self.found.period)


@dataclass(frozen=True)
class BarsView:
    """Counts by a unit of the calendar, in parts by series; ``href`` gives the address of a number's list.

    ``found`` and ``parts`` are the results behind it, None for a trend.
    """

    total: int
    parts: ReleaseList | None
    bars: Bars
    unit: str
    lines: Sequence[tuple[Line, int]]
    href: Callable[[Bar, Line | None], str]
    found: ReleaseList | None

    def count(self, bar: Bar, line: Line) -> int:
        """Return how many releases of a series are in a bar."""
        return next((each.count for each in bar.segments if each.line == line), 0)


def colours_of(visit: Visit, keys: Iterable[str]) -> dict[Line, int]:
    """Return the colour of each series: by its place in the repository, so that it is the same on all pages."""
    colours, places = {}, dict[str, int]()
    for key, name in visit.context.store.releases.series_by_version(keys):
        places[key] = places.get(key, -1) + 1
        colours[key, name] = places[key] % COLOURS
    return colours


def drawn(visit: Visit, filters: Filters) -> LanesView:
    """Return the newest releases of filters in lanes, all kinds where none is asked for. Raises UsageError."""
    every = filters if filters.kinds else replace(filters, kinds=(KindWord.ALL,))
    found = cast("ReleaseList", visit.run(Releases(every, most=MOST_MARKS)))
    keys = [each.key for each in found.basis.repositories]
    lines = list(dict.fromkeys(map(line_of, found.releases)))[:_MOST_LANES]
    releases = [each for each in found.releases if line_of(each) in lines]
    period = found.period.until(visit.as_of.end)
    if len(found.releases) < found.total:
        # What was not read is older than all that was.
        period = Period(min(each.date for each in found.releases if each.date), period.end, period.zone)
    colours = colours_of(visit, {each.repository for each in releases})
    return LanesView(found, lanes_of(releases, period, colours, keys), releases)


def counted_bars(visit: Visit, filters: Filters, unit: GroupBy | None = None) -> BarsView:
    """Return the counts of filters by a unit of the calendar and by series. Raises UsageError."""
    total = cast("ReleaseList", visit.run(Count(filters, (unit or _unit_of(visit, filters),), most=0)))
    by = total.units[0]
    units = (by, GroupBy.REPOSITORY, GroupBy.SERIES)
    parts = cast("ReleaseList", visit.run(Count(filters, units, most=0)))
    colours = colours_of(visit, {group.keys[1][1] for group in parts.groups})
    by_name: dict[str, list[Part]] = {}
    for group in parts.groups:
        (_, name), (_, key), (_, series) = group.keys
        by_name.setdefault(name, []).append((series, colours.get((key, series), 0), (key, series), group.count))
    present = {part[2] for found in by_name.values() for part in found}
    bars = bars_of(_pieces(visit, _without_end(total), total.period), by_name)
    lines = [each for each in colours.items() if each[0] in present]
    return BarsView(total.total, parts, bars, by.value, lines, _leading(visit, filters), total)


def trend_bars(visit: Visit, found: Trend) -> BarsView:
    """Return a trend as bars."""
    bars = bars_of(_pieces(visit, found.groups, found.period), {})
    return BarsView(found.total, None, bars, found.unit.value, [], _leading(visit, found.filters), None)


def _without_end(found: ReleaseList) -> Sequence[Group]:
    """Return the counts by a unit; of all history those up to the newest release, as its lanes are drawn."""
    filled = [place for place, group in enumerate(found.groups, 1) if group.count]
    return found.groups if found.period.start else found.groups[: max(filled, default=0)]


def _pieces(visit: Visit, groups: Sequence[Group], period: Period) -> list[Total]:
    named = [(group.keys[0][1], group.count) for group in groups[-_MOST_BARS:]]
    return [(name, *_piece_of(visit, name, period), count) for name, count in named]


def _leading(visit: Visit, filters: Filters) -> Callable[[Bar, Line | None], str]:
    """Return what gives the address of the list of a part of a bar."""

    def href(bar: Bar, line: Line | None) -> str:
        narrowed = filters if line is None else replace(filters, repositories=(line[0],), series=(line[1],))
        return visit.how(narrowed, bar.period, named=bar.name if bar.is_whole else "")

    return href


def _unit_of(visit: Visit, filters: Filters) -> GroupBy:
    asked = next((unit for unit in visit.asked.units if is_calendar(unit)), None)
    if asked is not None:
        return asked
    start, end = _bounds(visit, filters)
    return GroupBy.YEAR if start is None else _unit_between(start, end)


def unit_over(visit: Visit, found: ReleaseList) -> GroupBy:
    """Return the unit that divides the time of releases into a fair number of bars, unless one is asked for."""
    asked = next((unit for unit in visit.asked.units if is_calendar(unit)), None)
    dates = [each.date for each in found.releases if each.date is not None]
    return asked or _unit_between(found.period.start or min(dates, default=visit.as_of.end), visit.as_of.end)


def _unit_between(start: datetime, end: datetime) -> GroupBy:
    return next((unit for unit, most in _UNITS if end - start <= most), GroupBy.YEAR)


def _bounds(visit: Visit, filters: Filters) -> tuple[datetime | None, datetime]:
    span = filters.span or Span()
    if not span.releases:
        period = span.period(visit.as_of, lambda _: visit.as_of.end)
    else:
        # The dates of releases have to be looked up.
        period = cast("ReleaseList", visit.run(Count(filters, most=0))).period
    return period.start, period.end


def _piece_of(visit: Visit, name: str, whole: Period) -> tuple[Period, bool]:
    """Return the piece of the calendar that a group is named for, as far as it lies in a period, and if that is all."""
    piece = read_period(name, visit.as_of)
    starts = [each for each in (piece.start, whole.start) if each is not None]
    inside = Period(max(starts), min(piece.end, whole.end), whole.zone)
    return inside, (inside.start, inside.end) == (piece.start, piece.end)


class _PageMarkup(Markup):
    """HTML in which releases are linked to their own pages, and numbers of releases to their lists.

    What is strong leads to ``number``, if that is an address, and its parts to those of ``counted``, if there is one.
    """

    __slots__ = ("_counted", "_visit")

    def __init__(self, visit: Visit, number: str, counted: ReleaseList | None) -> None:
        def linked(text: str) -> str:
            return f'<a class="number" href="{escape(number)}">{text}</a>'

        super().__init__(_plain, _link, linked if number else HTML.strong)
        object.__setattr__(self, "_visit", visit)
        object.__setattr__(self, "_counted", counted)

    def release(self, release: Release) -> str:
        """Return a release, linked to its page."""
        visit: Visit = self._visit  # type: ignore[attr-defined]
        address = visit.at(addresses.release(release.repository, release.version))
        return f'<a href="{escape(address)}">{_plain(release.version)}</a>'

    def part(self, number: str, repositories: Collection[str], series: Sequence[str] = (), kind: str = "") -> str:
        """Return a number, linked to the list of the releases that it counts, unless that would name too many."""
        visit: Visit = self._visit  # type: ignore[attr-defined]
        found: ReleaseList | None = self._counted  # type: ignore[attr-defined]
        if found is None or len(repositories) > _MOST_NAMED:
            return number
        named = replace(found.filters, repositories=tuple(repositories), series=tuple(series) or found.filters.series)
        named = replace(named, kinds=(KindWord(kind),)) if kind else named
        return f'<a href="{escape(visit.how(named, found.period))}">{number}</a>'


def _plain(text: str) -> str:
    """Return outside text escaped; a page mentions nobody, so that an @ stays as it is."""
    return escape(printable(text))


def _link(address: str | None, text: str) -> str:
    is_web = address is not None and address.startswith(("https://", "http://"))
    return (
        f'<a href="{escape(printable(address or ""))}" rel="noreferrer">{_plain(text)}</a>' if is_web else _plain(text)
    )


@dataclass(frozen=True)
class Words:
    """An answer in HTML."""

    sentence: str
    sections: Sequence[tuple[str, Sequence[str]]]
    notes: Sequence[str]
    follow_ups: Sequence[tuple[str, str]]


def words_of(visit: Visit, result: Result, answering: Callable[[Markup], Answer] | None = None) -> Words:
    """Return a result in words, as HTML; the number of a list is a link to how it is made, there to the list."""
    made, counted = "", None
    if isinstance(result, ReleaseList):
        made, counted = visit.how(result.filters, result.period), result
    elif isinstance(result, NumberMade):
        made, counted = "#list", result.found
    answer = (answering or result.answer)(_PageMarkup(visit, made, counted))
    return Words(
        marked_up(answer.sentence),
        [(marked_up(each.heading), list(map(marked_up, _folded(each.lines)))) for each in answer.sections],
        [marked_up(_with_list(note, visit, counted)) for note in answer.notes],
        [(each.label, visit.at(addresses.SEARCH, q=each.question)) for each in answer.follow_ups],
    )


def _with_list(note: str, visit: Visit, counted: ReleaseList | None) -> str:
    """Return a note, in which the number of unclassified tags is a link to their list."""
    number = "" if counted is None else unclassified_words(counted.basis.unclassified)
    if counted is None or not note.startswith(f"{number} "):
        return note
    repositories, span = tuple(each.key for each in counted.basis.repositories), counted.filters.span
    if len(repositories) == 1:
        href = visit.at(addresses.unclassified(repositories[0]), **bounds_of(counted.period))
    else:
        href = visit.at(addresses.SEARCH, q=UnreadTags(counted.filters.repositories or (EVERY_ONE,), span).wording())
    return f'<a href="{escape(href)}">{number}</a>{note.removeprefix(number)}'


def _folded(lines: Sequence[str]) -> Sequence[str]:
    """Return lines, the last ones of very many as a number."""
    return lines if len(lines) <= _MOST_LINES else [*lines[:_MOST_LINES], f"and {len(lines) - _MOST_LINES:,} more"]


def paged(visit: Visit, length: int, each: int = 100) -> tuple[slice, list[tuple[str, str]]]:
    """Return which of so many rows a page shows, and links to those before and after. Raises UsageError."""
    text = visit.asked.page or "1"
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= max(1, -(-length // each))):
        raise UsageError("page", f'there is no page "{text}"', "")
    number = int(text)
    links = [("Newer", visit.here(page=str(number - 1)))] if number > 1 else []
    links += [("Older", visit.here(page=str(number + 1)))] if number * each < length else []
    return slice((number - 1) * each, number * each), links


def minute(visit: Visit, moment: datetime | None) -> str:
    """Return a moment as people read it, in the configured zone."""
    if moment is None:
        return ""
    local = moment.astimezone(visit.as_of.zone)
    return f"{local.day} {local:%b %Y %H:%M}"


def day_words(day: date | None) -> str:
    """Return a day as people read it, with its year."""
    return "" if day is None else f"{day.day} {day:%b %Y}"
