"""Whether the periods of a digest follow each other, as its schedule has it: overlaps and gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.domain.period_words import is_since_last, read_period
from bot.domain.periods import AsOf, Period
from bot.domain.schedules import next_due

# So many moments of a schedule are looked at: two months of a daily one, or more than a year of a weekly one.
_MOMENTS = 60
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Coverage:
    """By how much a period begins before the one before it ended, and how much lies between two, at most."""

    overlap: timedelta
    gap: timedelta

    @property
    def fault(self) -> str:
        """Say what is wrong with it, empty where nothing is."""
        if self.overlap > _NONE:
            return f"its periods overlap by up to {_duration(self.overlap)}: each release is still announced only once"
        if self.gap > _NONE:
            return f"its periods leave gaps of up to {_duration(self.gap)}: releases of a gap are announced late"
        return ""


def coverage_of(period: str, schedule: str, zone: ZoneInfo, after: datetime) -> Coverage:
    """Compare the periods of the next moments of a schedule after ``after``."""
    if is_since_last(period):
        return Coverage(_NONE, _NONE)
    apart = [
        following.start.astimezone(UTC) - before.end.astimezone(UTC)
        for before, following in pairwise(_periods(period, schedule, zone, after))
        if following.start is not None and following != before
    ]
    return Coverage(overlap=-min([*apart, _NONE]), gap=max([*apart, _NONE]))


def _periods(period: str, schedule: str, zone: ZoneInfo, after: datetime) -> Iterator[Period]:
    for _ in range(_MOMENTS):
        after = next_due(schedule, zone, after)
        yield read_period(period, AsOf.at(after, zone))


def _duration(length: timedelta) -> str:
    hours = round(length / timedelta(hours=1))
    if length >= timedelta(days=1):
        return "1 day" if length.days == 1 else f"{length.days} days"
    return f"{hours} hours" if hours > 1 else "1 hour"
