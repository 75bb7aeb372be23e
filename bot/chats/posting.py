"""Posts in progress, so that a worker that stops can wait for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Posting:
    """A counter of posts in progress; thread-safe."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._count = 0

    @property
    def is_under_way(self) -> bool:
        """Return whether a post is in progress."""
        return self._count > 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a post while the context lasts."""
        with self._guard:
            self._count += 1
        try:
            yield
        finally:
            with self._guard:
                self._count -= 1
