"""Clocks that are wrong: a recorded moment in the future is nobody's observation, and nothing waits for it."""

from datetime import UTC, datetime, timedelta

from bot.domain.values import dataclass

# Clocks of machines that keep time differ by seconds; a forge's clock and ours may too.
TOLERANCE = timedelta(minutes=5)

# Later than every moment, so that nothing is too late for it.
EVER = datetime.max.replace(tzinfo=UTC)

# A machine's clock may be hours or days off; where the clocks differ by years, the other side's is at fault.
FARTHEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FutureMoment:
    """The latest moment recorded in the future of one kind of thing, in words, as "polls"."""

    of: str
    at: datetime


def is_future(moment: datetime, now: datetime) -> bool:
    """Return whether a recorded moment lies further ahead than clocks that keep time may differ."""
    return moment > now + TOLERANCE


def believed(moment: datetime | None, now: datetime) -> datetime | None:
    """Return a recorded moment, None where it lies in the future."""
    return None if moment is None or is_future(moment, now) else moment


def rounded(off: timedelta) -> str:
    """Return how far a clock is off in the largest unit that says it well: ``3 min``, ``5 hours``, ``2,105 days``."""
    off = abs(off)
    if off < timedelta(hours=2):
        return f"{off / timedelta(minutes=1):.0f} min"
    if off < timedelta(days=2):
        return f"{off / timedelta(hours=1):.0f} hours"
    return f"{off / timedelta(days=1):,.0f} days"
