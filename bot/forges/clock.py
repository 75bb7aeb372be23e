"""A forge's own clock, as its answers tell it in their ``Date`` header (RFC 9110, 6.6.1)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.clocks import FARTHEST
from bot.forges.payload import read_http_date

# An answer takes its time on the way, and tells whole seconds: clocks that are nearer than that agree.
_ON_THE_WAY = timedelta(minutes=1)


@dataclass
class ForgeClock:
    """How far a forge's clock is ahead of ours, by its last answer; zero before the first. Threads may share it."""

    now: Callable[[], datetime]
    offset: timedelta = field(default=timedelta(0), init=False)

    def record(self, date: str | None) -> None:
        """Record the ``Date`` of an answer that has just come; nothing where it is none."""
        date_of_forge = read_http_date(date)
        if date_of_forge is not None:
            ahead = date_of_forge - self.now()
            self.offset = ahead if _ON_THE_WAY <= abs(ahead) <= FARTHEST else timedelta(0)
