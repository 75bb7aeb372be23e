"""The dates of meetings: written in the configuration, or of the events in a calendar file (iCalendar, RFC 5545)."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.config.errors import InvalidValue
from bot.config.notation import quoted

# A calendar of many years; what is larger is none.
_LARGEST = 2_000_000
# Recurring events are expanded as far as digests are made.
_FIRST, _LAST = date(2000, 1, 1), date(2040, 1, 1)
_HINT = "export the meetings as an iCalendar file (.ics)"


def read_calendar(path: Path, zone: ZoneInfo) -> tuple[date, ...]:
    """Return the days of the events in a calendar file, in order, each in the zone. Raises InvalidValue."""
    try:
        stat = path.stat()
        days = None if stat.st_size > _LARGEST else _days(path, zone, stat.st_mtime_ns)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidValue(f"calendar file {quoted(path.name)} cannot be read ({reason})", _HINT) from error
    except ValueError as error:
        raise InvalidValue(f"calendar file {quoted(path.name)} is not an iCalendar file", _HINT) from error
    if days is None:
        raise InvalidValue(f"calendar file {quoted(path.name)} is larger than 2 MB", _HINT)
    return days


@lru_cache(maxsize=16)
def _days(path: Path, zone: ZoneInfo, modified: int) -> tuple[date, ...]:
    """Return the days of a file as it was modified last."""
    del modified
    from icalendar import Calendar
    from recurring_ical_events import of

    events = of(Calendar.from_ical(path.read_bytes())).between(_FIRST, _LAST)
    starts = (event["DTSTART"].dt for event in events if str(event.get("STATUS", "")).upper() != "CANCELLED")
    return tuple(sorted({_day(start, zone) for start in starts}))


def _day(start: date, zone: ZoneInfo) -> date:
    if not isinstance(start, datetime):
        return start
    return (start.astimezone(zone) if start.tzinfo else start).date()
