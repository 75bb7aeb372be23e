"""Ctrl-C: every command ends within two seconds with one line and exit code 130, whatever it waits for."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread, current_thread, main_thread
from time import monotonic
from typing import NoReturn

INTERRUPTED = 130
# How long a command may take to record finished work and to clean up, in seconds.
PATIENCE = 1.5
_LINE = b"interrupted\n"
_SHOW_CURSOR = b"\x1b[?25h"
# How long flushing stdout may take, in seconds.
_FLUSH = 0.2
_ending = Lock()


def watch() -> None:
    """End the process shortly after Ctrl-C if it is still running, and at once after a second Ctrl-C.

    Python handles a signal only between two bytecodes of the main thread, which may hang in a library or
    in the database; the wakeup pipe is written at once. A process that was started to ignore Ctrl-C
    keeps ignoring it.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    signal.signal(signal.SIGINT, _break_off)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    Thread(target=_end_after_signal, args=(reading,), daemon=True).start()


def _break_off(*_: object) -> None:
    """Raise KeyboardInterrupt for the first Ctrl-C only: a second one must not interrupt the end of the process."""
    signal.signal(signal.SIGINT, _nothing)
    raise KeyboardInterrupt


def _nothing(*_: object) -> None:
    """Ignore further Ctrl-C: the process is ending, and the watching thread ends it at once after a second one."""


def unwatch() -> None:
    """Stop watching for Ctrl-C: the command handles it."""
    if current_thread() is main_thread():
        signal.set_wakeup_fd(-1)


def _end_after_signal(reading: int) -> None:
    while signal.SIGINT not in os.read(reading, 64):
        pass
    select.select([reading], [], [], PATIENCE)
    end()


def end() -> NoReturn:
    """Print that the command was interrupted and end the process, without waiting for its threads."""
    if not _ending.acquire(blocking=False):
        Event().wait()  # another thread is ending the process
    if "bot.cli.progress" in sys.modules and sys.stderr.isatty():
        os.write(sys.stderr.fileno(), _SHOW_CURSOR)
    # Behind a question, and behind the ^C that a terminal shows, the line would not be one of its own.
    is_typed = os.isatty(0) and os.isatty(sys.stderr.fileno())
    os.write(sys.stderr.fileno(), b"\n" + _LINE if is_typed else _LINE)
    leave(INTERRUPTED)


def leave(code: int) -> NoReturn:
    """End the process and its children once stdout is flushed, without waiting for its threads."""
    if "bot.forges.git.process" in sys.modules:
        from bot.forges.git.process import kill_all

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
    """Yield an event that Ctrl-C sets instead of raising, so that finished work can be recorded first."""
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


class SignalEvent(Event):
    """An event that a signal's handler may set: the main thread, waiting for it, hears every signal at once.

    Python would handle a signal that arrives just before a wait only after it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._heard, self._told = os.pipe()
        for end in (self._heard, self._told):
            os.set_blocking(end, False)
        if current_thread() is main_thread():
            signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)

    def set(self) -> None:
        """Set it, and wake the main thread."""
        super().set()
        with suppress(OSError):
            os.write(self._told, b"\0")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, for so many seconds at most; return whether it is."""
        if current_thread() is not main_thread():
            return super().wait(timeout)
        ends = None if timeout is None else monotonic() + timeout
        while not self.is_set() and (ends is None or monotonic() < ends):
            readable, _, _ = select.select(
                [self._heard], [], [], None if ends is None else max(0.0, ends - monotonic())
            )
            # The handler of the signal runs before the next look.
            for end in readable:
                os.read(end, 4096)
        return self.is_set()
