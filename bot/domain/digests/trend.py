"""The periods before that of a digest, to compare its numbers with."""

from bot.domain.errors import UsageError
from bot.domain.periods.options import in_words, read_period
from bot.domain.periods.period import AsOf, Period

# With the digest's own period a year of months.
_MOST = 11
_LAST = "in the last "


def periods_before(period: Period) -> list[Period]:
    """Return up to eleven periods of the same words before one, the oldest first: each ends where the next begins.

    There are none before a period that is not repeated, such as February 2021 or one that began with history.
    """
    found: list[Period] = []
    start = period.start
    while start is not None and period.asked and len(found) < _MOST:
        try:
            before = read_period(period.asked, AsOf.at(start, period.zone))
        except UsageError:
            break
        if before.end != start or before.start is None:
            break
        found.append(before)
        start = before.start
    return found[::-1]


def before_words(period: Period) -> str:
    """Return what the period before one is called: ``in the month before`` where it was asked for as 1m."""
    words = in_words(period.asked)
    return f"in the {words.removeprefix(_LAST)} before" if words.startswith(_LAST) else "in the period before"
