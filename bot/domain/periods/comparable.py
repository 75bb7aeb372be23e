"""Comparable intervals: the calendar unit before this one, and the part of it that this one has reached by now."""

from datetime import UTC, datetime

from bot.domain.periods import days
from bot.domain.periods.days import Days, Unit
from bot.domain.periods.period import AsOf, Period, midnight


def unit_before(period: Period, as_of: AsOf) -> Unit | None:
    """Return the unit of which a period is the one before the present one: last year, last month; else None."""
    return next((unit for unit in Unit if _is(period, days.before(unit, as_of.day))), None)


def is_present(period: Period, unit: Unit, as_of: AsOf) -> bool:
    """Return whether a period is the present unit of the calendar: this year, this month."""
    return _is(period, days.around(unit, as_of.day))


def present(unit: Unit, as_of: AsOf) -> Period:
    """Return the present unit so far."""
    return Period(midnight(days.around(unit, as_of.day).first, as_of.zone), as_of.end, as_of.zone)


def same_part(unit: Unit, as_of: AsOf) -> Period:
    """Return the part of the unit before the present one up to the same day and hour.

    Of a month without that day it is up to the same hour of its last day.
    """
    before = days.before(unit, as_of.day)
    start, after = (midnight(day, as_of.zone) for day in (before.first, before.after))
    local = as_of.end.astimezone(as_of.zone)
    reached = datetime.combine(days.back(local.date(), 1, unit), local.time(), as_of.zone).astimezone(UTC)
    return Period(start, min(reached, after.astimezone(UTC)).astimezone(as_of.zone), as_of.zone)


def _is(period: Period, span: Days) -> bool:
    bounds = [midnight(day, period.zone).astimezone(UTC) for day in (span.first, span.after)]
    return period.start is not None and [period.start.astimezone(UTC), period.end.astimezone(UTC)] == bounds
