"""The wording that all renderings share: dates, intervals, plurals, and text that is safe to print."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.domain.periods import Period


def printable(text: str) -> str:
    """Show unprintable characters as escapes: what comes from a forge must not steer a terminal.

    Those are control characters, the invisible ones that turn text around or hide it,
    and every space but the plain one.
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def plural(count: int, noun: str) -> str:
    """Say how many: ``1 patch release``, ``6 patch releases``, ``2 repositories``."""
    if count == 1:
        return f"1 {noun}"
    many = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{count:,} {many}"


def day(moment: datetime, period: Period) -> str:
    """Say a day of the period's zone, with its year where that is not the period's last."""
    local = moment.astimezone(period.zone)
    year = "" if local.year == _last_moment(period).year else f" {local.year}"
    return f"{local.day} {local:%b}{year}"


def date_words(date: date, near: date) -> str:
    """Say a date, with its year where that is not the year of a date near it."""
    year = "" if date.year == near.year else f" {date.year}"
    return f"{date.day} {date:%b}{year}"


def in_days(days: int) -> str:
    """Say how far a day is: ``today``, ``in 10 days``, ``1 day ago``."""
    if days == 0:
        return "today"
    return f"in {plural(days, 'day')}" if days > 0 else f"{plural(-days, 'day')} ago"


def interval(period: Period) -> str:
    """Say a period by its first and last day, the end with its hour where it is within a day, and the zone.

    For example ``22 Jan to 22 Feb 2021 (Europe/Paris)``.
    """
    last = _last_moment(period)
    end = period.end.astimezone(period.zone)
    until = f"{last.day} {last:%b %Y}"
    if (end.hour, end.minute, end.second) != (0, 0, 0):
        until = f"{end.day} {end:%b %Y %H:%M}"
    if period.start is None:
        return f"up to {until} ({period.zone.key})"
    start = period.start.astimezone(period.zone)
    if start.date() == last.date():
        return f"{until} ({period.zone.key})"
    year = "" if start.year == last.year else f" {start.year}"
    return f"{start.day} {start:%b}{year} to {until} ({period.zone.key})"


def shortened(items: Sequence[str], most: int, noun: str = "") -> list[str]:
    """Keep the first ``most`` items, and say how many more there are."""
    left = len(items) - most
    if left <= 0:
        return list(items)
    more = plural(left, f"more {noun}") if noun else f"{left:,} more"
    return [*items[:most], f"and {more}"]


def _last_moment(period: Period) -> datetime:
    return (period.end - timedelta(seconds=1)).astimezone(period.zone)
