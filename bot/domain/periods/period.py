"""Periods: half-open intervals of time, start included and end excluded, in a named time zone."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to just before ``end`` (both in ``zone``; a start of None is the beginning of history).

    ``asked`` is the period in the words it was asked for in.
    """

    start: datetime | None
    end: datetime
    zone: ZoneInfo
    asked: str = ""

    def __contains__(self, moment: datetime) -> bool:
        """Return whether a moment falls into the period; moments are compared in UTC, never by wall clock."""
        instant = moment.astimezone(UTC)
        if self.start is not None and instant < self.start.astimezone(UTC):
            return False
        return instant < self.end.astimezone(UTC)

    def until(self, moment: datetime) -> "Period":
        """Return the part of the period before a moment: all of it where it ends earlier."""
        return Period(self.start, min(self.end, moment), self.zone)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment that a question looks from: everything before ``end``, seen on ``day`` of its zone.

    A date without a time looks from the end of its day; the day itself is kept
    because trailing periods are counted from it.
    """

    end: datetime
    day: date
    zone: ZoneInfo

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> "AsOf":
        """Look from a moment."""
        local = moment.astimezone(zone)
        return cls(end=local, day=local.date(), zone=zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a day; where clocks jump at midnight, that is after the jump."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC).astimezone(zone)
