"""Digests of one name follow each other without gap or overlap, also where their time zone was changed between."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.digests.schedule import last_due
from bot.domain.periods.options import SINCE_MEETING
from bot.domain.periods.period import Period, midnight
from bot.domain.values import dataclass

# How far the same hour can be apart in two zones: UTC-12 and UTC+14.
_APART = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class PastPeriod:
    """The period of a digest that was made, with the name of its zone."""

    start: datetime | None
    end: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class PastDigest:
    """A digest made before: its number, its period with the name of its zone, and when it was made.

    ``made_at`` is the moment it was seen from, ``observed_at`` when the record was read
    for it: the two differ where somebody made it as of an earlier moment. ``slot`` is
    the moment of its schedule that it is for, None where nobody kept it.
    ``due`` is None for one made by hand. ``is_sent`` is false for one that failed for good
    or was dropped.
    """

    id: int
    period_start: datetime | None
    period_end: datetime
    time_zone: str
    made_at: datetime
    observed_at: datetime
    slot: datetime | None = None
    due: datetime | None = None
    is_sent: bool = True

    @property
    def period(self) -> PastPeriod:
        """Its period."""
        return PastPeriod(self.period_start, self.period_end, self.time_zone)

    @property
    def until(self) -> datetime:
        """Until when it reports: the end of its period, or when it was made where that came first."""
        return min(self.period_end, self.made_at)

    @property
    def is_whole(self) -> bool:
        """Return whether its period was over when it was due, or made by hand: one that goes on is not complete."""
        return (self.due or self.made_at) >= self.period_end

    def is_of(self, period: Period, slot: datetime | None) -> bool:
        """Return whether it is for the same moment of the schedule, or for the same whole period."""
        if None not in (slot, self.slot) and (_in_utc(self.slot) == _in_utc(slot) or not self.is_whole):
            return _in_utc(self.slot) == _in_utc(slot)
        own = (_in_utc(self.period_start), _in_utc(self.period_end))
        return own == (_in_utc(period.start), _in_utc(period.end))

    def is_before(self, end: datetime, slot: datetime | None) -> bool:
        """Return whether it came before the digest of a scheduled moment, or else of a period ending at ``end``.

        The periods of several moments may end alike, as those of ``this-month`` do.
        """
        if slot is not None and self.slot is not None:
            return self.slot < slot
        return self.period_end < end


def earlier(past: Iterable[PastDigest], end: datetime, slot: datetime | None) -> list[PastDigest]:
    """Return the digests before the one whose period ends at ``end``; those never sent apart."""
    return [each for each in past if each.is_sent and each.is_before(end, slot)]


def previous_of(past: Sequence[PastDigest], end: datetime, slot: datetime | None) -> PastDigest | None:
    """Return the digest before the one whose period ends at ``end``, None for the first; those never sent apart."""
    before = earlier(past, end, slot)
    return max(before, key=lambda each: (each.slot or each.period_end, each.id)) if before else None


def since_last(schedule: str, slot: datetime, zone: ZoneInfo, previous: PastDigest | None) -> Period:
    """Return the period from the end of the previous digest to a moment of the schedule; the first has one interval."""
    start = last_due(schedule, zone, slot - timedelta(seconds=1)) if previous is None else previous.until
    return Period(start.astimezone(zone), slot.astimezone(zone), zone, asked="since-last")


def since_meeting(meetings: Sequence[date], schedule: str, slot: datetime, zone: ZoneInfo) -> Period:
    """Return the period from the day of the last meeting before a moment's own day to the moment.

    Before the first meeting it is one interval of the schedule, as ``since_last`` has it.
    """
    day = slot.astimezone(zone).date()
    last = max((meeting for meeting in meetings if meeting < day), default=None)
    if last is None:
        return replace(since_last(schedule, slot, zone, None), asked=SINCE_MEETING)
    return Period(midnight(last, zone), slot.astimezone(zone), zone, asked=SINCE_MEETING)


def _in_utc(moment: datetime | None) -> datetime | None:
    """Return a moment in UTC: in an hour that comes twice, Python calls equal moments of two zones different."""
    return None if moment is None else moment.astimezone(UTC)


def is_retold(period: Period, past: Iterable[PastPeriod]) -> bool:
    """Return whether the period is that of a digest made in another zone, as far as days and weeks can tell."""
    return any(abs(each.end - period.end) <= _most(period) for each in past if each.zone != period.zone.key)


def continued(period: Period, past: Iterable[PastPeriod]) -> Period:
    """Let a period begin where that of the digest before ended, if that was of another zone."""
    most = _most(period)
    near = [
        each.end
        for each in past
        if each.zone != period.zone.key and period.start is not None and abs(each.end - period.start) <= most
    ]
    return replace(period, start=max(near)) if near else period


def _most(period: Period) -> timedelta:
    """Return how far ends may be apart: less than half of the period, so that the day before is not the same day."""
    if period.start is None:
        return _APART
    return min(_APART, (period.end.astimezone(UTC) - period.start.astimezone(UTC)) / 2)
