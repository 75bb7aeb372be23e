"""Running the git command: bounded in time and size, never asking, with nothing of the user's but what is named."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

# What git, curl and ssh need of the surroundings to find programs, keys, proxies and certificates.
# HOME is not among them: curl would read passwords from its .netrc, and git its configuration.
_KEPT = frozenset({
    "ALL_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "PATH",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
})  # fmt: skip
_LARGEST = 100_000_000
_BLOCK = 512
# Seconds between two looks at how large a command's folder has grown.
_LOOK_EVERY = 0.5
_MOST_TROUBLE = 65_536
# GIT_CONFIG_GLOBAL is of 2.32; an older git would read the user's configuration.
_OLDEST = (2, 32)
# No file grows beyond the limit, whoever of the children writes it; no child leaves a core behind.
_BOUNDED = 'ulimit -c 0; ulimit -f "$0"; exec "$@"'


# The commands that run now, each with its children a group of its own, which outlives the bot unless it is killed.
_running: set[int] = set()


class GitMissing(Exception):
    """There is no git that can be used; the text says what was found."""


class TimedOut(Exception):
    """A command did not end in time; it has been killed with all its children."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended; ``trouble`` is what it said on stderr, in English."""

    status: int
    output: bytes
    trouble: str

    @property
    def is_too_large(self) -> bool:
        """Whether it was stopped, or a program that it ran, because it wrote more than it may."""
        return self.status == -signal.SIGXFSZ or f"died of signal {signal.SIGXFSZ:d}" in self.trouble


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a server, which git calls ``forge``; ``settings`` are git's, secrets among them.

    With ``is_traced`` every line of git's own protocol comes on stderr too, marked ``packet:``, and what is said over
    HTTP, without what was sent to be let in.
    """

    url: str
    settings: Mapping[str, str] = field(repr=False)
    is_traced: bool = False

    def variables(self) -> dict[str, str]:
        """Give it as git takes it from the environment (git-config, GIT_CONFIG_COUNT): no list of processes shows it.

        No other protocol than its own may be spoken, whatever a server says.
        """
        config = {"remote.forge.url": self.url, **self.settings}
        variables = {"GIT_ALLOW_PROTOCOL": urlsplit(self.url).scheme, "GIT_CONFIG_COUNT": str(len(config))}
        variables |= {"GIT_TRACE_PACKET": "1", "GIT_TRACE_CURL": "1"} if self.is_traced else {}
        for number, (key, value) in enumerate(config.items()):
            variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return variables


class Git:
    """The git command of this machine. ``variables`` is the environment that the bot was started in."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = {name: value for name, value in variables.items() if name in _KEPT}
        # All else here trusts what OpenSSL does, which passes over a file that is not there; git's curl does not look.
        authorities = Path(variables.get("SSL_CERT_FILE", ""))
        if authorities.is_file():
            self._variables.setdefault("GIT_SSL_CAINFO", str(authorities.absolute()))
        self._program = ""

    def find(self, folder: Path) -> None:
        """Look for git, once. Raises GitMissing where there is none, or one that is too old."""
        if self._program:
            return
        program = shutil.which("git", path=self._variables.get("PATH", os.defpath))
        if program is None:
            raise GitMissing("the git command is not installed")
        told = re.match(rb"git version (\d+)\.(\d+)", run([program, "version"], {}, folder, 10).output)
        if told is None or (int(told[1]), int(told[2])) < _OLDEST:
            raise GitMissing(f"{program} is older than git {_OLDEST[0]}.{_OLDEST[1]}")
        self._program = program

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        timeout: float,
        *,
        remote: Remote | None = None,
        lines: bytes = b"",
        largest: int = _LARGEST,
    ) -> Finished:
        """Run a git command in an empty folder or a bare repository, for at most ``timeout`` seconds.

        Without a ``remote`` it may ask nobody. ``lines`` is what the command reads, ``largest``
        the bytes that it may write to one file, and to all files of the folder. Raises TimedOut.
        """
        asked = remote.variables() if remote else {"GIT_ALLOW_PROTOCOL": ""}
        environment = {**self._variables, **_surroundings(folder), **asked}
        return run([self._program, *arguments], environment, folder, timeout, lines=lines, largest=largest)


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    timeout: float,
    *,
    lines: bytes = b"",
    largest: int = _LARGEST,
) -> Finished:
    """Run a command with its output in files of bounded size. Raises TimedOut."""
    with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as trouble:
        given.write(lines)
        given.seek(0)
        process = subprocess.Popen(  # noqa: S603 - no shell reads the command: it is the arguments of a fixed script
            ["/bin/sh", "-c", _BOUNDED, str(largest // _BLOCK), *command],
            stdin=given,
            stdout=output,
            stderr=trouble,
            env=dict(environment),
            cwd=folder,
            # A group of its own can be killed whole, and has no terminal that ssh could ask at.
            start_new_session=True,
        )
        status = _wait(process, timeout, folder, largest)
        output.seek(0)
        trouble.seek(0)
        return Finished(status, output.read(), trouble.read(_MOST_TROUBLE).decode("utf-8", "replace"))


def kill_all() -> None:
    """Kill every command that runs now, with its children: the process is about to end."""
    for group in tuple(_running):
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], timeout: float, folder: Path, largest: int) -> int:
    """Wait for a command to end, and end it where its folder grows too large: many small files meet no limit."""
    _running.add(process.pid)
    deadline = time.monotonic() + timeout
    try:
        while (rest := deadline - time.monotonic()) > 0:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(min(rest, _LOOK_EVERY))
            if size_of(folder) > largest:
                return -signal.SIGXFSZ
        raise TimedOut
    finally:
        # Killed before it is waited for, the group's number cannot have become another's.
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        _running.discard(process.pid)


def size_of(folder: Path) -> int:
    """Return the bytes in the files of a folder and of those in it; what vanishes meanwhile counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(Path(place) / name).st_size
    return total


def _surroundings(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_NO_LAZY_FETCH": "1",
    }
