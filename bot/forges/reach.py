"""Whether a forge answers at all: one that does not is left alone, for longer each time, and tried by one question."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from threading import Lock

from bot.services.ports import ForgeUnavailable

# So many questions in a row without an answer are no accident of one repository.
_MOST = 5
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=10)
# Workers that were cut off together do not come back together: waits are this much shorter or longer.
_JITTER = 0.25


class Reach:
    """Remembers how often a forge did not answer; threads may share it.

    ``forge`` is what errors call it. What it answered, a refusal too, is an answer; a broken
    connection, a time-out or an error of the forge's own (5xx) is none.
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
        """Raise ForgeUnavailable while the forge is left alone; after that one question goes, and decides."""
        with self._guard:
            if self._until is None:
                return
            if self._now() < self._until:
                alone = f"{self._forge} has not answered for a while and is left alone until {self._until:%H:%M:%S} UTC"
                # The cause is that of the questions before: so that all repositories that it holds up have one.
                raise ForgeUnavailable(where, *((self._why, alone) if self._why else (alone,)))
            self._until = self._now() + _FIRST

    def answered(self) -> None:
        """Take up that the forge answered."""
        with self._guard:
            self._failures, self._until = 0, None

    def failed(self, why: str = "") -> None:
        """Record that it did not, and ``why``; after several times it is left alone."""
        with self._guard:
            self._failures += 1
            self._why = why
            if self._failures >= _MOST:
                self._until = self._now() + self._wait()

    def _wait(self) -> timedelta:
        doubled: int = 2 ** min(self._failures - _MOST, 10)
        return min(_FIRST * doubled, _LONGEST) * self._drawn.uniform(1 - _JITTER, 1 + _JITTER)
