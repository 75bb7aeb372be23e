"""Any git server over https, ssh or file: its tags by one listing, their dates from the objects themselves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.organisations import EVERY, Listed
from bot.domain.polling.budget import Limit, Price
from bot.domain.polling.record import PollDepth
from bot.forges.concurrency import in_parallel
from bot.forges.counter import RequestCounter
from bot.forges.git.client import MOST_UNFILTERED, GitServer
from bot.forges.git.dates import GitDates
from bot.forges.git.notes import git_notes
from bot.forges.git.objects import PeeledTag
from bot.forges.git.process import Git
from bot.forges.payload import one_line
from bot.services.ports import (
    EvidenceAnswer,
    EvidenceRequest,
    ForgeError,
    ForgeHealth,
    ForgeUnavailable,
    NotesAnswer,
    NotesRequest,
    PollAnswer,
    PollRequest,
)

# Each is a process or two; a server that is queried by more at a time may take it for an attack.
_AT_ONCE = 8
# Dates of one repository may take so many times the time-out of an answer; the others come at later polls.
_TIMEOUTS = 20


class GitForge:
    """A git server.

    ``name`` is the forge's name in errors, ``timeout`` the longest wait for an answer to
    begin or go on, in seconds, and ``variables`` the environment that the bot was started in.
    ``most`` are the bytes that may come of one repository whose server sends more than requested.
    """

    most = MOST_UNFILTERED

    def __init__(
        self,
        name: str,
        base_url: str,
        token: str | None,
        *,
        timeout: float = 15.0,
        now: Callable[[], datetime],
        variables: Mapping[str, str],
    ) -> None:
        self._name = name
        self._timeout = timeout
        self._server = GitServer(Git(variables), base_url, token, timeout=timeout, now=now, most=self.most)

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request, several at a time; the objects that are fetched are thrown away afterwards."""
        with TemporaryDirectory(prefix="release-bot-") as folder:
            yield from in_parallel(lambda request: self._answer(request, Path(folder)), requests, _AT_ONCE)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Return nothing: a git server has no milestones, issues or pull requests."""
        return EvidenceAnswer(request.path)

    def notes(self, request: NotesRequest) -> NotesAnswer:
        """Return a file at a tag; a git server has no other release notes."""
        if not request.file:
            return NotesAnswer(request.path)
        counter = RequestCounter(f"{self._name}:{request.path}", request.path)
        try:
            text = git_notes(self._server, counter, request, _TIMEOUTS * self._timeout)
        except ForgeError as error:
            return NotesAnswer(request.path, requests=counter.requests, error=error)
        except OSError as error:
            return NotesAnswer(request.path, requests=counter.requests, error=_cannot_run(counter, error))
        return NotesAnswer(request.path, text, counter.requests)

    def organisation(self, path: str) -> Sequence[Listed]:
        """Raise ForgeError: a git server cannot list its repositories."""
        what, hint = "a git server cannot list its repositories", "name each repository"
        raise ForgeError(f"{self._name}:{path}{EVERY}", what, hint)

    def prices(self) -> Sequence[Price]:
        """Return nothing: a git server reports no limit."""
        return ()

    def limits(self) -> Sequence[Limit]:
        """Return nothing: a git server reports no limit."""
        return ()

    def clock_offset(self) -> timedelta:
        """Return zero: git does not show the headers that hold a server's time."""
        return timedelta(0)

    def health(self) -> ForgeHealth:
        """Return nothing: a git server says nothing of itself."""
        return ForgeHealth()

    def close(self) -> None:
        """Do nothing: no connection outlives its command."""

    def _answer(self, request: PollRequest, folder: Path) -> PollAnswer:
        counter = RequestCounter(f"{self._name}:{request.path}", request.path)
        try:
            return self._asked(counter, request, folder)
        except ForgeError as error:
            return PollAnswer(request.path, requests=counter.requests, error=error)
        except OSError as error:
            return PollAnswer(request.path, requests=counter.requests, error=_cannot_run(counter, error))

    def _asked(self, counter: RequestCounter, request: PollRequest, folder: Path) -> PollAnswer:
        tags, listing = self._server.tags(counter, folder)
        validator = sha256(listing).hexdigest()
        look = max(request.look, PollDepth.COMPLETE)
        is_unchanged = validator == request.validator and not request.full
        if is_unchanged and request.is_detailed:
            return PollAnswer(request.path, None, {}, validator, counter.requests, look=look)
        wanted = _wanted(request, tags)
        dates = GitDates(self._server, counter, folder)
        dates.read(wanted, _TIMEOUTS * self._timeout)
        refs = None if is_unchanged else tuple(tag.ref for tag in tags)
        notice = _notice(wanted, dates)
        return PollAnswer(
            request.path,
            refs,
            dates.details,
            validator,
            counter.requests,
            notice=notice,
            look=look,
            undated_because=dates.trouble.reason if dates.trouble and notice else "",
        )


def _cannot_run(counter: RequestCounter, error: OSError) -> ForgeError:
    what = f"cannot run git: {one_line(error.strerror or type(error).__name__)}"
    return ForgeUnavailable(counter.where, what, "check free disk space and memory")


def _wanted(request: PollRequest, tags: Sequence[PeeledTag]) -> list[PeeledTag]:
    """List the tags whose dates are not known for that very object, the newest version first.

    What an object's id means never changes, so a full poll asks for no date twice.
    """
    known = {name: ref for name, ref in request.known.items() if name in request.detailed}
    wanted = [tag for tag in tags if known.get(tag.ref.name) != tag.ref]
    return sorted(wanted, key=lambda tag: request.rank(tag.ref.name), reverse=True)


def _notice(wanted: Sequence[PeeledTag], dates: GitDates) -> str:
    missing = len(wanted) - len(dates.details)
    if not missing:
        return ""
    why = f" ({dates.trouble.reason})" if dates.trouble else ""
    return f"dates of {missing} {'tag' if missing == 1 else 'tags'} not fetched yet{why}"
