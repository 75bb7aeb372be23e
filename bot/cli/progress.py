"""Progress of long commands: a status line on stderr, only where stderr is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TextIO

# Shorter work shows nothing, in seconds.
_DELAY = 1.0


@contextmanager
def progress(what: str, *, stream: TextIO | None = None, delay: float = _DELAY) -> Iterator[None]:
    """Show ``what`` on a terminal while the block runs, once it has run for ``delay`` seconds.

    The ``stream`` is stderr by default. Nothing is shown if the stream is not a terminal.
    """
    stream = stream or sys.stderr
    if not stream.isatty():
        yield
        return
    from rich.console import Console
    from rich.text import Text

    # In a string, rich would read [...] as a style and :name: as an emoji.
    status = Console(file=stream).status(Text(what))
    timer = Timer(delay, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
