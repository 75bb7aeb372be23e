"""Rates: how many units of the calendar an interval is long, and which unit suits a number in it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction

from bot.domain.periods.days import Days, Unit, around
from bot.domain.periods.period import Period, midnight

_DAYS_OF_A_WEEK, _MONTHS_OF_A_YEAR, _MONTHS_OF_A_QUARTER = 7, 12, 3


def lengths(period: Period, since: datetime) -> dict[Unit, Fraction]:
    """Return how long it is from ``since`` to the end of a period, in each unit of its zone's calendar.

    A whole month counts as one, however many days it has, and a part of it as its share of that month.
    """
    return {unit: _place(unit, period.end, period) - _place(unit, since, period) for unit in Unit}


def suitable_unit(count: int, long: Mapping[Unit, Fraction]) -> Unit:
    """Return the shortest unit, a week or longer, that has one or more of the ``count`` on average.

    Without any it is the longest that the interval holds; an interval of less than a week has days.
    """
    held = [unit for unit in Unit if unit is not Unit.DAY and long[unit] >= 1]
    return next((unit for unit in held if count >= long[unit]), held[-1] if held else Unit.DAY)


def _place(unit: Unit, moment: datetime, period: Period) -> Fraction:
    """Return how many units of the calendar there are before a moment, with the share of the one it falls in."""
    local = moment.astimezone(period.zone)
    days = around(unit, local.date())
    begin, after = (midnight(day, period.zone).astimezone(UTC) for day in (days.first, days.after))
    passed = local.astimezone(UTC) - begin
    return _number(unit, days) + Fraction(passed // passed.resolution, (after - begin) // passed.resolution)


def _number(unit: Unit, days: Days) -> int:
    first = days.first
    months = first.year * _MONTHS_OF_A_YEAR + first.month - 1
    match unit:
        case Unit.DAY:
            return first.toordinal()
        case Unit.WEEK:
            return first.toordinal() // _DAYS_OF_A_WEEK
        case Unit.MONTH:
            return months
        case Unit.QUARTER:
            return months // _MONTHS_OF_A_QUARTER
        case Unit.YEAR:
            return first.year
