"""Looks: when each repository is due next, as it is stored, and what is ahead for a forge."""

from datetime import UTC, datetime, timedelta

from bot.domain.clocks import is_future
from bot.domain.values import dataclass

# Earlier than every poll: due at once.
AT_ONCE = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class ForgeAccount:
    """A forge as it is asked with one token: all that use the token share its limits."""

    forge: str
    account: str


@dataclass(frozen=True, slots=True)
class Look:
    """When a repository is due, and the last try that this was made of; None for one that was never tried."""

    next_at: datetime
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class LooksAhead:
    """What is stored for a forge and a token: the earliest look, and the latest try of all.

    ``basis`` names what the looks were made of, and is empty where none were made. ``interval_percent`` is how
    long intervals are within the budget, compared with those configured, as was found ``budget_age`` ago.
    """

    next_at: datetime | None
    tried_at: datetime | None
    basis: str = ""
    interval_percent: int = 100
    budget_age: timedelta = timedelta(0)

    def is_due(self, now: datetime) -> bool:
        """Return whether a repository may be due: a try in the future was written by a clock that was wrong."""
        is_late = self.next_at is not None and self.next_at <= now
        return is_late or (self.tried_at is not None and is_future(self.tried_at, now))
