"""Running jobs of the worker, and which of them hang."""

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
    """The running jobs; thread-safe. ``clock`` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._guard = Lock()
        self._running: list[_Job] = []

    @contextmanager
    def running(self, name: str, bound: float) -> Iterator[Callable[[], None]]:
        """Track a job while the context lasts, and yield the heartbeat function that it calls.

        ``bound`` is how many seconds it may go without a heartbeat.
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
        """Return the jobs that hang, each with the time since its last heartbeat."""
        now = self._clock()
        with self._guard:
            late = [(job.name, now - job.alive) for job in self._running if now - job.alive > job.bound]
        return [f"{name}: no progress for {seconds:,.0f} s" for name, seconds in late]
