"""Webhooks: what one says, and when the repository that it names is due for a look."""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.polling.budget import Limit
from bot.domain.values import dataclass

# A repository is looked at for webhooks at most once in this time.
SPACING = timedelta(seconds=30)
# For so long after its last webhook a repository is polled less often.
RECENT = timedelta(days=7)
# The longest that a look waits for the forge's limit to be reset; a later moment was written by a wrong clock.
LONGEST_WAIT = timedelta(hours=1)
# With webhooks the interval of polls is so many times as long, but no longer than that of complete looks without them.
# Complete looks come once a day then: they cost a request for each repository, quick ones one for many.
_LONGER = 6
_COMPLETE_EVERY = timedelta(days=1)


class HookKind(StrEnum):
    """What a webhook is about: a test of the connection, tags or releases, or something else."""

    PING = "ping"
    TAGS = "tags"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HookEvent:
    """A webhook: what it is about, and its repository by path and by the forge's own id; both may be empty."""

    kind: HookKind
    path: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class HookMark:
    """What is kept of a repository's webhooks: the look that is due, and when the last look for one began."""

    due_at: datetime | None = None
    looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HookArrivals:
    """When a forge's last webhook arrived, None for never, and how many repositories had one recently."""

    last_at: datetime | None = None
    repositories: int = 0


def due_after_hook(held: HookMark, now: datetime, not_before: datetime | None = None) -> datetime:
    """Return when a look is due once a webhook arrived ``now``: a look that began before may have missed its news.

    Looks begin ``SPACING`` apart, and not before the forge's limit allows another. One that is due already comes no
    later for that: what had to wait after a failure comes sooner.
    """
    begun = held.looked_at if held.looked_at is not None and held.looked_at <= now else None
    due = now if begun is None else max(now, begun + SPACING)
    if not_before is not None:
        due = max(due, min(not_before, now + LONGEST_WAIT))
    if held.due_at is not None and (begun is None or held.due_at > begun):
        return min(due, held.due_at)
    return due


def waits_until(limits: list[Limit], share: float, now: datetime) -> datetime | None:
    """Return when the limits are reset of which polling has used its share already; None where a look is possible."""
    spent = [
        each.resets_at
        for each in limits
        if each.resets_at is not None and each.resets_at > now and each.remaining < each.limit * (1 - share)
    ]
    return max(spent, default=None)


def interval_with_hooks(every: timedelta, complete_every: timedelta) -> timedelta:
    """Return how often a repository is polled whose webhooks arrive."""
    return max(every, min(every * _LONGER, complete_every))


def complete_with_hooks(complete_every: timedelta) -> timedelta:
    """Return how often every tag of such a repository is checked, beside the complete looks that webhooks ask for."""
    return max(complete_every, _COMPLETE_EVERY)
