"""What ``--period``, ``--since``, ``--until`` and ``--as-of`` take: ``7d``, ``2021-W07``, ``last-month``, ``monday``.

Each reader takes the moment it looks from and the zone, and gives a value that
states the interval it understood; what it cannot read is a UsageError with examples.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import UsageError
from bot.domain.periods.days import FIRST_YEAR, LAST_YEAR, some_days
from bot.domain.periods.digits import date_in
from bot.domain.periods.moments import moment_in
from bot.domain.periods.period import AsOf, Period, midnight
from bot.domain.periods.spans import Edge, Reader, ReleaseEdge, Span
from bot.domain.periods.tokens import tokens_of

_EXAMPLES = "examples: 7d, 4w, 1m, 1y, 2021-02, 2021-W07, 2021-Q1, 2021, today, this-week or last-month"
_MOMENT_EXAMPLES = "give a date (2021-02-22), a date and time (2021-02-22T14:00) or a release (v7r1p26)"
_TRAILING = re.compile(r"([0-9]+)\s*([dwmy])")
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_JOINED = re.compile(r"\b(this|last|next|previous)-(?=[a-z])")


def read_period(text: str, as_of: AsOf) -> Period:
    """Read a period, looking from ``as_of``, as ``read_span`` does."""
    return read_span(text, as_of).period(as_of, _no_release)


def read_span(text: str, as_of: AsOf) -> Span:
    """Read a period, looking from ``as_of``. Raises UsageError.

    A trailing period (``7d``) begins at midnight of its first day and ends at
    ``as_of``; a calendar period is whole, even where it lies partly ahead.
    """
    words = _words(_JOINED.sub(r"\1 ", text.lower()))
    read = Reader(as_of, _is_no_release).read(words, 0)
    if read is None or read[1] < len(words):
        raise UsageError("period", f'invalid period "{text}"', _EXAMPLES)
    return replace(read[0], text=" ".join(text.lower().split()))


# A digest's period: from the end of the previous digest of its name and channel to its slot.
SINCE_LAST = "since-last"
# From the last meeting before its slot's day to the slot.
SINCE_MEETING = "since-meeting"


def is_since_last(text: str) -> bool:
    """Return whether the text names the period since the previous digest, which only a digest has."""
    return "-".join(text.lower().split()) == SINCE_LAST


def is_since_meeting(text: str) -> bool:
    """Return whether the text names the period since the last meeting, which only a digest has."""
    return "-".join(text.lower().split()) == SINCE_MEETING


def in_words(asked: str) -> str:
    """Return a period as it was asked for: ``in the last month`` for 1m, ``in the last 7 days`` for 7d."""
    if is_since_meeting(asked):
        return "since the last meeting"
    trailing = _TRAILING.fullmatch(asked)
    if trailing is None:
        return f"in {_JOINED.sub(lambda found: f'{found[1]} ', asked)}" if asked else "in all"
    number, unit = int(trailing[1]), _UNITS[trailing[2]]
    return f"in the last {unit}" if number == 1 else f"in the last {number} {unit}s"


def check_period(text: str) -> None:
    """Raise UsageError if the text is not a period of a digest."""
    if is_since_last(text) or is_since_meeting(text):
        return
    zone = ZoneInfo("UTC")
    read_period(text, AsOf.at(datetime(2021, 2, 22, tzinfo=UTC), zone))


def read_as_of(text: str, zone: ZoneInfo) -> AsOf:
    """Read the moment to look from; a date without a time looks from the end of that day."""
    moment = read_moment(text, zone)
    if moment is None:
        raise UsageError("--as-of", f'invalid date "{text}"', "examples: 2021-02-22, 2021-02-22T14:00")
    return AsOf.at(moment, zone) if isinstance(moment, datetime) else AsOf(end_of(moment, zone), moment, zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment after a day."""
    return midnight(day + timedelta(days=1), zone)


def read_moment(text: str, zone: ZoneInfo) -> datetime | date | None:
    """Read a date, or a date and time (in the zone unless it names an offset); None if it is neither.

    Raises UsageError for a day that does not exist, and for a date with two readings.
    """
    word = " ".join(text.lower().split())
    try:
        day = date_in(word)
        return moment_in(word, zone) if day is None else some_days(day).first
    except (ValueError, OverflowError) as error:
        hint = f"no such day, or before {FIRST_YEAR} or after {LAST_YEAR}"
        raise UsageError("date", f'invalid date "{text}"', hint) from error


def read_bounds(since: str | None, until: str | None, as_of: AsOf) -> Span:
    """Read ``--since`` and ``--until``: dates, dates and times, days in words, or releases. Raises UsageError.

    A release as a beginning means after its date, as an end up to and including its
    date (dates of tags are whole seconds). Without an end the period ends at ``as_of``.
    """
    start = None if since is None else _bound(since, as_of, is_end=False)
    end = None if until is None else _bound(until, as_of, is_end=True)
    asked = " ".join([f"since {since}"] * (since is not None) + [f"until {until}"] * (until is not None))
    return Span(start, end, asked)


def _bound(text: str, as_of: AsOf, *, is_end: bool) -> Edge:
    moment = read_moment(text, as_of.zone)
    if isinstance(moment, datetime):
        return moment
    words = _words(text)
    read = Reader(as_of, _is_no_release).edge(words, 0, late=is_end)
    if read is not None and read[1] == len(words) and isinstance(read[0], datetime):
        return read[0]
    if not re.search(r"[0-9]", text):
        raise UsageError("--until" if is_end else "--since", f'"{text}" is not a date or a release', _MOMENT_EXAMPLES)
    return ReleaseEdge(text, "after")


def _words(text: str) -> list[str]:
    return [token.text for token in tokens_of(text)]


def _is_no_release(word: str) -> bool:
    del word
    return False


def _no_release(text: str) -> datetime:
    raise UsageError("period", f'invalid date "{text}"', _EXAMPLES)
