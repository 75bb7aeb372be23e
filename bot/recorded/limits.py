"""Rate limits as forges keep them: so many requests in a window for each caller and resource."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

_HOUR = 3600


@dataclass
class Quota:
    """What one caller has used of one resource in the window that ends at ``reset`` (seconds since the epoch)."""

    resource: str
    limit: int
    reset: int
    used: int = 0

    @property
    def remaining(self) -> int:
        """How many requests are left."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """Tell it as GitHub does on every answer."""
        return {f"x-ratelimit-{name}": str(value) for name, value in self.told().items()} | {
            "x-ratelimit-resource": self.resource
        }

    def told(self) -> dict[str, int]:
        """Tell it as ``/rate_limit`` does."""
        return {"limit": self.limit, "remaining": self.remaining, "reset": self.reset, "used": self.used}


class Quotas:
    """The quotas of all callers: a known token has its own, all others share the anonymous one."""

    def __init__(self, tokens: Collection[str], limit: int, anonymous_limit: int, *, window: int = _HOUR) -> None:
        self._tokens = frozenset(tokens)
        self._limit = limit
        self._anonymous_limit = anonymous_limit
        self._window = window
        self._quotas: dict[tuple[str | None, str], Quota] = {}
        self._guard = threading.Lock()

    def knows(self, token: str | None) -> bool:
        """Whether a token is one of those given."""
        return token in self._tokens

    def of(self, token: str | None, resource: str, now: datetime) -> Quota:
        """Give a caller's quota; a new window begins with the first request after the old one ended."""
        caller = token if self.knows(token) else None
        limit = self._limit if caller else self._anonymous(resource)
        with self._guard:
            quota = self._quotas.get((caller, resource))
            if quota is None or quota.reset <= now.timestamp():
                quota = Quota(resource, limit, int(now.timestamp()) + self._window)
                self._quotas[caller, resource] = quota
            return quota

    def take(self, quota: Quota) -> bool:
        """Spend one request; False when none is left."""
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


def bearer(headers: Mapping[str, str]) -> str | None:
    """Read the token of ``Authorization: Bearer X`` or ``token X``; None without one."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() in {"bearer", "token"} else None
