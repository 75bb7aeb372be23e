"""Ctrl-C: every command ends within two seconds, with one line and exit code 130, whatever it waits for."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread, current_thread, main_thread
from typing import NoReturn

INTERRUPTED = 130
# How long a command may take to record what is finished and to tidy up, in seconds.
PATIENCE = 1.5
_LINE = b"error: interrupted\n"
# How long the reader of the results may take to take the last of them, in seconds.
_FLUSH = 0.2
_ending = Lock()


def watch() -> None:
    """End the process a little after Ctrl-C, if it has not ended by then; at once after a second one.

    Python heeds a signal between two steps of the main thread, which may hang in a library or
    in the database; what the signal writes into this pipe is there at once. A process that was
    started to ignore Ctrl-C goes on ignoring it.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    signal.signal(signal.SIGINT, _break_off)
    told, tells = os.pipe()
    os.set_blocking(tells, False)
    signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
    Thread(target=_see_to_it, args=(told,), daemon=True).start()


def _break_off(*_: object) -> None:
    """Raise KeyboardInterrupt for the first Ctrl-C alone: a second must not break off what ends the process."""
    signal.signal(signal.SIGINT, _nothing)
    raise KeyboardInterrupt


def _nothing(*_: object) -> None:
    """Heed no further Ctrl-C: the process is ending, and what watches over it ends it at once after a second one."""


def unwatch() -> None:
    """Leave it to the command what Ctrl-C does."""
    if current_thread() is main_thread():
        signal.set_wakeup_fd(-1)


def _see_to_it(told: int) -> None:
    while signal.SIGINT not in os.read(told, 64):
        pass
    select.select([told], [], [], PATIENCE)
    end()


def end() -> NoReturn:
    """Say that the command was interrupted and end the process, without waiting for its threads."""
    if not _ending.acquire(blocking=False):
        Event().wait()  # another thread is ending the process
    os.write(sys.stderr.fileno(), _LINE)
    leave(INTERRUPTED)


def leave(code: int) -> NoReturn:
    """End the process with all its children and without waiting for its threads, once the results are written."""
    if "bot.forges.git_process" in sys.modules:
        from bot.forges.git_process import kill_all

        kill_all()
    flushing = Thread(target=_flush, daemon=True)
    flushing.start()
    flushing.join(_FLUSH)
    os._exit(code)


def _flush() -> None:
    with suppress(OSError, ValueError):
        sys.stdout.flush()


@contextmanager
def heeded() -> Iterator[Event]:
    """Give what Ctrl-C sets in place of breaking off: what is under way can be recorded first."""
    stop = Event()
    before = signal.getsignal(signal.SIGINT)
    if before not in (signal.default_int_handler, _break_off) or current_thread() is not main_thread():
        yield stop
        return
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
