"""A forge's rate limit: until when it is spent, as the forge tells it, and nothing asked before."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.forges.answers import reset_moment, retry_moment
from bot.services.ports import RateLimited

_LONGEST = timedelta(days=1)
# What GitHub asks of those that it gives no moment (docs.github.com, "Rate limits for the REST API").
_UNTOLD = timedelta(minutes=1)


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
