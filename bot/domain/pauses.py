"""Pauses: the times between releases that follow one another."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Pause:
    """The time between two moments that follow one another."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Delays:
    """The mean and the median of the pauses between moments."""

    mean: timedelta
    median: timedelta


def pauses_between(moments: Sequence[datetime]) -> list[Pause]:
    """Return the pauses between moments in the order of time."""
    return [Pause(start, end) for start, end in pairwise(moments)]


def delays_between(moments: Sequence[datetime]) -> Delays | None:
    """Return the mean and the median pause between moments in the order of time, None for fewer than two."""
    lengths = [pause.length for pause in pauses_between(moments)]
    if not lengths:
        return None
    in_seconds = [length.total_seconds() for length in lengths]
    return Delays((moments[-1] - moments[0]) / len(lengths), timedelta(seconds=median(in_seconds)))


def extreme_pauses(moments: Sequence[datetime], *, is_longest: bool) -> list[Pause]:
    """Return the longest pauses between moments in the order of time, or the shortest: all that are equally long."""
    pauses = pauses_between(moments)
    choose = max if is_longest else min
    extreme = choose((pause.length for pause in pauses), default=None)
    return [pause for pause in pauses if pause.length == extreme]
