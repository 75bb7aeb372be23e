"""Several requests to one forge at a time, but never too many, each with a client of its own."""

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Semaphore
from typing import Generic, Protocol, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def in_parallel(
    answer: Callable[[Asked], Answered], asked: Iterable[Asked], most: int
) -> Generator[Answered, None, None]:
    """Yield the answers to all requests as they come, with at most ``most`` requests at a time.

    No more than ``most`` answers are held at any moment, however many are requested. An
    error is raised when its answer's turn comes. What has not been begun when nobody
    listens any more is not asked.
    """
    under_way: set[Future[Answered]] = set()
    with ThreadPoolExecutor(max_workers=most, thread_name_prefix="repository") as threads:
        for one in asked:
            under_way.add(threads.submit(answer, one))
            if len(under_way) >= most:
                yield from _next(under_way)
        while under_way:
            yield from _next(under_way)


def first_then_parallel(
    answer: Callable[[Asked], Answered], asked: Iterable[Asked], most: int
) -> Generator[Answered, None, None]:
    """Yield the answers likewise, but ask the first alone, to see whether the server responds."""
    waiting = iter(asked)
    for first in islice(waiting, 1):
        yield answer(first)
    yield from in_parallel(answer, waiting, most)


def _next(under_way: set[Future[Answered]]) -> Generator[Answered, None, None]:
    """Wait for an answer, and take those that are there out of what is under way."""
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    under_way -= done
    while done:
        yield done.pop().result()


class Closable(Protocol):
    """What holds connections."""

    def close(self) -> None:
        """Close them."""
        ...


Client = TypeVar("Client", bound=Closable)


class ClientPool(Generic[Client]):
    """A pool of clients, one thread each: as many as are needed at one time, ``most`` of them, used again and again."""

    def __init__(self, make: Callable[[], Client], most: int) -> None:
        self._make = make
        self._places = Semaphore(most)
        self._free: SimpleQueue[Client] = SimpleQueue()

    @contextmanager
    def acquire(self) -> Iterator[Client]:
        """Yield a client for one thread, for as long as the context lasts; wait where all are taken.

        A thread that has one must not wait for another.
        """
        with self._places:
            try:
                client = self._free.get_nowait()
            except Empty:
                client = self._make()
            try:
                yield client
            finally:
                self._free.put(client)

    def close(self) -> None:
        """Close the clients that no thread has."""
        while not self._free.empty():
            self._free.get().close()
