"""Wording shared by all renderings: dates, intervals, plurals, and text that is safe to print."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.domain.periods.period import Period, midnight

_T = TypeVar("_T")


def printable(text: str) -> str:
    """Return a text with unprintable characters escaped: text from a forge must not control a terminal.

    Unprintable are control characters, invisible ones that reverse or hide text,
    and every space but the plain one.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def plural(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 patch release``, ``6 patch releases``, ``2 repositories``."""
    if count == 1:
        return f"1 {noun}"
    many = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{count:,} {many}"


def day(moment: datetime, period: Period) -> str:
    """Return a day in the period's zone, with its year if it differs from the period's last year."""
    local = moment.astimezone(period.zone)
    year = "" if local.year == _last_moment(period).year else f" {local.year}"
    return f"{local.day} {local:%b}{year}"


def moment_words(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment to the minute, with its year: ``22 Feb 2021 14:00``."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y %H:%M}"


def date_words(date: date, near: date) -> str:
    """Return a date, with its year if it differs from the year of ``near``."""
    year = "" if date.year == near.year else f" {date.year}"
    return f"{date.day} {date:%b}{year}"


def listed(names: Sequence[str], most: int = 1_000) -> str:
    """Return names joined: ``a``, ``a and b``, ``a, b and c``, ``a, b and 7 more``."""
    return listed_as(names, str, most)


def listed_as(items: Sequence[_T], write: Callable[[_T], str], most: int) -> str:
    """Return items joined as by ``listed``; those beyond ``most`` are counted without being written."""
    shown = [write(item) for item in items[:most]]
    if len(items) > most:
        shown.append(f"{len(items) - most:,} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def series_words(names: Sequence[str], most: int = 1_000) -> str:
    """Return series as they were asked for: ``v7r0``, ``v7r0 and v7r1``, ``series 7.0``.

    Without the noun, a name that begins with a digit would read as a number.
    """
    noun = "series " if any(name[:1].isdigit() for name in names) else ""
    return f"{noun}{listed(names, most)}"


def in_days(days: int) -> str:
    """Return the distance of a day: ``today``, ``in 10 days``, ``1 day ago``."""
    if days == 0:
        return "today"
    return f"in {plural(days, 'day')}" if days > 0 else f"{plural(-days, 'day')} ago"


def interval(period: Period) -> str:
    """Return a period by its first and last day, with the hour of an end that is not midnight, and the zone.

    For example ``22 Jan to 22 Feb 2021 (Europe/Paris)``, ``22 Feb 2021 00:00 to 14:00 (Europe/Paris)``.
    """
    zone = period.zone
    end, last = period.end.astimezone(zone), _last_moment(period)
    until = f"{last.day} {last:%b %Y}" if _is_midnight(end, zone) else f"{end.day} {end:%b %Y %H:%M}"
    if period.start is None:
        return f"up to {until} ({zone.key})"
    start = period.start.astimezone(zone)
    if start.date() == last.date():
        hours = "" if _is_midnight(start, zone) and _is_midnight(end, zone) else f" {start:%H:%M} to {end:%H:%M}"
        return f"{last.day} {last:%b %Y}{hours} ({zone.key})"
    year = "" if start.year == last.year else f" {start.year}"
    hour = "" if _is_midnight(start, zone) else f" {start:%H:%M}"
    return f"{start.day} {start:%b}{year}{hour} to {until} ({zone.key})"


def _is_midnight(local: datetime, zone: ZoneInfo) -> bool:
    """Return whether a day of the zone begins at this moment, if only after clocks jumped at midnight."""
    return local == midnight(local.date(), zone)


def shortened(items: Sequence[str], most: int, noun: str = "") -> list[str]:
    """Return the first ``most`` items, and the number of the others as the last item."""
    left = len(items) - most
    if left <= 0:
        return list(items)
    more = plural(left, f"more {noun}") if noun else f"{left:,} more"
    return [*items[:most], f"and {more}"]


def _last_moment(period: Period) -> datetime:
    return (period.end.astimezone(UTC) - timedelta(seconds=1)).astimezone(period.zone)
