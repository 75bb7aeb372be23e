"""Whole days in a row: the arithmetic of calendar days, weeks, months, quarters and years."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 1970, 9998
_DAYS_OF_A_WEEK, _MONTHS_OF_A_YEAR = 7, 12


class Unit(StrEnum):
    """The units of time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """From ``first`` to just before ``after``; both the same where only a boundary is meant (the end of January).

    Raises ValueError where a day is out of the years that anything is requested.
    """

    first: date
    after: date

    def __post_init__(self) -> None:
        for day in (self.first, self.after):
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise ValueError(day)


def some_days(first: date, length: int = 1) -> Days:
    """Return ``length`` days from a day on."""
    return Days(first, first + timedelta(days=length))


def months(year: int, month: int, length: int = 1) -> Days:
    """Return ``length`` calendar months from the first of a month."""
    later = year * 12 + month - 1 + length
    return Days(date(year, month, 1), date(later // 12, later % 12 + 1, 1))


def week(year: int, number: int) -> Days:
    """Return an ISO week."""
    return some_days(date.fromisocalendar(year, number, 1), _DAYS_OF_A_WEEK)


def quarter(year: int, number: int) -> Days:
    """Return the quarter 1 to 4 of a year."""
    return months(year, 3 * number - 2, 3)


def half(year: int, number: int) -> Days:
    """Return the half 1 or 2 of a year."""
    return months(year, 6 * number - 5, 6)


def year_days(year: int) -> Days:
    """Return a year."""
    return months(year, 1, _MONTHS_OF_A_YEAR)


def around(unit: Unit, day: date) -> Days:
    """Return the calendar unit that a day falls in."""
    match unit:
        case Unit.DAY:
            return some_days(day)
        case Unit.WEEK:
            return some_days(day - timedelta(days=day.weekday()), _DAYS_OF_A_WEEK)
        case Unit.MONTH:
            return months(day.year, day.month)
        case Unit.QUARTER:
            return quarter(day.year, (day.month + 2) // 3)
        case Unit.YEAR:
            return year_days(day.year)


def before(unit: Unit, day: date) -> Days:
    """Return the calendar unit before the one that a day falls in."""
    return around(unit, around(unit, day).first - timedelta(days=1))


def following(unit: Unit, day: date) -> Days:
    """Return the calendar unit after the one that a day falls in."""
    return around(unit, around(unit, day).after)


def back(day: date, number: int, unit: Unit) -> date:
    """Go so many units back: months and years to the same day of the month, or that month's last.

    A negative number goes ahead.
    """
    match unit:
        case Unit.DAY:
            return day - timedelta(days=number)
        case Unit.WEEK:
            return day - timedelta(days=number * _DAYS_OF_A_WEEK)
        case Unit.MONTH:
            return _months_back(day, number)
        case Unit.QUARTER:
            return _months_back(day, 3 * number)
        case Unit.YEAR:
            return _months_back(day, _MONTHS_OF_A_YEAR * number)


def _months_back(day: date, number: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
