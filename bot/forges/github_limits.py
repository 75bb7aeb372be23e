"""How GitHub says that a limit is spent, and until when."""

from collections.abc import Mapping

from bot.forges.limits import SpentLimit
from bot.services.ports import RateLimited

_FORBIDDEN, _TOO_MANY = 403, 429


def is_limit(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Tell a spent limit, primary or secondary, from what is forbidden."""
    told = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers or "rate limit" in message.lower()
    return status == _TOO_MANY or (status == _FORBIDDEN and told)


def limited(where: str, headers: Mapping[str, str], spent: SpentLimit, hint: str = "") -> RateLimited:
    """Return the error of a spent limit; ``hint`` is what else than waiting can be done."""
    retry_at = spent.moment(headers.get("retry-after"), headers.get("x-ratelimit-reset"))
    when = f" until {retry_at:%H:%M} UTC" if retry_at else ""
    return RateLimited(where, f"GitHub's rate limit is spent{when}", hint, retry_at=retry_at)
