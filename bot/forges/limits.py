"""A forge's rate limit: until when it is spent, as the forge tells it, and nothing asked before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.budget import Limit
from bot.forges.answers import read_number, reset_moment, retry_moment
from bot.services.ports import RateLimited

_LONGEST = timedelta(days=1)
# What GitHub asks of those that it gives no moment (docs.github.com, "Rate limits for the REST API").
_UNTOLD = timedelta(minutes=1)


@dataclass
class ToldLimits:
    """What a forge's answers say of its limits, by resource: the last of them counts; threads may share it."""

    window: timedelta
    now: Callable[[], datetime]
    _told: dict[str, Limit] = field(default_factory=dict)

    def take(self, resource: str, limit: str | None, remaining: str | None, reset: str | None) -> None:
        """Take up what the headers of an answer say; nothing where they say nothing."""
        allowed, left = read_number(limit), read_number(remaining)
        if allowed is not None and left is not None:
            resets_at = reset_moment(reset)
            self._told[resource] = Limit(resource, allowed, left, self.window, resets_at, self.now())

    def of(self, resource: str) -> Limit | None:
        """Give a limit, None before the first answer."""
        return self._told.get(resource)

    def all(self) -> list[Limit]:
        """Give every limit that was told."""
        return list(self._told.values())


class SpentLimit:
    """Remembers that a forge's limit is spent, so that its other repositories are not asked for in vain."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._error: RateLimited | None = None
        self._until: datetime | None = None

    def check(self, where: str) -> None:
        """Raise the same RateLimited for another repository while the limit is spent."""
        if self._error is not None and self._until is not None and self._now() < self._until:
            raise RateLimited(where, self._error.what, self._error.hint, retry_at=self._error.retry_at)

    def remember(self, error: RateLimited) -> None:
        """Ask nothing more until the moment of the error, or for a minute where the forge told none."""
        self._error = error
        self._until = error.retry_at or self._now() + _UNTOLD

    def moment(self, retry_after: str | None, reset: str | None) -> datetime | None:
        """Read when to ask again, from two headers; never later than in a day, whatever they say."""
        now = self._now()
        told = retry_moment(retry_after, now) or reset_moment(reset)
        return min(told, now + _LONGEST) if told else None
