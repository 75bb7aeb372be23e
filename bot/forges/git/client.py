"""Asking a git server by the git command: its tags, and as few objects as tell their dates."""

import os
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from urllib.parse import quote, urlsplit

from bot.domain.values import dataclass
from bot.forges.counter import RequestCounter
from bot.forges.git.objects import GitObject, PeeledTag, Unreadable, read_kinds, read_listing, read_objects
from bot.forges.git.process import (
    CHECK,
    MINIMUM,
    Finished,
    Git,
    GitMissing,
    Remote,
    TimedOut,
    error_of,
    ignores_filters,
    is_dumb,
    is_passing,
    late,
    too_heavy,
)
from bot.forges.throttle import CircuitBreaker, RateLimitPause
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited

# Seconds before a broken connection or a server's own error is tried again.
_PAUSES = (0.2, 0.4)
# The time-out is that of the next bytes; a whole command may take this many times as long.
_TIMEOUTS = 4
_SHA1 = 40
# Dates are in the first lines; a larger object is not read for one.
_LARGEST_OBJECT = 1_000_000
# What a server may send of one repository where it knows no filters, and so sends trees too.
MOST_UNFILTERED = 200_000_000
# Dates that cost too much are not asked for again before this time is over.
_RESTS = timedelta(hours=6)
_LIST = ("ls-remote", "--quiet", "--tags", "--", "forge")
# Branches too: a server of mere files that lists some is one of git's.
_LIST_ALL = ("ls-remote", "--quiet", "--heads", "--tags", "--", "forge")
# How git's trace shows a line of its own protocol.
_SPOKEN = re.compile(r"^\S+ pkt-line\.c:\d+ +packet: ", re.MULTILINE)
# The same of a repository's HEAD as a mere file, in chunks or not (gitrepository-layout): no web page begins so.
_HEAD = re.compile(
    r"=> Send header: GET \S*/HEAD HTTP(?:(?!Recv data: ).)*"
    r"Recv data: (?:[0-9a-f]+\.\.)?(?:ref: refs/|[0-9a-f]{40}(?:[0-9a-f]{24})?\.)",
    re.DOTALL,
)
_FETCH = ("fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--no-recurse-submodules", "--stdin")
_HERE = "--git-dir=."


class Manner(Enum):
    """How objects are fetched: the objects alone, those with their trees, or with all that came before them.

    For one file it is a commit with its trees but no files, and then the file alone.
    """

    FILTERED = ("--depth=1", "--filter=tree:0")
    SHALLOW = ("--depth=1",)
    WHOLE = ()
    TREES = ("--depth=1", "--filter=blob:none")
    FILE = ("--filter=blob:none",)

    @property
    def settings(self) -> Mapping[str, str]:
        """Return git's settings for its filter, if it has one."""
        filters = [each.removeprefix("--filter=") for each in self.value if each.startswith("--filter=")]
        return {"remote.forge.promisor": "true", "remote.forge.partialCloneFilter": filters[0]} if filters else {}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a fetch: the trouble that a smaller or another one may not have, None where it succeeded.

    ``is_filtered`` says that no more came than was asked for, ``is_dumb`` that the server serves mere files, and
    refuses a fetch that leaves out what came before (git calls that protocol "dumb"); ``is_too_large`` that it was
    broken off.
    """

    trouble: ForgeError | None
    is_filtered: bool = True
    is_dumb: bool = False
    is_too_large: bool = False


class GitServer:
    """One git server. ``token`` is a password, or ``USER:PASSWORD``; it is sent over http and https only.

    ``most`` are the bytes that it may send of one repository where it does not filter.
    """

    def __init__(
        self,
        git: Git,
        base_url: str,
        token: str | None,
        *,
        timeout: float,
        now: Callable[[], datetime],
        most: int = MOST_UNFILTERED,
    ) -> None:
        self._git = git
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._pause = RateLimitPause(now)
        self._breaker = CircuitBreaker("the git server", now)
        self._settings = _settings(timeout)
        self._secrets: tuple[str, ...] = ()
        self._now = now
        self._most = most
        self._resting: dict[str, datetime] = {}
        if token is not None and urlsplit(base_url).scheme in {"http", "https"}:
            self._settings["http.extraHeader"] = f"Authorization: Basic {_basic(token)}"
            self._secrets = (_basic(token), token, token.partition(":")[2])

    def check(self, counter: RequestCounter, folder: Path) -> None:
        """Raise ForgeError if the server may not be queried now, or there is no git. Raises TimedOut."""
        self._pause.check(counter.where)
        self._breaker.check(counter.where)
        try:
            self._git.find(folder)
        except GitMissing as error:
            hint = f"install git {MINIMUM} or later: forges of kind git need it"
            raise ForgeUnavailable(counter.where, str(error), hint) from error

    def tags(self, counter: RequestCounter, folder: Path) -> tuple[list[PeeledTag], bytes]:
        """List every tag, and give what was said too. Raises ForgeError."""
        try:
            self.check(counter, folder)
            finished = self._list(counter, folder)
            is_told = bool(finished.status or finished.output) or self._is_told(counter, folder)
        except TimedOut as error:
            too_late = late(counter.where)
            self._breaker.record_failure(too_late.what)
            raise too_late from error
        if finished.status:
            raise self._remembered(error_of(counter.where, finished, self._url(counter), self._secrets))
        self._breaker.record_success()
        if not is_told:
            raise ForgeUnavailable(counter.where, "unexpected response: not a git server", CHECK)
        try:
            return read_listing(finished.output), finished.output
        except Unreadable as error:
            what = "the git server's tag list has an invalid entry"
            raise ForgeUnavailable(counter.where, what) from error

    def make_scratch(self, folder: Path, oid: str) -> None:
        """Make an empty bare repository, for objects with ids like ``oid``. Raises TimedOut."""
        algorithm = "sha1" if len(oid) == _SHA1 else "sha256"
        arguments = ("init", "--quiet", "--bare", "--template=", f"--object-format={algorithm}", ".")
        self._git.run(arguments, folder, self._timeout)

    def fetch(
        self, counter: RequestCounter, oids: Iterable[str], scratch: Path, timeout: float, manner: Manner
    ) -> Fetched:
        """Fetch objects into a scratch repository, with what tag objects point to. Raises TimedOut.

        Raises ForgeError where a retry cannot help. Ids, not names, are requested: so what
        comes is what was listed, and nothing that a server says is ever an argument.
        """
        counter.requests += 1
        finished = self._git.run(
            (_HERE, *_FETCH, *manner.value, "--", "forge"),
            scratch,
            timeout,
            remote=self._remote(counter, manner.settings),
            lines="".join(f"{oid}\n" for oid in oids).encode(),
            largest=self._most,
        )
        is_filtered = bool(manner.settings) and not ignores_filters(finished)
        if not finished.status:
            return Fetched(None, is_filtered)
        if finished.is_too_large:
            return Fetched(self.too_heavy(counter), is_filtered, is_too_large=True)
        error = error_of(counter.where, finished, self._url(counter), self._secrets)
        # A server that falls over one object hangs up as one does that has gone.
        if isinstance(error, ForgeUnavailable):
            return Fetched(error, is_filtered, is_dumb=is_dumb(finished))
        raise self._remembered(error)

    def is_spent(self, sent: int) -> bool:
        """Return whether a repository has used up the bytes that may be sent of it."""
        return sent >= self._most

    def let_rest(self, counter: RequestCounter) -> None:
        """Ask for no more dates of a repository for hours: each time all would be sent again."""
        self._resting[counter.path] = self._now() + _RESTS

    def resting(self, counter: RequestCounter) -> ForgeError | None:
        """Return why no dates of a repository are requested now, None where they are."""
        until = self._resting.get(counter.path)
        return None if until is None or self._now() >= until else self.too_heavy(counter)

    def too_heavy(self, counter: RequestCounter) -> ForgeError:
        """Record that the dates of a repository need too large a download, and return the error."""
        return too_heavy(counter.where, self._most)

    def objects(self, oids: Sequence[str], scratch: Path) -> dict[str, GitObject]:
        """Read the objects that are in a scratch repository. Raises TimedOut."""
        limit = _TIMEOUTS * self._timeout
        lines = "".join(f"{oid}\n" for oid in dict.fromkeys(oids)).encode()
        kinds = read_kinds(self._git.run((_HERE, "cat-file", "--batch-check"), scratch, limit, lines=lines).output)
        dated = [oid for oid, (kind, size) in kinds.items() if kind in {"commit", "tag"} and size <= _LARGEST_OBJECT]
        lines = "".join(f"{oid}\n" for oid in dated).encode()
        output = self._git.run((_HERE, "cat-file", "--batch"), scratch, limit, lines=lines).output
        return {oid: GitObject(kind) for oid, (kind, _) in kinds.items()} | dict(read_objects(output))

    def blob_of(self, target: str, path: str, scratch: Path) -> str:
        """Return the id of a file below a tag or commit in a scratch repository, empty if there is none."""
        name = f"{target}:{path}"
        found = self._git.run((_HERE, "rev-parse", "--verify", "--quiet", name), scratch, self._timeout)
        return "" if found.status else found.output.decode().strip()

    def content(self, oid: str, scratch: Path, folder: Path, most: int) -> bytes | None:
        """Return the first bytes of a file in a scratch repository, None if it is not there, or is no file.

        ``folder`` is an empty one: git is stopped once it has written ``most`` bytes. Raises TimedOut.
        """
        kinds = read_kinds(
            self._git.run(
                (_HERE, "cat-file", "--batch-check"), scratch, self._timeout, lines=f"{oid}\n".encode()
            ).output
        )
        if kinds.get(oid, ("", 0))[0] != "blob":
            return None
        arguments = (f"--git-dir={scratch}", "cat-file", "blob", oid)
        return self._git.run(arguments, folder, self._timeout, largest=most).output

    def _list(self, counter: RequestCounter, folder: Path) -> Finished:
        for pause in (*_PAUSES, None):
            counter.requests += 1
            finished = self._git.run(_LIST, folder, _TIMEOUTS * self._timeout, remote=self._remote(counter, {}))
            if pause is None or not (finished.status and is_passing(finished)):
                return finished
            time.sleep(pause)
        raise AssertionError

    def _is_told(self, counter: RequestCounter, folder: Path) -> bool:
        """Return whether a git server, and not any web page, says that there are no tags."""
        counter.requests += 1
        remote = replace(self._remote(counter, {}), is_traced=True)
        finished = self._git.run(_LIST_ALL, folder, _TIMEOUTS * self._timeout, remote=remote)
        is_git = bool(finished.output or _SPOKEN.search(finished.trouble) or _HEAD.search(finished.trouble))
        return not finished.status and is_git

    def _url(self, counter: RequestCounter) -> str:
        return f"{self._base_url}/{quote(counter.path)}"

    def _remote(self, counter: RequestCounter, more: Mapping[str, str]) -> Remote:
        return Remote(self._url(counter), {**self._settings, **more})

    def _remembered(self, error: ForgeError) -> ForgeError:
        if isinstance(error, RateLimited):
            self._pause.start(error)
        if isinstance(error, ForgeUnavailable):
            self._breaker.record_failure(error.what)
        else:
            self._breaker.record_success()
        return error


def _settings(timeout: float) -> dict[str, str]:
    """Return git's settings; those of the machine and of the user are not read."""
    seconds = max(1, round(timeout))
    ssh = f"ssh -oBatchMode=yes -oConnectTimeout={seconds} -oForwardAgent=no -oPermitLocalCommand=no"
    return {
        "protocol.version": "2",
        "credential.helper": "",
        "core.askPass": "",
        "core.hooksPath": os.devnull,
        "core.sshCommand": ssh,
        "ssh.variant": "ssh",
        "gc.auto": "0",
        "maintenance.auto": "false",
        # Elsewhere the token would go along; git then follows no alternates of a server either.
        "http.followRedirects": "false",
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": str(seconds),
    }


def _basic(token: str) -> str:
    """Write a password for HTTP's Basic scheme (RFC 7617); servers that take tokens take any user's name."""
    return b64encode((token if ":" in token else f"git:{token}").encode()).decode()
