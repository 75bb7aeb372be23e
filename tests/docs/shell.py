"""A shell in a terminal of its own, as a reader of the docs has it open."""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

COLUMNS, _ROWS = 140, 50
# Commands come by a pipe, each with a NUL at its end; the exit code is printed between two marks.
_SCRIPT = r"""
exec 0<>"$1" 1>&0 2>&0
trap : INT
code=0
while IFS= read -r -d "" command <&"$2"; do
  (exit $code); eval "$command"; code=$?
  printf '\036%d\036' $code
done
"""
_END = re.compile("\x1e(\\d+)\x1e$")
_PROMPT, _QUESTION, _YES, _CTRL_C = b": ", b"[y/N]: ", "y", b"\x03"
_ENTER = "Enter"
# How long a command may take on a machine that has much else to do, in seconds.
_PATIENCE = 120


@dataclass(frozen=True)
class Printed:
    """What a command printed, and its exit code."""

    lines: tuple[str, ...]
    code: int


class Shell:
    """Runs commands one after the other, in a folder to begin with; what they ask is answered with yes, or as told."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._terminal, self._theirs = os.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, COLUMNS, 0, 0))
        commands, self._commands = os.pipe()
        self._process = subprocess.Popen(
            ["bash", "-c", _SCRIPT, "bash", os.ttyname(self._theirs), str(commands)],
            cwd=folder,
            env={**variables, "TERM": "dumb", "COLUMNS": str(COLUMNS), "LINES": str(_ROWS)},
            start_new_session=True,
            pass_fds=[commands],
        )
        os.close(commands)

    def run(self, command: str, until: Sequence[str] = (), answers: Sequence[str] = ()) -> Printed:
        """Run a command to its end, or send it Ctrl-C once it has printed every text of ``until``.

        At its questions the ``answers`` are typed, and then yes.

        Only the lines with these texts are returned then, in their order: threads may print in any. Raises
        TimeoutError with what was printed.
        """
        os.write(self._commands, command.encode() + b"\0")
        left = list(answers)
        printed, is_ended, deadline = b"", False, monotonic() + _PATIENCE
        while not (end := _END.search(text := printed.decode(errors="replace").replace("\r\n", "\n"))):
            if not select.select([self._terminal], [], [], max(0, deadline - monotonic()))[0]:
                raise TimeoutError(f"{command}: has not ended, and printed:\n{text}")
            printed += os.read(self._terminal, 65_536)
            if printed.endswith(_PROMPT if left else _QUESTION):
                answer = left.pop(0) if left else _YES
                os.write(self._terminal, f"{answer}\n".encode() if answer != _ENTER else b"\n")
            if until and not is_ended and all(each.encode() in printed for each in until):
                os.write(self._terminal, _CTRL_C)
                is_ended = True
        # What a carriage return overwrites is not seen any more.
        lines = [line.rpartition("\r")[2].rstrip() for line in text[: end.start()].split("\n")]
        if until:
            lines = [line for each in until for line in lines if each in line]
        return Printed(tuple(lines), int(end[1]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._commands)
        if kind is not None:
            self._process.kill()
        self._process.wait()
        os.close(self._theirs)
        os.close(self._terminal)
