"""A program in a terminal of its own, which is asked and answered as by a person."""

import fcntl
import os
import re
import select
import struct
import termios
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from tests.programs import Program

_PATIENCE = 60
_STYLES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """``release-bot`` with these arguments, in a folder, with these variables alone."""

    def __init__(self, folder: Path, variables: Mapping[str, str], *arguments: str) -> None:
        self._ours, self._theirs = os.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        env = {"PATH": os.defpath, "HOME": str(folder), "TERM": "dumb", **variables}
        stream = self._theirs
        self.program = Program("bot", arguments, env=env, folder=folder, stdin=stream, stdout=stream, stderr=stream)
        self.shown = ""
        self._read = 0
        self.answers = 0

    def answer(self, question: str, line: str) -> None:
        """Wait until a question with this text stands there, and type a line."""
        self.expect(question)
        self.answers += 1
        os.write(self._ours, f"{line}\n".encode())

    def end_input(self, question: str) -> None:
        """Wait for a question, and press Ctrl-D."""
        self.expect(question)
        os.write(self._ours, b"\x04")

    def interrupt(self, question: str) -> None:
        """Wait for a question, and press Ctrl-C."""
        self.expect(question)
        self.program.send_signal(2)

    def expect(self, text: str) -> None:
        """Read until a text stands there, after what was read before. Raises TimeoutError."""
        deadline = monotonic() + _PATIENCE
        while (at := self.shown.find(text, self._read)) < 0:
            if not select.select([self._ours], [], [], max(0, deadline - monotonic()))[0]:
                raise TimeoutError(f"{text!r} is not in:\n{self.shown}")
            self._take()
        self._read = at + len(text)

    def end(self) -> int:
        """Wait for its end, and return its exit code."""
        deadline = monotonic() + _PATIENCE
        while self.program.poll() is None:
            if monotonic() > deadline:
                raise TimeoutError(self.shown)
            if select.select([self._ours], [], [], 0.05)[0]:
                self._take()
        while select.select([self._ours], [], [], 0)[0]:
            self._take()
        return self.program.wait()

    def _take(self) -> None:
        self.shown += _STYLES.sub("", os.read(self._ours, 65_536).decode().replace("\r\n", "\n"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        os.close(self._ours)
        os.close(self._theirs)
