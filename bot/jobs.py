"""Jobs: which of the worker's are under way, and which have shown no sign of life for longer than they may."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from time import monotonic


@dataclass
class _Job:
    name: str
    bound: float
    alive: float


class Jobs:
    """The jobs under way; threads share it. ``clock`` tells seconds, and never goes back."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._guard = Lock()
        self._running: list[_Job] = []

    @contextmanager
    def running(self, name: str, bound: float) -> Iterator[Callable[[], None]]:
        """Watch a job for as long as the context lasts, and give what it calls as a sign of life.

        ``bound`` is how many seconds it may go without one.
        """
        job = _Job(name, bound, self._clock())

        def alive() -> None:
            job.alive = self._clock()

        with self._guard:
            self._running.append(job)
        try:
            yield alive
        finally:
            with self._guard:
                self._running.remove(job)

    def overdue(self) -> list[str]:
        """Say which jobs hang, each with for how long."""
        now = self._clock()
        with self._guard:
            late = [(job.name, now - job.alive) for job in self._running if now - job.alive > job.bound]
        return [f"{name}: no sign of life for {seconds:,.0f} s" for name, seconds in late]
