"""Asking for several repositories of one forge at a time, but never for too many."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def in_parallel(
    answer: Callable[[Asked], Answered], asked: Iterable[Asked], most: int
) -> Generator[Answered, None, None]:
    """Answer everything that is asked, at most ``most`` at a time; yield the answers as they come.

    No more than ``most`` answers are held at any moment, however many are asked for. An
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
    """Do the same, but the first alone: it tells whether anybody answers."""
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
