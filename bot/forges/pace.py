"""Keeping below a limit of requests a minute: waiting before it is met, not after."""

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from threading import Lock

_MINUTE = 60.0
# Of the requests that all processes share so many are reserved at once, and used within so many seconds.
_AT_ONCE, _USED_WITHIN = 25, 5.0

# Reserves requests of a resource, of the most in a minute: (resource, count, most) to the seconds to wait, 0 for none.
Reserve = Callable[[str, int, int], float]


class Pace:
    """So many requests in any minute, whoever asks; several threads may share it.

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

    def wait(self) -> None:
        """Wait for a turn, and take it."""
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
            self._reserved, self._until = self._at_once, self._clock() + _USED_WITHIN
        self._reserved -= 1


def paced(most: int, resource: str, reserve: Reserve | None) -> Pace:
    """Return the pace of one of a forge's resources, shared with other processes where there is ``reserve``."""
    return Pace(most, reserve=None if reserve is None else partial(reserve, resource))
