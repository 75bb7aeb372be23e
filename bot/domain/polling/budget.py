"""Budgets: what polling costs of a forge's limit, and how much slower it has to be to keep to a share of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.polling.schedule import Rhythm
from bot.domain.values import dataclass

DAY = timedelta(days=1)
# Within how many seconds requests are sent that a process reserved of those that all processes share.
USED_WITHIN = 5.0
# A page of a forge's list has so many tags.
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """What one look at one repository costs: a part that is always the same, and one for each hundred tags."""

    fixed: float = 0.0
    a_page: float = 0.0

    def of(self, tags: int) -> float:
        """Return the cost for a repository with so many tags."""
        return self.fixed + self.a_page * -(-max(tags, 1) // _PAGE)


@dataclass(frozen=True, slots=True)
class Price:
    """What each kind of look costs of one of a forge's limits, which is ``limit`` in each ``window`` by default."""

    resource: str
    limit: int
    window: timedelta
    quick: Cost = Cost()
    complete: Cost = Cost()
    full: Cost = Cost()


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as the forge reported it at ``seen_at``: the rest until ``resets_at``, None if it did not say."""

    resource: str
    limit: int
    remaining: int
    window: timedelta
    resets_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """What polling costs of one limit: ``a_day`` at the configured pace, of ``allowed`` that the forge gives.

    ``slower`` is how many times longer the intervals are, so that the share is kept; 1 where they are as configured.
    """

    resource: str
    a_day: float
    allowed: float
    share: float
    slower: float
    reported: Limit | None


def looks_a_day(rhythm: Rhythm) -> tuple[float, float, float]:
    """Count the quick, the complete and the full looks of a day: a deeper one takes the place of a quicker one."""
    full = DAY / rhythm.full_every
    complete = max(0.0, DAY / rhythm.complete_every - full)
    return max(0.0, DAY / rhythm.every - complete - full), complete, full


def cost_a_day(price: Price, repositories: Iterable[tuple[int, Rhythm]]) -> float:
    """Add up what a day costs of repositories, each with its number of tags and its rhythm."""
    total = 0.0
    for tags, rhythm in repositories:
        quick, complete, full = looks_a_day(rhythm)
        total += quick * price.quick.of(tags) + complete * price.complete.of(tags) + full * price.full.of(tags)
    return total


def budget_of(price: Price, a_day: float, share: float, reported: Limit | None) -> Budget:
    """Set a day's cost against the limit: the one that the forge reported, else the usual one."""
    limit, window = (reported.limit, reported.window) if reported else (price.limit, price.window)
    allowed = limit * (DAY / window)
    slower = max(1.0, a_day / (share * allowed)) if allowed else 1.0
    return Budget(price.resource, a_day, allowed, share, slower, reported)
