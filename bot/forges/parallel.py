"""Asking for several repositories of one forge at a time, but never for too many."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def in_parallel(
    answer: Callable[[Asked], Answered], asked: Sequence[Asked], most: int
) -> Generator[Answered, None, None]:
    """Answer everything that is asked, at most ``most`` at a time; yield the answers as they come.

    An error is raised when its answer's turn comes. What has not been begun when
    nobody listens any more is not asked.
    """
    if not asked:
        return
    threads = ThreadPoolExecutor(max_workers=min(most, len(asked)), thread_name_prefix="repository")
    try:
        for future in as_completed([threads.submit(answer, one) for one in asked]):
            yield future.result()
    finally:
        threads.shutdown(cancel_futures=True)
