"""Whether the periods of a digest follow each other on its schedule: overlaps and gaps."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.domain.digests.schedule import next_due
from bot.domain.periods.options import is_since_last, is_since_meeting, read_period
from bot.domain.periods.period import AsOf, Period
from bot.domain.values import dataclass

# So many moments of a schedule are looked at: two months of a daily one, or more than a year of a weekly one.
_MOMENTS = 60
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class PeriodCoverage:
    """By how much a period begins before the one before it ended, and how much lies between two, at most.

    ``is_repeated`` says that several moments of the schedule have one period, which was over at the first of them.
    """

    overlap: timedelta
    gap: timedelta
    is_repeated: bool = False

    @property
    def fault(self) -> str:
        """Return what is wrong with it, empty where nothing is."""
        if self.overlap > _NONE:
            return f"its periods overlap by up to {_duration(self.overlap)}: each release is still announced only once"
        if self.gap > _NONE:
            return f"its periods leave gaps of up to {_duration(self.gap)}: releases of a gap are announced late"
        if self.is_repeated:
            return "several moments of its schedule have the same period: only the first of them is posted"
        return ""


def coverage_of(period: str, schedule: str, zone: ZoneInfo, after: datetime) -> PeriodCoverage:
    """Compare the periods of the next moments of a schedule after ``after``."""
    if is_since_last(period) or is_since_meeting(period):
        return PeriodCoverage(_NONE, _NONE)
    apart, is_repeated = [], False
    for (moment, before), (_, following) in pairwise(_periods(period, schedule, zone, after)):
        if following == before and before.end.astimezone(UTC) <= moment:
            is_repeated = True
        elif following.start is not None:
            apart.append(following.start.astimezone(UTC) - before.end.astimezone(UTC))
    return PeriodCoverage(overlap=-min([*apart, _NONE]), gap=max([*apart, _NONE]), is_repeated=is_repeated)


def _periods(period: str, schedule: str, zone: ZoneInfo, after: datetime) -> Iterator[tuple[datetime, Period]]:
    """Yield the next moments of a schedule, in UTC, each with its period."""
    for _ in range(_MOMENTS):
        after = next_due(schedule, zone, after)
        yield after.astimezone(UTC), read_period(period, AsOf.at(after, zone))


def _duration(length: timedelta) -> str:
    hours = round(length / timedelta(hours=1))
    if length >= timedelta(days=1):
        return "1 day" if length.days == 1 else f"{length.days} days"
    return f"{hours} hours" if hours > 1 else "1 hour"
