"""The status line of long commands: on a terminal only, after a delay, and cleared at the end."""

import os
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from typing import TextIO

import pytest

from bot.cli.progress import progress

WORK = "fetching the tags of local:[red]lib:bug:"
CLEAR_LINE, SHOW_CURSOR = "\x1b[2K", "\x1b[?25h"
# Longer than any test.
NEVER = 3_600.0


class Terminal:
    """A terminal: what a program writes to ``theirs`` is read here."""

    def __init__(self) -> None:
        self._ours, theirs = os.openpty()
        self.theirs: TextIO = os.fdopen(theirs, "w", encoding="utf-8")

    def read_until(self, text: str) -> str:
        """Return everything up to a text; wait for it."""
        shown = ""
        while text not in shown:
            shown += os.read(self._ours, 4096).decode()
        return shown

    def read_all(self) -> str:
        """Close it, and return what was not read yet."""
        self.theirs.close()
        shown = ""
        with suppress(OSError):  # how Linux says that nobody writes any more
            while part := os.read(self._ours, 4096):
                shown += part.decode()
        return shown

    def close(self) -> None:
        self.theirs.close()
        os.close(self._ours)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("TERM", "xterm")
    made = Terminal()
    yield made
    made.close()


def test_a_stream_that_is_not_a_terminal_shows_nothing() -> None:
    stream = StringIO()
    with progress(WORK, stream=stream, delay=0):
        pass
    assert stream.getvalue() == ""


def test_stderr_is_the_stream_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(WORK, delay=0):
        pass
    assert capsys.readouterr() == ("", "")


def test_long_work_is_shown_and_cleared(terminal: Terminal) -> None:
    with progress(WORK, stream=terminal.theirs, delay=0):
        assert WORK in terminal.read_until(WORK)
    cleared = terminal.read_all()
    assert CLEAR_LINE in cleared
    assert SHOW_CURSOR in cleared
    assert WORK not in cleared.rpartition(CLEAR_LINE)[2]


def test_short_work_shows_nothing(terminal: Terminal) -> None:
    with progress(WORK, stream=terminal.theirs, delay=NEVER):
        pass
    assert terminal.read_all() == ""


def test_what_an_error_interrupts_is_cleared_too(terminal: Terminal) -> None:
    def break_off() -> None:
        with progress(WORK, stream=terminal.theirs, delay=0):
            terminal.read_until(WORK)
            raise ValueError("broke")

    with pytest.raises(ValueError, match="broke"):
        break_off()
    assert SHOW_CURSOR in terminal.read_all()
