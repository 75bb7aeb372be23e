"""Numbers in words: decimals, lengths in units of the calendar, and times between two moments."""

from datetime import timedelta
from fractions import Fraction

from bot.domain.periods.days import Unit
from bot.render.words import plural

_TEN, _HUNDRED = 10, 100
_HOURS_OF_A_DAY, _DAYS_OF_A_WEEK = 24, 7
# From so many days on, weeks are easier to grasp.
_MANY_DAYS = 14


def decimal(number: float | Fraction) -> str:
    """Return a number: ``12`` exactly, ``6.2``, ``0.083``, ``1,234``."""
    if number == int(number):
        return f"{int(number):,}"
    if number < 1:
        return f"{float(number):.2g}"
    return f"{float(number):,.{0 if number >= _HUNDRED else 1}f}"


def in_units(length: Fraction, unit: Unit) -> str:
    """Return a length: ``12 months``, ``1 month``, ``1.1 months``."""
    return f"{decimal(length)} {unit.value}{'' if length == 1 else 's'}"


def as_days(length: timedelta) -> str:
    """Return a mean or median time: ``4.9 days``, ``0.25 days``."""
    days = decimal(round(Fraction(length / timedelta(days=1)).limit_denominator(10_000), 4))
    return f"{days} day{'' if days == '1' else 's'}"


def duration(length: timedelta) -> str:
    """Return a time between two moments: ``9 days 3 hours``, ``3 hours 5 minutes``, ``46 days 3 hours (6.6 weeks)``."""
    hours, seconds = divmod(int(length.total_seconds()), 3600)
    days, left = divmod(hours, _HOURS_OF_A_DAY)
    if not days:
        minutes, left_seconds = divmod(seconds, 60)
        if left:
            return f"{plural(left, 'hour')} {plural(minutes, 'minute')}"
        return plural(minutes, "minute") if minutes else plural(left_seconds, "second")
    said = f"{plural(days, 'day')} {plural(left, 'hour')}" if left else plural(days, "day")
    return f"{said} ({decimal(round(Fraction(days, _DAYS_OF_A_WEEK), 1))} weeks)" if days >= _MANY_DAYS else said
