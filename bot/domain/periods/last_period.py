"""Intervals up to now of a length that is said: ``the last month``, ``past 3 weeks``, ``7d``, ``the last 24 hours``."""

import re
from datetime import UTC, datetime, timedelta

from bot.domain.periods import days
from bot.domain.periods.numbers import LENGTHS, number_in
from bot.domain.periods.period import AsOf, midnight
from bot.domain.periods.phrases import Words

_SHORT_UNITS = {"d": days.Unit.DAY, "w": days.Unit.WEEK, "m": days.Unit.MONTH, "y": days.Unit.YEAR}
_HOURS_OF_A_DAY = 24
_HOURS = [["hour"], ["hours"]]


def trailing_start(words: Words, at: int, as_of: AsOf) -> tuple[datetime, int] | None:
    """Return when an interval begins that is read from a place on, with the place after it.

    It begins at midnight of its first day, one of hours so many hours ago.
    """
    if (short := _short(words, at, as_of)) is not None:
        return short
    has_the = words[at : at + 1] in (["the"], ["these"])
    at += has_the
    if at >= len(words) or words[at] not in {"last", "past", "previous", "latest"}:
        return None
    word = words[at]
    number = number_in(words[at + 1]) if at + 1 < len(words) else None
    if number is None and words[at + 1 : at + 2] == ["couple"]:
        number, at = 2, at + (words[at + 2 : at + 3] == ["of"])
    unit_at = at + 1 + (number is not None)
    if words[unit_at : unit_at + 1] in _HOURS and number != 0:
        return _hours_back(number or 1, as_of), unit_at + 1
    if unit_at >= len(words) or words[unit_at] not in LENGTHS or number == 0:
        return None
    times, unit = LENGTHS[words[unit_at]]
    # Without a number, "last month" and "the previous month" are the calendar's; no fortnight is.
    if number is None and times == 1 and (word == "previous" or not (has_the or word == "past")):
        return None
    return _back((number or 1) * times, unit, as_of), unit_at + 1


def _short(words: Words, at: int, as_of: AsOf) -> tuple[datetime, int] | None:
    """Read ``7d``, ``the past 48h``; less than a day of hours is rather a time, without a word before it."""
    first = at
    while words[at : at + 1] in (["the"], ["last"], ["past"]):
        at += 1
    short = re.fullmatch(r"([0-9]{1,5})([hdwmy])", words[at]) if at < len(words) else None
    if short is None:
        return None
    number = int(short[1])
    if short[2] == "h" and number < _HOURS_OF_A_DAY and at == first:
        return None
    start = _hours_back(number, as_of) if short[2] == "h" else _back(number, _SHORT_UNITS[short[2]], as_of)
    return start, at + 1


def _back(number: int, unit: days.Unit, as_of: AsOf) -> datetime:
    first = days.back(as_of.day, number, unit)
    return midnight(days.Days(first, first).first, as_of.zone)


def _hours_back(number: int, as_of: AsOf) -> datetime:
    return (as_of.end.astimezone(UTC) - timedelta(hours=number)).astimezone(as_of.zone)
