"""When a delivery is tried, and tried again: plain rules on how long to wait."""

from datetime import timedelta
from hashlib import sha256

# An attempt whose connection ended without an answer: so long until what the chat took shows in its history.
GRACE = timedelta(minutes=1)
# An attempt of which nothing is heard at all: its worker may be gone, or waiting still. Nothing that was
# begun so long ago can arrive any more: looking up the chat's address (30 s), connecting to each of its
# addresses, and sending the message take 15 s each at most, and the chat takes what it has in seconds.
LEASE = timedelta(minutes=5)
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)
_JITTER = 0.25


def pause(key: str, attempts: int) -> timedelta:
    """Give how long to wait after so many attempts that did not arrive: twice as long each time, up to an hour.

    Each delivery's ``key`` varies that by up to a quarter, so that many do not come back at once.
    """
    doubled = min(_FIRST * 2.0 ** min(max(attempts - 1, 0), 16), _LONGEST)
    drawn = int.from_bytes(sha256(f"{key} {attempts}".encode()).digest()[:4], "big") / 2**32
    return doubled * (1 + _JITTER * (2 * drawn - 1))
