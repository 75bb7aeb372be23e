"""Intervals in words: ``in the last month``, ``since v7r1p25``, ``between 1 and 15 March``, ``7d``.

A span is what was meant, before any release's date is looked up; ``Span.period``
makes it a period. Both ends of "between" and "from ... to" belong to it.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from bot.domain.errors import UsageError
from bot.domain.periods.days import Days
from bot.domain.periods.days_in_a_row import days_in_a_row
from bot.domain.periods.digits import check_short_year, is_day_and_month
from bot.domain.periods.last_period import trailing_start
from bot.domain.periods.moments import moment_in
from bot.domain.periods.numbers import day_number_in
from bot.domain.periods.period import AsOf, Period, midnight
from bot.domain.periods.phrases import Viewpoint, Words, read_days
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class ReleaseEdge:
    """The moment of a release, as people name it: just before it, or just after."""

    release: str
    side: Literal["before", "after"]


Edge = datetime | ReleaseEdge


@dataclass(frozen=True, slots=True)
class Span:
    """An interval as meant: without a start from the beginning of history, without an end up to the moment asked.

    ``text`` is how it was asked for. ``parts`` are the two intervals that "2019 and 2020" joins, none elsewhere.
    """

    start: Edge | None = None
    end: Edge | None = None
    text: str = ""
    parts: tuple["Span", ...] = field(default=(), compare=False)

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases that bound it, as people name them."""
        return tuple(edge.release for edge in (self.start, self.end) if isinstance(edge, ReleaseEdge))

    def period(self, as_of: AsOf, date_of_release: Callable[[str], datetime]) -> Period:
        """Return the period. Raises UsageError where it would end before it begins.

        ``date_of_release`` finds the date of a release, or raises UsageError.
        """
        start, given_end = (_moment(edge, as_of, date_of_release) for edge in (self.start, self.end))
        end = given_end or as_of.end
        if start is not None and start.astimezone(UTC) > end.astimezone(UTC):
            what = f"would end ({end.isoformat()}) before it begins ({start.isoformat()})"
            raise UsageError("period", what, "swap its ends, or look from a later moment")
        return Period(start, end, as_of.zone, asked=self.text)


def _moment(edge: Edge | None, as_of: AsOf, date_of_release: Callable[[str], datetime]) -> datetime | None:
    if not isinstance(edge, ReleaseEdge):
        return edge
    # Dates of tags are whole seconds, so that one second later is just after.
    return (date_of_release(edge.release) + timedelta(seconds=edge.side == "after")).astimezone(as_of.zone)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads spans; ``is_release`` tells the words that name one."""

    as_of: AsOf
    is_release: Callable[[str], bool]

    def read(self, words: Words, at: int) -> tuple[Span, int] | None:
        """Read the longest span from a place on, with the place after it."""
        rules = (self._whole, self._trailing, self._since, self._until, self._between, self._range, self._during)
        found = []
        for rule in rules:
            with suppress(ValueError, OverflowError):
                found.append(rule(words, at))
        known = [(span, end) for read in found if read is not None for span, end in [read]]
        if not known:
            return None
        span, end = max(known, key=lambda read: read[1])
        span, end = self._with_end(words, at, end, span)
        return replace(span, text=" ".join(words[at:end])), end

    def _with_end(self, words: Words, at: int, end: int, span: Span) -> tuple[Span, int]:
        """Read an end straight after "since ...": ``since January until 15 February``, ``after v7r0 before v7r1``."""
        ended = None
        until_at = _skipped(words, end, {"and", "but"})
        if words[at] in {"since", "after"} and words[until_at : until_at + 1] in _ENDS:
            with suppress(ValueError, OverflowError):
                ended = self._until(words, until_at)
        if ended is None or ended[0].end == span.start or _is_reversed(span.start, ended[0].end):
            return span, end
        return Span(span.start, ended[0].end), ended[1]

    def _whole(self, words: Words, at: int) -> tuple[Span, int] | None:
        for phrase in _ALL_TIME:
            after = at + len(phrase)
            if list(words[at:after]) == phrase and not (phrase == ["in", "all"] and words[after : after + 1]):
                return Span(), at + len(phrase)
        return None

    def _trailing(self, words: Words, at: int) -> tuple[Span, int] | None:
        """Read ``in the last month``, ``past 3 weeks``, ``7d``, ``the last 24 hours``."""
        read = trailing_start(words, _skipped(words, at, _DURING), self.as_of)
        return None if read is None else (Span(start=read[0]), read[1])

    def _since(self, words: Words, at: int) -> tuple[Span, int] | None:
        if at >= len(words) or words[at] not in {"since", "after", "from", "starting"}:
            return None
        place = _skipped(words, at + 1, {"from", "release", "version", "on"})
        read = self.edge(words, place, late=words[at] == "after")
        if read is None:
            return None
        end = read[1] + (words[read[1] : read[1] + 1] in (["on"], ["onwards"], ["onward"]))
        start = read[0]
        return Span(start=ReleaseEdge(start.release, "after") if isinstance(start, ReleaseEdge) else start), end

    def _until(self, words: Words, at: int) -> tuple[Span, int] | None:
        place = at + (words[at : at + 1] == ["up"])
        is_as_of = list(words[at : at + 2]) in (["as", "of"], ["as", "at"])
        if not is_as_of and (place >= len(words) or words[place] not in _UNTIL | {"before"}):
            return None
        is_before = words[place] == "before"
        including = 2 * (list(words[place + 1 : place + 3]) == ["and", "including"])
        at_edge = _skipped(words, place + 1 + is_as_of + including, {"release", "version", "and", "including"})
        read = self.edge(words, at_edge, late=not is_before)
        # What happened "to v6r22", or is told "by v7r1", does not end with it.
        is_of_it = read is not None and isinstance(read[0], ReleaseEdge) and words[at] in {"to", "by", "-"}
        return None if read is None or is_of_it else (Span(end=read[0]), read[1])

    def _between(self, words: Words, at: int) -> tuple[Span, int] | None:
        """Read ``between A and B`` and ``from A to B``, both included."""
        joins = {"between": {"and"} | _UNTIL, "from": _UNTIL}.get(words[at]) if at < len(words) else None
        first = _skipped(words, at + 1, {"release", "version"})
        return None if joins is None else self._joined_anywhere(words, first, joins)

    def _range(self, words: Words, at: int) -> tuple[Span, int] | None:
        """Read ``1-15 March``, ``2012-2014``, ``v7r1p28..v7r1p29``, ``January to March 2020``: both ends included."""
        first = _skipped(words, at, _DURING)
        # "v7r1 until October" is a series and an end: only a dash or "to" makes a range that begins with a release.
        begins_with_release = first < len(words) and self.is_release(words[first])
        read = self._joined_anywhere(words, first, _DASHED if begins_with_release else _RANGED)
        return None if begins_with_release and read is not None and not isinstance(read[0].end, ReleaseEdge) else read

    def _joined_anywhere(self, words: Words, first: int, joins: set[str]) -> tuple[Span, int] | None:
        for join in range(first + 1, min(first + 8, len(words))):
            if words[join] in joins:
                read = self._joined(words, first, join)
                if read is not None:
                    return read
        return None

    def _joined(self, words: Words, first: int, join: int) -> tuple[Span, int] | None:
        is_now = words[join + 1 : join + 2] == ["now"]
        end = (self.as_of.end, join + 2) if is_now else self.edge(words, join + 1, late=True)
        end = end or self._bare_last_day(words, first, join)
        if end is None:
            return None
        viewpoint = self._viewpoint_before(end[0])
        start = self.edge(words[:join], first, late=False, viewpoint=viewpoint)
        if start is None:
            start = self._bare_day(words, first, join, end[1], viewpoint)
        if start is None or start[1] != join:
            return None
        begin = ReleaseEdge(start[0].release, "after") if isinstance(start[0], ReleaseEdge) else start[0]
        if _is_reversed(begin, end[0]):
            return None
        if isinstance(begin, datetime) and isinstance(end[0], datetime):
            # "From March to January 2021" is rather a slip: only the end says its year, and half a year lies between.
            is_half_said = _has_year(words[join : end[1]]) and not _has_year(words[first:join])
            if is_half_said and begin.year < end[0].year and end[0] - begin > _MOST_GUESSED:
                return None
        return Span(begin, end[0]), end[1]

    def _viewpoint_before(self, end: Edge) -> Viewpoint:
        """Look back from the end of an interval: "from November to January" begins before it ends."""
        if isinstance(end, ReleaseEdge):
            return Viewpoint(self.as_of.day)
        return Viewpoint((end - timedelta(seconds=1)).astimezone(self.as_of.zone).date())

    def _bare_day(self, words: Words, first: int, join: int, end: int, viewpoint: Viewpoint) -> tuple[Edge, int] | None:
        """Read the 1 of ``between 1 and 15 March``, which is of the month of the other end."""
        if first + 1 != join or day_number_in(words[first]) is None:
            return None
        tail = [word for word in words[join + 1 : end] if day_number_in(word) is None]
        read = read_days([words[first], *tail], 0, viewpoint)
        return (midnight(read[0].first, self.as_of.zone), join) if read and read[1] == len(tail) + 1 else None

    def _bare_last_day(self, words: Words, first: int, join: int) -> tuple[Edge, int] | None:
        """Read the 15 of ``Feb 1-15``, which is of the month of the other end."""
        has_both = first + _MONTH_AND_DAY == join and join + 1 < len(words)
        is_so = has_both and day_number_in(words[join - 1]) and day_number_in(words[join + 1])
        if not is_so:
            return None
        read = read_days([words[first], *words[join + 1 :]], 0, Viewpoint(self.as_of.day))
        return (midnight(read[0].after, self.as_of.zone), join + read[1]) if read and read[1] > 1 else None

    def _during(self, words: Words, at: int) -> tuple[Span, int] | None:
        """Read calendar days with or without a preposition: ``in January``, ``on Monday``, ``2021-W07``."""
        viewpoint = Viewpoint(self.as_of.day)
        place = _skipped(words, at, _DURING)
        # "Of 24.03" is a series: only "on" it is a day for sure.
        if place < len(words) and is_day_and_month(words[place]) and words[at] != "on":
            return None
        if place > at and words[at] in _WITHIN and words[place + 2 : place + 3] not in _RANGES:
            check_short_year(words[place : place + 2], viewpoint.today)
        read = read_days(words, place, viewpoint)
        if read is None:
            return None
        span, end = read
        parts, after = days_in_a_row(words, place, viewpoint)
        if len(parts) > 1:
            both = Days(parts[0].days.first, parts[-1].days.after)
            return replace(self._of_days(both), parts=tuple(self._of_days(*part) for part in parts)), after
        if span.first == span.after:
            return None
        return self._of_days(span), end

    def _of_days(self, span: Days, words: Words = ()) -> Span:
        first, after = (midnight(day, self.as_of.zone) for day in (span.first, span.after))
        return Span(first, after, " ".join(words))

    def edge(self, words: Words, at: int, *, late: bool, viewpoint: Viewpoint | None = None) -> tuple[Edge, int] | None:
        """Read one end: a release, a moment, or days, of which it is the end if ``late``, else the beginning."""
        if at >= len(words):
            return None
        if self.is_release(words[at]):
            return ReleaseEdge(words[at], "after" if late else "before"), at + 1
        if moment := self._moment(words, at):
            return moment
        read = read_days(words, at, viewpoint or Viewpoint(self.as_of.day))
        if read is None:
            return None
        if time := _time_after(words, read[1]):
            first = datetime.combine(read[0].first, time[0], self.as_of.zone)
            return first.astimezone(UTC).astimezone(self.as_of.zone), time[1]
        return midnight(read[0].after if late else read[0].first, self.as_of.zone), read[1]

    def _moment(self, words: Words, at: int) -> tuple[datetime, int] | None:
        """Read a date and time, joined by T or by a space."""
        for end in (at + 1, at + 2):
            is_utc = words[end : end + 1] in _UTC
            text = " ".join(words[at:end]) + "z" * is_utc
            if end <= len(words) and (moment := moment_in(text, self.as_of.zone)):
                return moment, end + is_utc
        return None


_SPAN_WORDS = (
    "since after from starting until till til to through before up between and on onwards during over "
    "within throughout for the these last past previous latest couple of release version including all time total "
    "history ever overall altogether together very now hour hours utc gmt"
)
SPAN_WORDS = frozenset(_SPAN_WORDS.split())
_UNTIL = {"until", "till", "til", "to", "through", "thru", "-", "by"}
_MONTH_AND_DAY = 2
_UTC = [["utc"], ["gmt"]]
_ENDS = [["until"], ["till"], ["til"], ["up"], ["before"]]
_RANGES = [["-"], ["to"], ["until"], ["till"]]
_WITHIN = {"in", "during", "within"}
_DASHED = {"-", "to"}
_RANGED = _DASHED | {"till", "until", "through", "thru"}
_MOST_GUESSED = timedelta(days=184)
_DURING = {"in", "on", "during", "over", "within", "for", "of", "throughout"}
_ALL_TIME = [
    phrase.split()
    for phrase in (
        "since the very beginning",
        "since the beginning",
        "from the beginning",
        "of all time",
        "for all time",
        "all time",
        "in total",
        "in all",
        "in history",
        "all together",
        "altogether",
        "ever",
        "overall",
    )
]


def _skipped(words: Sequence[str], at: int, words_to_skip: set[str]) -> int:
    return at + (at < len(words) and words[at] in words_to_skip)


def _is_reversed(start: Edge | None, end: Edge | None) -> bool:
    return isinstance(start, datetime) and isinstance(end, datetime) and start.astimezone(UTC) >= end


def _has_year(words: Words) -> bool:
    return any(re.search(r"(?:19|20)[0-9]{2}", word) for word in words)


def _time_after(words: Words, at: int) -> tuple[time, int] | None:
    """Read ``18:00`` or ``at 18:00`` after a day."""
    place = _skipped(words, at, {"at"})
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", words[place]) if place < len(words) else None
    return (time(int(found[1]), int(found[2])), place + 1) if found else None
