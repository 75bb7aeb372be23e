"""Days in words: ``yesterday``, ``15 March``, ``the first quarter of 2020``, ``last calendar month``, ``3 days ago``.

Each rule reads words from a place on and gives the days with the place after them, or
None. A date without a year is the latest that has begun, for who looks ahead the next
one to come: "in March", asked in February 2021, is March 2020.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta

from bot.domain.periods import days
from bot.domain.periods.days import Days, Unit
from bot.domain.periods.digits import days_in, is_day_and_month, short_part
from bot.domain.periods.numbers import LENGTHS, MONTHS, UNITS, WEEKDAYS, day_number_in, number_in, ordinal_in
from bot.domain.values import dataclass

# The days read, and the place of the first word after them.
Read = tuple[Days, int]
Words = Sequence[str]
_RELATIVE_WORDS = (
    "today yesterday tomorrow new year christmas this current present ongoing last previous preceding "
    "next coming calendar whole entire full complete iso quarter half week ago back earlier start beginning end "
    "day before eve kw cw"
)
RELATIVE_WORDS = frozenset(_RELATIVE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """From which day somebody looks, and whether ``ahead`` to what is planned or back to what was."""

    today: date
    ahead: bool = False

    def nearest(self, candidates: Iterable[Days]) -> Days | None:
        """Choose among the same dates of several years: the latest that has begun, or the next to come."""
        known = sorted(candidates)
        if self.ahead:
            return next((each for each in known if each.first >= self.today), None)
        return next((each for each in reversed(known) if each.first <= self.today), None)

    @property
    def years(self) -> Iterable[int]:
        """The years that a date without a year may be of: a leap day is at most eight years away."""
        return range(self.today.year - 8, self.today.year + 9)


def read_days(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read the longest phrase for days from a place on. Raises AmbiguousDate."""
    if at >= len(words):
        return None
    is_after_the = words[at] == "the"
    place = at + is_after_the
    if is_after_the and _is(words, place, "whole", "entire"):
        # "The whole of 2020", "the entire year 2016".
        place += 1 + _is(words, place + 1, "of")
    if is_after_the or (place + 1 < len(words) and words[place + 1].isdigit()):
        # "The year 2016", "the month of March", "in year 2016".
        place += _is(words, place, "year", "month") * (1 + _is(words, place + 1, "of"))
    rules = [*_RULES, _day_of_month] if is_after_the else [*_RULES, _nearby]
    found = [read for rule in rules if (read := _tried(rule, words, place, viewpoint)) is not None]
    return max(found, key=lambda read: read[1]) if found else None


def _tried(rule: "_Rule", words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Apply a rule; a day that does not exist (30 February) is not read."""
    with suppress(ValueError, OverflowError):
        return rule(words, at, viewpoint)
    return None


def _is(words: Words, at: int, *expected: str) -> bool:
    return at < len(words) and words[at] in expected


def _named(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    away = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if _is(words, at, *away):
        return days.some_days(viewpoint.today + timedelta(days=away[words[at]])), at + 1
    if list(words[at : at + 3]) == ["day", "before", "yesterday"]:
        return days.some_days(viewpoint.today - timedelta(days=2)), at + 3
    return _holiday(words, at, viewpoint)


def _holiday(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``Christmas``, ``Christmas Eve 2020``, ``New Year``, ``New Year's Eve``."""
    if _is(words, at, "new") and _is(words, at + 1, "year"):
        month, day, place = 1, 1, at + 2
    elif _is(words, at, "christmas"):
        month, day, place = 12, 25, at + 1
    else:
        return None
    if _is(words, place, "eve"):
        month, day = 12, day - 1 or 31
    place += _is(words, place, "eve", "day")
    return _of_year(lambda year: days.some_days(date(year, month, day)), words, place, viewpoint)


def _numbered(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:  # noqa: ARG001 - says its year itself
    read = days_in(words[at]) if at < len(words) else None
    return (read, at + 1) if read else None


def _dotted(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``24.03`` and ``24.03.``, a day and a month with its zero; "7.2" is rather a version."""
    if at >= len(words) or not is_day_and_month(words[at]):
        return None
    day, month = map(int, words[at].split("."))
    return _of_year(lambda year: days.some_days(date(year, month, day)), words, at + 1, viewpoint)


def _nearby(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``last month``, a calendar month; "the last month" is a trailing one, and not read here."""
    if not _is(words, at, "last", "past") or not _is(words, at + 1, *UNITS) or words[at + 1].endswith("s"):
        return None
    return (days.before(UNITS[words[at + 1]], viewpoint.today), at + 2) if words[at] == "last" else None


def _relative(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``this month``, ``the previous quarter``, ``last calendar year``, ``next week``."""
    if not _is(words, at, "this", "current", "present", "ongoing", "last", "previous", "preceding", "next", "coming"):
        return None
    is_whole = _is(words, at + 1, "calendar", "whole", "full", "complete", "iso")
    place = at + 1 + is_whole
    if not _is(words, place, *UNITS) or (words[at] == "last" and not is_whole):
        return None
    unit = UNITS[words[place]]
    if words[at] in {"last", "previous", "preceding"}:
        return days.before(unit, viewpoint.today), place + 1
    if words[at] in {"next", "coming"}:
        return days.following(unit, viewpoint.today), place + 1
    return days.around(unit, viewpoint.today), place + 1


def _year_at(words: Words, at: int, viewpoint: Viewpoint) -> tuple[int, int] | None:
    """Read a year that goes with a month or quarter: ``2020``, ``of 2020``, ``of last year``."""
    place = at + _is(words, at, "of", "in")
    place += _is(words, place, "the")
    if place < len(words) and re.fullmatch(r"(?:19|20)[0-9]{2}", words[place]):
        return int(words[place]), place + 1
    years = {"this": 0, "current": 0, "last": -1, "previous": -1, "next": 1}
    if _is(words, place, *years) and _is(words, place + 1, "year"):
        return viewpoint.today.year + years[words[place]], place + 2
    return None


def _of_year(make: Callable[[int], Days], words: Words, after: int, viewpoint: Viewpoint) -> Read | None:
    """Complete a part of a year by its year, the given one or the nearest."""
    if given := _year_at(words, after, viewpoint):
        return make(given[0]), given[1]
    candidates = []
    for year in viewpoint.years:
        with suppress(ValueError):
            candidates.append(make(year))
    nearest = viewpoint.nearest(candidates)
    return (nearest, after) if nearest else None


def _month(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    place = at + _is(words, at, "last")
    if not _is(words, place, *MONTHS):
        return None
    month = MONTHS[words[place]]
    return _of_year(lambda year: days.months(year, month), words, place + 1, viewpoint)


def _day_and_month(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``15 March``, ``the 15th of March 2020``, ``March 15th``."""
    if at >= len(words):
        return None
    number = day_number_in(words[at])
    if number is not None:
        place = at + 1 + _is(words, at + 1, "of")
        month = MONTHS.get(words[place]) if place < len(words) else None
        place += 1
    else:
        month = MONTHS.get(words[at])
        place = at + 1 + _is(words, at + 1, "the")
        number = day_number_in(words[place]) if place < len(words) else None
        place += 1
    if month is None or number is None:
        return None
    return _of_year(lambda year: days.some_days(date(year, month, number)), words, place, viewpoint)


def _day_of_month(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``the 15th``, a day of the month."""
    number = ordinal_in(words[at]) if at < len(words) else None
    if number is None or not words[at][0].isdigit():
        return None
    candidates = []
    for away in range(-3, 4):
        first = days.back(viewpoint.today.replace(day=1), -away, Unit.MONTH)
        with suppress(ValueError):
            candidates.append(days.some_days(first.replace(day=number)))
    nearest = viewpoint.nearest(candidates)
    return (nearest, at + 1) if nearest else None


_PARTS = {"quarter": (days.quarter, 4), "half": (days.half, 2)}


def _part_of_year(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``q1``, ``H2 2020``, ``2020 q1``, ``first quarter of last year``."""
    if at >= len(words):
        return None
    year = re.fullmatch(r"(?:19|20)[0-9]{2}", words[at])
    if year and at + 1 < len(words) and (part := short_part(words[at + 1])):
        return part(int(words[at])), at + 2
    if part := short_part(words[at]):
        return _of_year(part, words, at + 1, viewpoint)
    number = 0 if not _is(words, at + 1, *_PARTS) else ordinal_in(words[at]) or 0
    if not number:
        return None
    make, most = _PARTS[words[at + 1]]
    return _of_year(lambda y: make(y, number), words, at + 2, viewpoint) if number <= most else None


def _week_number(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    at += _is(words, at, "calendar", "iso") and _is(words, at + 1, "week")
    number = number_in(words[at + 1]) if _is(words, at, "week", "kw", "cw") and at + 1 < len(words) else None
    place = at + 2
    if number is None and at < len(words) and (found := re.fullmatch(r"(?:w|kw|cw)([0-9]{1,2})", words[at])):
        number, place = int(found[1]), at + 1
    if number is None:
        return None
    week = number
    return _of_year(lambda year: days.week(year, week), words, place, viewpoint)


def _week_of_day(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``week of 8 February``, the calendar week of that day."""
    if not (_is(words, at, "week") and _is(words, at + 1, "of")):
        return None
    read = read_days(words, at + 2, viewpoint)
    is_day = read is not None and read[0] == days.some_days(read[0].first)
    return (days.around(Unit.WEEK, read[0].first), read[1]) if read is not None and is_day else None


def _weekday(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``Monday``: the latest before today, or the next after it; ``Monday 15 February`` if that was one."""
    place = at + _is(words, at, "last", "past", "next", "coming", "this")
    if not _is(words, place, *WEEKDAYS):
        return None
    dated = read_days(words, place + 1, viewpoint) if place == at else None
    if dated is not None and dated[0] == days.some_days(dated[0].first):
        return dated if dated[0].first.weekday() == WEEKDAYS[words[place]] else None
    is_ahead = viewpoint.ahead if place == at or words[at] == "this" else words[at] in {"next", "coming"}
    away = (WEEKDAYS[words[place]] - viewpoint.today.weekday()) % 7
    away = (away or 7) if is_ahead else (away - 7)
    return days.some_days(viewpoint.today + timedelta(days=away)), place + 1


def _away(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``3 days ago``, ``a month ago``, and for who looks ahead ``in two weeks``."""
    place = at + (viewpoint.ahead and _is(words, at, "in"))
    number = 1 if _is(words, place, "a", "an") else number_in(words[place]) if place < len(words) else None
    if number is None or not _is(words, place + 1, *LENGTHS):
        return None
    times, unit = LENGTHS[words[place + 1]]
    number *= times
    if _is(words, place + 2, "ago", "back", "earlier"):
        return days.some_days(days.back(viewpoint.today, number, unit)), place + 3
    is_ahead = place > at or _is(words, place + 2, "from")
    if not is_ahead:
        return None
    end = place + 2
    end += 2 * (_is(words, end, "from") and _is(words, end + 1, "now", "today"))
    return days.some_days(days.back(viewpoint.today, -number, unit)), end


def _edge(words: Words, at: int, viewpoint: Viewpoint) -> Read | None:
    """Read ``the beginning of the year``, ``the end of January``: a boundary, of no length."""
    if not (_is(words, at, "start", "beginning", "begin", "end") and _is(words, at + 1, "of")):
        return None
    whole = read_days(words, at + 2, viewpoint)
    if whole is None and _is(words, at + 2, "the") and _is(words, at + 3, *UNITS):
        whole = days.around(UNITS[words[at + 3]], viewpoint.today), at + 4
    if whole is None:
        return None
    boundary = whole[0].after if words[at] == "end" else whole[0].first
    return Days(boundary, boundary), whole[1]


_Rule = Callable[[Words, int, Viewpoint], Read | None]
_RULES: tuple[_Rule, ...] = (
    _named,
    _numbered,
    _dotted,
    _relative,
    _month,
    _day_and_month,
    _part_of_year,
    _week_number,
    _week_of_day,
    _weekday,
    _away,
    _edge,
)
