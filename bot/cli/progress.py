"""Progress of long commands: a status line on stderr, only where stderr is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

# Shorter work shows nothing, in seconds.
_DELAY = 1.0


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show ``what`` on stderr while the block runs, from its second second on; nothing if stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    status = Console(stderr=True).status(what)
    timer = Timer(_DELAY, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
