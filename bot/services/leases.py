"""Leases: who of several workers may do something now, such as asking a forge with a token, in the database.

A lease is taken and renewed in short transactions of its own, by the database's clock. Whoever holds one gives it
back at the end; that of a holder that dies expires.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import field
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from bot.domain.polling.look import ForgeAccount
from bot.domain.values import dataclass
from bot.store.errors import StoreError

if TYPE_CHECKING:
    from bot.store.leases import Lease, LeaseStore
    from bot.store.looks import LookStore

_log = logging.getLogger(__name__)

# How long a lease is, and how often it is renewed while it is held, and tried while it is another's, in seconds.
LENGTH = timedelta(seconds=20)
_RENEW_SECONDS, _TRY_SECONDS, _LOOK_SECONDS = 4.0, 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds leases: an id of its own, and words for people that say who it is."""

    id: str
    who: str


@dataclass
class Held:
    """A lease that was asked for; ``by`` says in words who has it instead, None where it is ours.

    ``over`` is set when it was lost, or the work is to stop.
    """

    by: str | None = None
    over: Event = field(default_factory=Event)


class Leases:
    """The leases of one process; several of its threads may hold the same one. ``renew`` is in seconds."""

    def __init__(self, leases: "LeaseStore", holder: Holder, *, renew: float = _RENEW_SECONDS) -> None:
        self._leases = leases
        self._holder = holder
        self._renew_seconds = renew
        self._guard = Lock()
        self._counts: dict[str, int] = {}

    @contextmanager
    def held(
        self, name: str, stop: Event, seconds: float = 0.0, waiting: Callable[["Lease"], bool] = lambda _: True
    ) -> Iterator[Held]:
        """Hold a lease for as long as the context lasts; wait so many seconds for one that another holds.

        ``waiting`` is reported at each try who holds it, and returns whether to go on waiting. Raises StoreError.
        """
        taken = self._wait(name, stop, seconds, waiting)
        if not taken.is_mine:
            yield Held(by=taken.who)
            return
        held, done = Held(), Event()
        renewing = Thread(target=self._renew, args=(name, held, stop, done), name=f"lease {name}", daemon=True)
        renewing.start()
        try:
            yield held
        finally:
            done.set()
            renewing.join()
            self._give_back(name)

    def wait_for_looks(
        self,
        looks: "LookStore",
        of: ForgeAccount,
        over: Event,
        seconds: float,
        waiting: Callable[["Lease"], bool] = lambda _: True,
    ) -> str | None:
        """Wait so many seconds until nobody looks at repositories of a forge; return in words who still does.

        While the lease of the account is held, nobody begins to. ``waiting`` is as in ``held``.
        """
        ends = time.monotonic() + seconds
        while (other := looks.in_flight(of, LENGTH)) is not None:
            if time.monotonic() >= ends or not waiting(other) or over.wait(_TRY_SECONDS):
                return other.who
        return None

    def _wait(self, name: str, stop: Event, seconds: float, waiting: Callable[["Lease"], bool]) -> "Lease":
        ends = time.monotonic() + seconds
        while True:
            taken = self._take(name)
            if taken.is_mine or time.monotonic() >= ends or not waiting(taken):
                return taken
            if stop.wait(_TRY_SECONDS):
                return taken

    def _take(self, name: str) -> "Lease":
        with self._guard:
            taken = self._leases.take(name, self._holder.id, self._holder.who, LENGTH)
            if taken.is_mine:
                self._counts[name] = self._counts.get(name, 0) + 1
            return taken

    def _give_back(self, name: str) -> None:
        with self._guard:
            self._counts[name] -= 1
            if self._counts[name] == 0:
                # What cannot be given back ends on its own.
                with suppress(StoreError):
                    self._leases.release(name, self._holder.id)

    def _renew(self, name: str, held: Held, stop: Event, done: Event) -> None:
        renewed = time.monotonic()
        while not done.wait(min(_LOOK_SECONDS, self._renew_seconds)):
            if stop.is_set():
                held.over.set()
            if time.monotonic() - renewed < self._renew_seconds:
                continue
            # Whoever slept for longer has lost it, whether or not another has taken it.
            is_over = time.monotonic() - renewed > LENGTH.total_seconds()
            is_mine = None if is_over else self._is_renewed(name)
            if is_mine:
                renewed = time.monotonic()
            elif is_mine is False or time.monotonic() - renewed > LENGTH.total_seconds():
                _log.warning("lost the lease %s", name)
                held.over.set()
                return

    def _is_renewed(self, name: str) -> bool | None:
        """Renew a lease; return whether it is still ours, None where the database does not answer."""
        try:
            return self._leases.take(name, self._holder.id, self._holder.who, LENGTH).is_mine
        except StoreError as error:
            _log.warning("cannot renew the lease %s: %s", name, error)
            return None
