"""Rhythms: when a repository is due for a look, each at moments of its own, so that all are spread over time."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import ceil, floor

from bot.domain.clocks import is_future
from bot.domain.values import dataclass

_PHASES = 2**32
_QUIET_AFTER = timedelta(days=30)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a repository is looked at: in any way, at every tag, and at everything again, dates included."""

    every: timedelta
    complete_every: timedelta
    full_every: timedelta

    def stretched(self, factor: float) -> "Rhythm":
        """Return a slower one: ``factor`` times as long between any two looks."""
        return Rhythm(self.every * factor, self.complete_every * factor, self.full_every * factor)


def rhythm_of(every: timedelta, complete_every: timedelta, *, quiet: timedelta, in_certification: bool) -> Rhythm:
    """Return the rhythm of a repository in which nothing has changed for ``quiet``.

    One in certification shows every tag at each poll. Dates hardly ever change: they are
    asked for again once a day, and in a repository where nothing happens up to once a week.
    """
    # A look comes up to one poll after it is due, and complete_every is a promise.
    complete = every if in_certification else max(every, complete_every - every)
    full = min(max(_DAY, _DAY * (quiet / _QUIET_AFTER)), _WEEK)
    return Rhythm(every, complete, max(full, complete_every))


def is_due(key: str, every: timedelta, last: datetime | None, now: datetime) -> bool:
    """Return whether one of the moments that a repository has in each ``every`` came since ``last``, None for never.

    A ``last`` in the future was written by a clock that was wrong: nothing waits for it.
    """
    if last is None or is_future(last, now):
        return True
    phase = _phase(key)
    return _moment(phase, every, now) > _moment(phase, every, last)


def _moment(phase: float, every: timedelta, at: datetime) -> int:
    """Count the repository's moments up to ``at``; its phase says where between two of them it stands."""
    return floor(at.timestamp() / every.total_seconds() - phase)


def _phase(key: str) -> float:
    return int.from_bytes(sha256(key.encode()).digest()[:4], "big") / _PHASES


def next_due(key: str, every: timedelta, last: datetime) -> datetime:
    """Return the first of a repository's moments after ``last``, in UTC: the first whole second at which it is due."""
    phase = _phase(key)
    before = _moment(phase, every, last)
    at = datetime.fromtimestamp(ceil((before + 1 + phase) * every.total_seconds()), UTC)
    # Rounding may be a second off.
    while _moment(phase, every, at) == before:
        at += _SECOND
    while _moment(phase, every, at - _SECOND) > before:
        at -= _SECOND
    return at
