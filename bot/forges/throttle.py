"""What keeps the bot from asking a forge too much: its rate limits, a rate limiter, and a circuit breaker."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from threading import Lock

from bot.domain.polling.budget import USED_WITHIN, Limit
from bot.forges.payload import read_number, reset_moment, retry_moment
from bot.forges.site import Reserve
from bot.services.ports import ForgeUnavailable, RateLimited

# The longest that a server's word is taken for how long to wait.
_LONGEST_PAUSE = timedelta(days=1)
# What GitHub asks of those that it gives no moment (docs.github.com, "Rate limits for the REST API").
_USUAL_PAUSE = timedelta(minutes=1)
_MINUTE = 60.0
# Of the requests that all processes share so many are reserved at once.
_AT_ONCE = 25
# Consecutive failures that open the circuit.
_MOST_FAILURES = 5
_FIRST_BREAK, _LONGEST_BREAK = timedelta(seconds=30), timedelta(minutes=10)
# Workers that were cut off together do not come back together: waits are this much shorter or longer.
_JITTER = 0.25


@dataclass
class ReportedRateLimits:
    """The rate limits that a forge's answers report, by resource: the last answer counts; threads may share it."""

    window: timedelta
    now: Callable[[], datetime]
    _reported: dict[str, Limit] = field(default_factory=dict)

    def record(self, resource: str, limit: str | None, remaining: str | None, reset: str | None) -> None:
        """Record what the headers of an answer say; nothing where they say nothing."""
        allowed, left = read_number(limit), read_number(remaining)
        if allowed is not None and left is not None:
            resets_at = reset_moment(reset)
            self._reported[resource] = Limit(resource, allowed, left, self.window, resets_at, self.now())

    def of(self, resource: str) -> Limit | None:
        """Return a limit, None before the first answer."""
        return self._reported.get(resource)

    def all(self) -> list[Limit]:
        """Return every limit that was reported."""
        return list(self._reported.values())


class RateLimitPause:
    """The pause after a rate limit was exceeded, so that the forge's other repositories are not asked for in vain."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._error: RateLimited | None = None
        self._until: datetime | None = None

    def check(self, where: str) -> None:
        """Raise the same RateLimited for another repository while the pause lasts."""
        if self._error is not None and self._until is not None and self._now() < self._until:
            raise RateLimited(where, self._error.what, self._error.hint, retry_at=self._error.retry_at)

    def start(self, error: RateLimited) -> None:
        """Start a pause until the moment of the error, or for a minute where the forge gave none."""
        self._error = error
        self._until = error.retry_at or self._now() + _USUAL_PAUSE

    def end_of(self, retry_after: str | None, reset: str | None) -> datetime | None:
        """Return when a pause ends, from two headers; never later than in a day, whatever they say."""
        now = self._now()
        end = retry_moment(retry_after, now) or reset_moment(reset)
        return min(end, now + _LONGEST_PAUSE) if end else None


class RateLimiter:
    """So many requests in any minute; several threads may share it.

    ``reserve`` takes turns of those that all processes with the same token have together. ``clock`` gives seconds that
    only grow, ``sleep`` waits for some. A sliding window stays below a limit of any form: of fixed minutes, or of a
    bucket that is filled.
    """

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        reserve: Callable[[int, int], float] | None = None,
    ) -> None:
        self._most = most
        self._clock = clock
        self._sleep = sleep
        self._turns: deque[float] = deque()
        self._guard = Lock()
        self._reserve = reserve
        # Never so many at once that other processes have to wait long.
        self._at_once = max(1, min(_AT_ONCE, most // 20))
        self._reserved = 0
        self._until = 0.0

    def acquire(self) -> None:
        """Wait until one more request may be sent."""
        with self._guard:
            self._wait_for_others()
            now = self._clock()
            turn = now
            if len(self._turns) >= self._most:
                turn = max(now, self._turns.popleft() + _MINUTE)
            self._turns.append(turn)
        if turn > now:
            self._sleep(turn - now)

    def _wait_for_others(self) -> None:
        if self._reserve is None:
            return
        if self._reserved == 0 or self._clock() > self._until:
            while (pause := self._reserve(self._at_once, self._most)) > 0:
                self._sleep(pause)
            self._reserved, self._until = self._at_once, self._clock() + USED_WITHIN
        self._reserved -= 1


def make_rate_limiter(most: int, resource: str, reserve: Reserve | None) -> RateLimiter:
    """Return the rate limiter of one of a forge's resources, shared with other processes where there is ``reserve``."""
    return RateLimiter(most, reserve=None if reserve is None else partial(reserve, resource))


class CircuitBreaker:
    """Stops requests to a forge after five consecutive failures, for 30 seconds to 10 minutes, then lets one try.

    ``forge`` is what errors call it. Whatever it answers, a refusal too, is a success; a broken
    connection, a time-out or an error of the forge's own (5xx) is a failure. Threads may share it.
    """

    def __init__(self, forge: str, now: Callable[[], datetime], drawn: Random | None = None) -> None:
        self._forge = forge
        self._now = now
        self._drawn = drawn or Random()  # noqa: S311 - spreads waits, guards nothing
        self._guard = Lock()
        self._failures = 0
        self._why = ""
        self._until: datetime | None = None

    def check(self, where: str) -> None:
        """Raise ForgeUnavailable while the circuit is open; after that one request goes, and decides."""
        with self._guard:
            if self._until is None:
                return
            if self._now() < self._until:
                next_try = f"next try at {self._until:%H:%M:%S} UTC"
                # All repositories that are held up share the cause of the requests before.
                raise ForgeUnavailable(where, self._why or f"{self._forge} is not responding", next_try)
            self._until = self._now() + _FIRST_BREAK

    def record_success(self) -> None:
        """Record that the forge answered."""
        with self._guard:
            self._failures, self._until = 0, None

    def record_failure(self, why: str = "") -> None:
        """Record that it did not, and ``why``; several times in a row open the circuit."""
        with self._guard:
            self._failures += 1
            self._why = why
            if self._failures >= _MOST_FAILURES:
                self._until = self._now() + self._wait()

    def _wait(self) -> timedelta:
        doubled: int = 2 ** min(self._failures - _MOST_FAILURES, 10)
        return min(_FIRST_BREAK * doubled, _LONGEST_BREAK) * self._drawn.uniform(1 - _JITTER, 1 + _JITTER)
