"""Rate limits as forges keep them: so many requests in a window for each caller and resource."""

import threading
import time
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

_HOUR = 3600
_MINUTE = 60


@dataclass
class Quota:
    """What one caller has used of one resource in the window that ends at ``reset`` (seconds since the epoch)."""

    resource: str
    limit: int
    reset: int
    used: int = 0

    @property
    def remaining(self) -> int:
        """Return how many requests are left."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """Return the quota as the headers of every response."""
        return {f"x-ratelimit-{name}": str(value) for name, value in self.values().items()} | {
            "x-ratelimit-resource": self.resource
        }

    def values(self) -> dict[str, int]:
        """Return the quota as ``/rate_limit`` does."""
        return {"limit": self.limit, "remaining": self.remaining, "reset": self.reset, "used": self.used}


class Quotas:
    """The quotas of all callers: a known token has its own, all others share the anonymous one."""

    def __init__(self, tokens: Collection[str], limit: int, anonymous_limit: int, *, window: int = _HOUR) -> None:
        self._tokens = set(tokens)
        self._limit = limit
        self._anonymous_limit = anonymous_limit
        self._window = window
        self._quotas: dict[tuple[str | None, str], Quota] = {}
        self._guard = threading.Lock()

    def knows(self, token: str | None) -> bool:
        """Return whether a token is one of those given."""
        return token in self._tokens

    def admit(self, caller: str) -> str:
        """Add a caller with a quota of its own, as a token has, and return the caller."""
        self._tokens.add(caller)
        return caller

    def of(self, token: str | None, resource: str, now: datetime) -> Quota:
        """Return a caller's quota; a new window begins with the first request after the old one ended."""
        caller = token if self.knows(token) else None
        limit = self._limit if caller else self._anonymous(resource)
        with self._guard:
            quota = self._quotas.get((caller, resource))
            if quota is None or quota.reset <= now.timestamp():
                quota = Quota(resource, limit, int(now.timestamp()) + self._window)
                self._quotas[caller, resource] = quota
            return quota

    def take(self, quota: Quota) -> bool:
        """Take one request off the quota; return False when none is left."""
        with self._guard:
            if not quota.remaining:
                return False
            quota.used += 1
            return True

    def give_back(self, quota: Quota) -> None:
        """Take back a request that cost nothing in the end."""
        with self._guard:
            quota.used -= 1

    def _anonymous(self, resource: str) -> int:
        return 0 if resource == "graphql" else self._anonymous_limit


class SecondaryLimit:
    """So many points in any minute, and so many requests at once, as GitHub has it beside the hour's quota.

    Real time counts, whatever day the recorded forge believes it is. ``met`` counts the refusals.
    """

    def __init__(self, points_a_minute: int, at_once: int) -> None:
        self._points = points_a_minute
        self._at_once = at_once
        self._taken: deque[float] = deque()
        self._under_way = 0
        self._guard = threading.Lock()
        self.met = 0

    def enter(self) -> bool:
        """Begin a request of one point; False where it is refused. Every request is to be left again."""
        with self._guard:
            now = time.monotonic()
            while self._taken and now - self._taken[0] >= _MINUTE:
                self._taken.popleft()
            self._taken.append(now)
            self._under_way += 1
            is_fine = len(self._taken) <= self._points and self._under_way <= self._at_once
            self.met += not is_fine
            return is_fine

    def leave(self) -> None:
        """End a request."""
        with self._guard:
            self._under_way -= 1


def bearer(headers: Mapping[str, str]) -> str | None:
    """Read the token of ``Authorization: Bearer X`` or ``token X``; None without one."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() in {"bearer", "token"} else None
