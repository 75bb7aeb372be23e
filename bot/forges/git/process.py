"""The git command: bounded in time and size, without prompts, and without the user's configuration.

Its failures become the errors of the ports. Its messages may hold what the server says, which may be anything, the
token that it was sent included: so they are cut to one printable line of bounded length, without secrets.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from bot.domain.values import dataclass
from bot.forges.payload import one_line
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

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
MINIMUM = f"{_OLDEST[0]}.{_OLDEST[1]}"
# No file grows beyond the limit, whoever of the children writes it; no child leaves a core behind.
_BOUNDED = 'ulimit -c 0; ulimit -f "$0"; exec "$@"'
CHECK = "check base_url and the path, with .git at its end if the server wants it"

_MISSING = re.compile(
    r"repository '[^']*' not found|does not appear to be a git repository|returned error: (404|410)"
    r"|repository not exported|no such (repository|project)|repository .{0,200} does not exist",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"terminal prompts disabled|authentication failed|returned error: (401|403)|permission denied"
    r"|could not read (username|password)|access denied|denied by",
    re.IGNORECASE,
)
_LIMITED = re.compile(r"returned error: 429")
# In the order in which they are looked for: the more telling first.
_CAUSES = (
    (r"host key verification failed", "unknown SSH host key", "connect once with ssh as the bot's user"),
    (
        r"dubious ownership",
        "the folder belongs to another user",
        "run the bot as the folder's owner, or use an ssh address",
    ),
    (r"returned error: 3\d\d", "redirected to another address", CHECK),
    (r"could not resolve host", "cannot resolve the host name", "check the network and base_url"),
    (r"connection refused|failed to connect|couldn't connect", "connection refused", ""),
    (
        r"certificate",
        "TLS certificate not trusted",
        "set ca_file in [forges.{forge}] to the certificate of the authority (CA) that signed it",
    ),
    (r"\bSSL|\bTLS|gnutls_", "TLS handshake failed", "check base_url"),
    (r"timed out|too slow|timeout", "timed out", ""),
    (r"returned error: 5\d\d", "server error (5xx)", ""),
    (r"not valid: is this a git|protocol error|bad line length|invalid .{0,40}response", "not a git server", CHECK),
    (r"transport '[^']*' not allowed", "protocol not supported by the installed git", "check base_url"),
    (
        r"remote helper|unable to find remote|cannot run ssh",
        "the installed git lacks a helper for the protocol",
        "install the helper",
    ),
    (
        r"reset by peer|empty reply|hung up|early eof|unexpected disconnect|recv failure",
        "connection closed",
        "",
    ),
)
# What another try may fix, and soon.
_PASSING = re.compile(r"returned error: 5\d\d|reset by peer|empty reply|early eof|recv failure", re.IGNORECASE)
# What git says of a server that serves mere files, and of one that knows no filters.
_DUMB = re.compile(r"dumb http transport does not support", re.IGNORECASE)
_UNFILTERED = re.compile(r"filtering not recognized by server", re.IGNORECASE)
_OWN_WORDS = ("fatal: ", "error: ")

# The commands that run now, each with its children a group of its own, which outlives the bot unless it is killed.
_running: set[int] = set()


class GitMissing(Exception):
    """No usable git is installed; the message says what was found."""


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
        """Return whether it, or a program that it ran, was stopped for writing more than allowed."""
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
        """Return the environment variables for git (git-config, GIT_CONFIG_COUNT); no process list shows them.

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
            raise GitMissing("git is not installed")
        version = re.match(rb"git version (\d+)\.(\d+)", run([program, "version"], {}, folder, 10).output)
        if version is None or (int(version[1]), int(version[2])) < _OLDEST:
            raise GitMissing(f"{program} is older than git {MINIMUM}")
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


def is_dumb(finished: Finished) -> bool:
    """Return whether a fetch failed because the server has only the dumb HTTP protocol."""
    return _DUMB.search(finished.trouble) is not None


def ignores_filters(finished: Finished) -> bool:
    """Return whether the server ignored the filter and sent whole trees."""
    return _UNFILTERED.search(finished.trouble) is not None


def too_heavy(where: str, most: int) -> ForgeUnavailable:
    """Return the error that a repository's dates need too large a download."""
    what = f"the git server sends whole trees, of more than {most // 1_000_000:,} MB"
    return ForgeUnavailable(where, what, "set uploadpack.allowFilter to true in the repository on the server")


def is_passing(finished: Finished) -> bool:
    """Return whether a failure may pass in a moment."""
    return _PASSING.search(finished.trouble) is not None


def error_of(where: str, finished: Finished, url: str, secrets: Sequence[str] = ()) -> ForgeError:
    """Return the error that a failed command means for one repository.

    The words of its address do not decide what went wrong, nor do those that the
    server wants shown (lines that begin with ``remote:``). ``secrets`` are what was sent
    to be let in, in every form.
    """
    trouble = finished.trouble.replace(url, "").replace(urlsplit(url).hostname or "\n", "")
    text = "\n".join(line for line in trouble.split("\n") if not line.startswith("remote:"))
    said = _quoted(finished.trouble, secrets)
    if finished.is_too_large:
        return ForgeUnavailable(where, "the git server's tag list exceeds 100 MB", "delete tags on the server")
    if _LIMITED.search(text):
        return RateLimited(where, "git server rate limit exceeded")
    if _MISSING.search(text):
        hint = f"{CHECK}; a private repository needs a token or a key"
        return RepositoryNotFound(where, "repository not found on the git server", hint)
    if _REFUSED.search(text):
        return _refused(where, url, has_token=bool(secrets))
    for pattern, why, hint in _CAUSES:
        if re.search(pattern, text, re.IGNORECASE):
            name = where.partition(":")[0]
            return ForgeUnavailable(where, f"cannot query the git server: {why}{said}", hint.format(forge=name))
    return ForgeUnavailable(where, f"git exited with status {finished.status}{said}", f"try: git ls-remote {url}")


def _quoted(trouble: str, secrets: Sequence[str]) -> str:
    """Quote the line in which git says why it failed, without secrets; empty where it says nothing."""
    for secret in filter(None, secrets):
        trouble = trouble.replace(secret, "***")
    lines = [line for line in trouble.split("\n") if line.strip() and not line.startswith("remote:")]
    own = [line for line in lines if line.startswith(_OWN_WORDS)]
    words = one_line((own or lines or [""])[-1])
    return f' (git: "{words}")' if words else ""


def late(where: str) -> ForgeError:
    """Return the error of a server that took too long."""
    return ForgeUnavailable(where, "cannot query the git server: timed out")


def _refused(where: str, url: str, *, has_token: bool) -> ForgeError:
    if not url.startswith("http"):
        return TokenRefused(where, "the git server denied access", "give the bot's user a key with read access")
    what = "the git server rejected the token" if has_token else "the git server requires a token"
    hint = "set a password, or USER:PASSWORD, in the environment and name its variable in token_env"
    return TokenRefused(where, what, hint)
