"""Turns: one poll of a forge at a time, with bounded waiting."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from bot.domain.errors import BotError
from bot.domain.repositories import Repository
from bot.services.poll import PollOutcome

_log = logging.getLogger(__name__)

# How often a waiting poll checks whether it was given up, in seconds.
_LOOK_SECONDS = 0.1


@dataclass
class Turn:
    """The right to poll a forge; ``answered_at`` is when the forge last answered, by ``time.monotonic``."""

    forge: str
    answered_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def taken(self, given_up: Event | None = None) -> Iterator[bool]:
        """Hold the turn while the context lasts, and yield whether it was acquired.

        With ``given_up``, wait for the turn until that event is set.
        """
        is_mine = self._lock.acquire(blocking=False)
        while not is_mine and given_up is not None and not given_up.is_set():
            is_mine = self._lock.acquire(timeout=_LOOK_SECONDS)
        try:
            yield is_mine
        finally:
            if is_mine:
                self._lock.release()


@dataclass
class ReportPoll:
    """The poll of one forge for the digests, which may be given up."""

    turn: Turn
    repositories: Sequence[Repository]
    done: Event = field(default_factory=Event)
    given_up: Event = field(default_factory=Event)
    _answered: set[str] = field(default_factory=set)

    def heard(self, outcome: PollOutcome) -> None:
        """Record the outcome of a repository's poll."""
        if outcome.error is None:
            self._answered.add(outcome.repository)

    def unchecked(self) -> list[str]:
        """Return the keys of the repositories without a successful poll."""
        answered = self._answered.copy()
        return [each.key for each in self.repositories if each.source not in answered]


def guarded_run(name: str, run: Callable[[], None]) -> None:
    """Run a function, and log every error."""
    try:
        run()
    except BotError as error:
        _log.error("%s: %s", name, error)
    except Exception:  # noqa: BLE001 - logged; one task's error must not end the worker
        _log.exception("%s: internal error", name)
