"""The completion scripts, in the real shells."""

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from bot.cli.completion.command import SHELLS, script

_PATIENCE = 60
_ROOT = Path(__file__).parents[2]
_CONFIG = (
    '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
    '[[digests]]\nname = "weekly report"\nchannel = "#c"\nschedule = "0 9 * * mon"\n'
    '[[certifications]]\nrepository = "DIRAC"\nseries = "v7r2"\n'
)
_START = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
}
_LOAD = {"bash": ". ./script", "zsh": "autoload -U compinit; compinit -u -D; . ./script"}
# Typed up to Tab; what the program is then called with.
_LINES = {
    "release-bot poll github:DIRACGrid/D": ["poll", "github:DIRACGrid/DIRAC"],
    "release-bot count --series=v7": ["count", "--series=v7r2"],
    "release-bot digest week": ["digest", "weekly report"],
    "release-bot count --config bot.t": ["count", "--config", "bot.toml"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration, and a program that answers completion, and else shows its arguments."""
    (tmp_path / "bot.toml").write_text(_CONFIG)
    program = tmp_path / "bin" / "release-bot"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = completion ]; then PYTHONPATH={shlex.quote(str(_ROOT))} '
        f'exec {shlex.quote(sys.executable)} -m bot "$@"; fi\nprintf "<%s>" "$@"; echo "<end>"\n'
    )
    program.chmod(0o755)
    return tmp_path


def variables(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}:{os.defpath}"
    return {"PATH": path, "HOME": str(folder), "TERM": "dumb", "PS1": "$ ", "LC_ALL": "C.UTF-8"}


def require(shell: str) -> None:
    if shutil.which(shell, path=os.defpath) is None:
        pytest.skip(f"{shell} is not installed")


class Shell:
    """An interactive shell in a terminal of its own, with the completion loaded."""

    def __init__(self, shell: str, folder: Path) -> None:
        (folder / "script").write_text(script(shell))
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            _START[shell],
            cwd=folder,
            env=variables(folder),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""
        self._type(f"{_LOAD[shell]}; echo lo''aded\n")
        self.read_to("loaded\r\n")

    def _type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def complete(self, line: str) -> str:
        """Type a line, press Tab and Enter, and return the arguments that the program is called with."""
        self._type(f"{line}\t\n")
        return self.read_to("<end>").partition("<end>")[0].rpartition("\n")[2]

    def read_to(self, text: str) -> str:
        """Read until a text stands there, and return all that came. Raises TimeoutError."""
        read, deadline = "", monotonic() + _PATIENCE
        while text not in read:
            if not select.select([self._ours], [], [], max(0, deadline - monotonic()))[0]:
                raise TimeoutError(f"{text!r} is not in:\n{read}")
            read += os.read(self._ours, 65_536).decode()
        self.shown += read
        return read

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            os.close(self._ours)


@pytest.fixture(params=sorted(_START))
def shell(request: pytest.FixtureRequest, folder: Path) -> Iterator[Shell]:
    require(request.param)
    started = Shell(request.param, folder)
    yield started
    started.close()


@pytest.mark.long
def test_tab_completes_the_word_as_the_program_then_reads_it(shell: Shell, folder: Path) -> None:
    for line, arguments in _LINES.items():
        assert shell.complete(line) == "".join(f"<{each}>" for each in arguments)
    (folder / "bot.toml").unlink()
    assert shell.complete("release-bot poll github:") == "<poll><github:>"
    assert "rror" not in shell.shown


@pytest.mark.long
def test_fish_completes_the_word_as_the_program_then_reads_it(folder: Path) -> None:
    require("fish")
    (folder / "script").write_text(script("fish"))
    asked = "; ".join(f"complete -C {shlex.quote(line)}" for line in _LINES)
    command = ["fish", "--no-config", "-c", f"source script; {asked}"]
    said = subprocess.run(command, cwd=folder, env=variables(folder), capture_output=True, text=True, check=True)
    assert said.stderr == ""
    completed = [line.partition("\t")[0] for line in said.stdout.splitlines()]
    assert completed == [arguments[-1] for arguments in _LINES.values()]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_has_no_errors_in_its_syntax(shell: str, folder: Path) -> None:
    require(shell)
    (folder / "script").write_text(script(shell))
    said = subprocess.run([shell, "-n", "script"], cwd=folder, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
