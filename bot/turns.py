"""Turns: one poll of a forge at a time, and nobody who waits for a turn that does not come."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from bot.domain.errors import BotError
from bot.domain.repositories import Repository
from bot.services.polling import PollOutcome

_log = logging.getLogger(__name__)

# How often it is looked whether somebody still waits for a turn, in seconds.
_LOOK_SECONDS = 0.1


@dataclass
class Turn:
    """Who may poll a forge; ``answered_at`` is when it last answered anybody, on ``time.monotonic``."""

    forge: str
    answered_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def taken(self, given_up: Event | None = None) -> Iterator[bool]:
        """Take the turn for as long as the context lasts, and say whether it could be had.

        Where there is ``given_up`` it is waited for, until that is set.
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
class Check:
    """The report's own poll of one forge, which it waits for no longer than it likes."""

    turn: Turn
    repositories: Sequence[Repository]
    done: Event = field(default_factory=Event)
    given_up: Event = field(default_factory=Event)
    _answered: set[str] = field(default_factory=set)

    def heard(self, outcome: PollOutcome) -> None:
        """Record an answer."""
        if outcome.error is None:
            self._answered.add(outcome.repository)

    def unchecked(self) -> list[str]:
        """Give the keys of the repositories that have not been answered for."""
        answered = self._answered.copy()
        return [each.key for each in self.repositories if each.key not in answered]


def guarded_run(name: str, run: Callable[[], None]) -> None:
    """Run something; whatever goes wrong is logged."""
    try:
        run()
    except BotError as error:
        _log.error("%s: %s", name, error)
    except Exception:  # noqa: BLE001 - logged; one task's fault must not end the worker
        _log.exception("%s: a fault of the bot's own", name)
