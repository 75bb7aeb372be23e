"""The words for periods and moments: ``7d``, ``2021-W07``, ``last-month``, ``2021-02-22T14:00``.

Each reader takes the moment it looks from and the zone, and gives a value that
states the interval it understood; what it cannot read is a UsageError with examples.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import UsageError
from bot.domain.periods import AsOf, Period, midnight

_EXAMPLES = "say for example 7d, 4w, 1m, 1y, 2021-02, 2021-W07, 2021-Q1, 2021, today, this-week or last-month"
_MOMENT_EXAMPLES = "say a date (2021-02-22), a date and time (2021-02-22T14:00) or a release (v7r1p26)"
_FIRST_YEAR, _LAST_YEAR = 1970, 9998

_TRAILING = re.compile(r"([0-9]{1,5})\s*([dwmy])")
_NAMED = re.compile(r"(this|last)[- ](day|week|month|quarter|year)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEK = re.compile(r"([0-9]{4})-w([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_QUARTER = re.compile(r"([0-9]{4})-q([1-4])")
_YEAR = re.compile(r"[0-9]{4}")
_DATE_AND_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:z|[+-][0-9]{2}:?[0-9]{2})?",
)

# A calendar period in whole days: its first, and the first after it.
Days = tuple[date, date]


def read_period(text: str, as_of: AsOf) -> Period:
    """Read a period, looking from ``as_of``.

    A trailing period (``7d``) begins at midnight of its first day and ends at
    ``as_of``; a calendar period is whole, even where it lies partly ahead.
    """
    words = _cleaned(text)
    try:
        start = _trailing_start(words, as_of.day)
        if start is not None:
            return Period(_checked_midnight(start, as_of.zone), as_of.end, as_of.zone, asked=words)
        days = _calendar_days(words, as_of.day)
        if days is not None:
            first, after = (_checked_midnight(day, as_of.zone) for day in days)
            return Period(first, after, as_of.zone, asked=words)
    except (ValueError, OverflowError) as error:
        raise _unreadable(text) from error
    raise _unreadable(text)


def check_period(text: str) -> None:
    """Raise UsageError if the text is no period."""
    zone = ZoneInfo("UTC")
    read_period(text, AsOf.at(datetime(2021, 2, 22, tzinfo=UTC), zone))


def read_as_of(text: str, zone: ZoneInfo) -> AsOf:
    """Read the moment to look from; a date without a time looks from the end of that day."""
    moment = read_moment(text, zone)
    if moment is None:
        raise UsageError("--as-of", f'"{text}" is no date', "say 2021-02-22 or 2021-02-22T14:00")
    return AsOf.at(moment, zone) if isinstance(moment, datetime) else AsOf(end_of(moment, zone), moment, zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the first moment after a day."""
    return midnight(day + timedelta(days=1), zone)


def read_moment(text: str, zone: ZoneInfo) -> datetime | date | None:
    """Read a date, or a date and time (in the zone unless it names an offset); None if it is neither."""
    words = _cleaned(text)
    try:
        if _DAY.fullmatch(words):
            return _checked(date.fromisoformat(words))
        if _DATE_AND_TIME.fullmatch(words):
            read = datetime.fromisoformat(words.upper())
            _checked(read.date())
            return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError) as error:
        hint = f"the day does not exist, or is before {_FIRST_YEAR} or after {_LAST_YEAR}"
        raise UsageError("date", f'"{text}" is no date', hint) from error
    return None


def read_bounds(
    since: str | None, until: str | None, as_of: AsOf, date_of_release: Callable[[str], datetime]
) -> Period:
    """Read ``--since`` and ``--until``: dates, dates and times, or releases.

    A release as a beginning means after its date, as an end up to and with its
    date (dates of tags are whole seconds). ``date_of_release`` finds the date, or
    raises UsageError. Without an end the period ends at ``as_of``.
    """
    start = None if since is None else _bound(since, as_of.zone, date_of_release, is_end=False)
    end = as_of.end if until is None else _bound(until, as_of.zone, date_of_release, is_end=True)
    if start is not None and start.astimezone(UTC) > end.astimezone(UTC):
        raise UsageError(
            "--since",
            f"the period would end ({end.isoformat()}) before it begins ({start.isoformat()})",
            "swap --since and --until, or move --as-of",
        )
    asked = " ".join([f"since {since}"] * (since is not None) + [f"until {until}"] * (until is not None))
    return Period(start, end, as_of.zone, asked=asked)


def _bound(text: str, zone: ZoneInfo, date_of_release: Callable[[str], datetime], *, is_end: bool) -> datetime:
    moment = read_moment(text, zone)
    if moment is None:
        if not re.search(r"[0-9]", text):
            raise UsageError("--until" if is_end else "--since", f'"{text}" is no date or release', _MOMENT_EXAMPLES)
        return (date_of_release(text) + timedelta(seconds=1)).astimezone(zone)
    if isinstance(moment, datetime):
        return moment
    return end_of(moment, zone) if is_end else midnight(moment, zone)


def _trailing_start(words: str, day: date) -> date | None:
    found = _TRAILING.fullmatch(words)
    if found is None:
        return None
    number, unit = int(found[1]), found[2]
    match unit:
        case "d":
            return day - timedelta(days=number)
        case "w":
            return day - timedelta(weeks=number)
        case "m":
            return _months_before(day, number)
        case _:
            return _months_before(day, 12 * number)


def _months_before(day: date, months: int) -> date:
    """Give the same day so many months before, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _calendar_days(words: str, today: date) -> Days | None:
    if words in ("today", "yesterday"):
        return _days(today - timedelta(days=words == "yesterday"), 1)
    if named := _NAMED.fullmatch(words):
        return _named_days(named[2], today, is_last=named[1] == "last")
    return _numbered_days(words)


def _numbered_days(words: str) -> Days | None:
    days = None
    if _DAY.fullmatch(words):
        days = _days(date.fromisoformat(words), 1)
    elif week := _WEEK.fullmatch(words):
        days = _days(date.fromisocalendar(int(week[1]), int(week[2]), 1), 7)
    elif month := _MONTH.fullmatch(words):
        days = _months(int(month[1]), int(month[2]), 1)
    elif quarter := _QUARTER.fullmatch(words):
        days = _months(int(quarter[1]), 3 * int(quarter[2]) - 2, 3)
    elif _YEAR.fullmatch(words):
        days = _months(int(words), 1, 12)
    return days


def _days(first: date, length: int) -> Days:
    """Give ``length`` days from a day on."""
    return first, first + timedelta(days=length)


def _named_days(unit: str, today: date, *, is_last: bool) -> Days:
    match unit:
        case "day":
            first, after = _days(today, 1)
        case "week":
            first, after = _days(today - timedelta(days=today.weekday()), 7)
        case "month":
            first, after = _months(today.year, today.month, 1)
        case "quarter":
            first, after = _months(today.year, 3 * ((today.month - 1) // 3) + 1, 3)
        case _:
            first, after = _months(today.year, 1, 12)
    return _named_days(unit, first - timedelta(days=1), is_last=False) if is_last else (first, after)


def _months(year: int, month: int, length: int) -> Days:
    """Give ``length`` calendar months from the first of a month."""
    first = date(year, month, 1)
    later = year * 12 + month - 1 + length
    return first, date(later // 12, later % 12 + 1, 1)


def _cleaned(text: str) -> str:
    return " ".join(text.lower().split()).replace("last ", "last-").replace("this ", "this-")


def _checked(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        message = f"{day} is out of range"
        raise ValueError(message)
    return day


def _checked_midnight(day: date, zone: ZoneInfo) -> datetime:
    return midnight(_checked(day), zone)


def _unreadable(text: str) -> UsageError:
    return UsageError("period", f'"{text}" is no period', _EXAMPLES)
