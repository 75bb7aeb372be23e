"""Clients lent to one thread at a time: each counts and remembers what belongs to one question."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What holds connections."""

    def close(self) -> None:
        """Give them back."""
        ...


Client = TypeVar("Client", bound=Closable)


class Lender(Generic[Client]):
    """Makes as many clients as are needed at one time, and lends each again and again."""

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make
        self._free: SimpleQueue[Client] = SimpleQueue()

    @contextmanager
    def lend(self) -> Iterator[Client]:
        """Lend a client to one thread."""
        try:
            client = self._free.get_nowait()
        except Empty:
            client = self._make()
        try:
            yield client
        finally:
            self._free.put(client)

    def close(self) -> None:
        """Give back the connections of all clients that are not lent."""
        while not self._free.empty():
            self._free.get().close()
