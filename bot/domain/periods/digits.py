"""Dates in digits alone: ``2021-02-22``, ``22/02/2021``, ``02/22/2021``, ``03.02.2021``, ``20210203``.

With dots the day comes first, as everybody writes it who uses dots. With slashes or dashes
it comes first in one country and second in another: what can be either is refused.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date

from bot.domain.errors import UsageError
from bot.domain.periods import days
from bot.domain.periods.days import Days
from bot.domain.periods.numbers import MONTHS

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")

_DECADE = 10
_CENTURY = 2000
# A year of two digits is of no longer ago.
_MOST_YEARS = 10


class AmbiguousDate(UsageError):
    """A date in digits that means one day in one country and another day in another."""


def date_in(word: str) -> date | None:
    """Return the day that a word of digits names, None for a word of another form.

    Raises AmbiguousDate for a date with two readings, ValueError for a day that does not exist.
    """
    if found := _YEAR_FIRST.fullmatch(word):
        year, month, day = found.group(1, 3, 4) if found[1] else found.group(5, 6, 7)
        return date(int(year), int(month), int(day))
    found = _YEAR_LAST.fullmatch(word)
    return None if found is None else _year_last(word, int(found[1]), int(found[3]), int(found[4]), found[2])


def _year_last(word: str, one: int, other: int, year: int, mark: str) -> date:
    pairs = [(one, other)] if mark == "." else [(one, other), (other, one)]
    readings = []
    for day, month in pairs:
        with suppress(ValueError):
            readings.append(date(year, month, day))
    if not readings:
        raise ValueError(word)
    if len(set(readings)) > 1:
        said = " or ".join(f"{each.day} {each:%B} {each.year}" for each in readings)
        written = " or ".join(each.isoformat() for each in readings)
        raise AmbiguousDate(f'date "{word}"', f"can be {said}", f"write {written}")
    return readings[0]


def days_in(word: str) -> Days | None:
    """Return the days that one word names: a date, ``2020-03``, ``03/2020``, ``2021-w07``, ``q3/2020``, ``2010s``."""
    if (day := date_in(word)) is not None:
        return days.some_days(day)
    if found := re.fullmatch(r"([0-9]{4})-w([0-9]{1,2})", word):
        return days.week(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})|([0-9]{1,2})/([0-9]{4})", word):
        return days.months(int(found[1] or found[4]), int(found[2] or found[3]))
    if found := re.fullmatch(r"([0-9]{4})[-/]?(q[1-4]|h[12])|(q[1-4]|h[12])[-/]?([0-9]{4})", word):
        part = short_part(found[2] or found[3])
        return part and part(int(found[1] or found[4]))
    found = re.fullmatch(r"((?:19|20)[0-9]{2})(s?)", word)
    # "The 2010s"; "2012s" is nothing.
    if found is None or (found[2] and int(found[1]) % _DECADE):
        return None
    return days.months(int(found[1]), 1, 12 * (_DECADE if found[2] else 1))


def check_short_year(words: Sequence[str], today: date) -> None:
    """Raise AmbiguousDate for ``oct 20`` where it may be a month of a year that has begun: "in Oct 20"."""
    month = MONTHS.get(words[0]) if len(words) == 2 and re.fullmatch(r"[0-9]{2}", words[1]) else None  # noqa: PLR2004
    if month is None:
        return
    year = _CENTURY + int(words[1])
    if (year, month) > (today.year, today.month) or year < today.year - _MOST_YEARS:
        return
    name = date(year, month, 1)
    what = f"can be {int(words[1])} {name:%B} or {name:%B} {year}"
    raise AmbiguousDate(f'date "{" ".join(words)}"', what, f"write {int(words[1])} {name:%B} or {year}-{month:02}")


def is_day_and_month(word: str) -> bool:
    """Return whether a word may be a day and a month with its zero, as ``24.03``."""
    return bool(re.fullmatch(r"[0-9]{1,2}[.](?:0[1-9]|1[0-2])", word))


def short_part(word: str) -> Callable[[int], Days] | None:
    """Return what makes the days of ``q3`` or ``h1`` in a year, None for another word."""
    found = re.fullmatch(r"q([1-4])|h([12])", word)
    if found is None:
        return None
    if found[1]:
        return lambda year: days.quarter(year, int(found[1]))
    return lambda year: days.half(year, int(found[2]))
