"""How long to wait before something that failed is tried again, and whether the wait is over."""

from datetime import datetime, timedelta
from hashlib import sha256

# The longest that anything waits. A moment further ahead was written by a clock that was wrong, and is ignored.
LONGEST = timedelta(minutes=75)
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)
_JITTER = 0.25


def pause(key: str, attempts: int) -> timedelta:
    """Return how long to wait after so many attempts that failed: twice as long each time, up to an hour.

    Each ``key`` varies that by up to a quarter, so that many do not come back at once.
    """
    doubled = min(_FIRST * 2.0 ** min(max(attempts - 1, 0), 16), _LONGEST)
    drawn = int.from_bytes(sha256(f"{key} {attempts}".encode()).digest()[:4], "big") / 2**32
    return doubled * (1 + _JITTER * (2 * drawn - 1))


def is_time(due: datetime | None, now: datetime) -> bool:
    """Return whether to go on with what is due at a moment; one too far ahead was written by a wrong clock."""
    return due is None or now >= due or due - now > LONGEST
