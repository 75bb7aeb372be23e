"""Keeping below a limit of requests a minute: waiting before it is met, not after."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

_MINUTE = 60.0


class Pace:
    """So many requests in any minute, whoever asks; several threads may share it.

    ``clock`` gives seconds that only grow, ``sleep`` waits for some. A sliding window
    stays below a limit of any form: of fixed minutes, or of a bucket that is filled.
    """

    def __init__(
        self, most: int, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._most = most
        self._clock = clock
        self._sleep = sleep
        self._turns: deque[float] = deque()
        self._guard = Lock()

    def wait(self) -> None:
        """Wait for a turn, and take it."""
        with self._guard:
            now = self._clock()
            turn = now
            if len(self._turns) >= self._most:
                turn = max(now, self._turns.popleft() + _MINUTE)
            self._turns.append(turn)
        if turn > now:
            self._sleep(turn - now)
