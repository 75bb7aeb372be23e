"""Dates in digits alone: ``2021-02-22``, ``22/02/2021``, ``02/22/2021``, ``03.02.2021``, ``20210203``.

With dots the day comes first, as everybody writes it who uses dots. With slashes or dashes
it comes first in one country and second in another: what can be either is refused.
"""

import re
from contextlib import suppress
from datetime import date

from bot.domain.errors import UsageError

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")


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
