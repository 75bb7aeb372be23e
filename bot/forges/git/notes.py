"""A release's notes on a git server: a file at its tag, fetched without any other file."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.notes.blocks import MOST_OF_FILE
from bot.domain.values import dataclass
from bot.forges.counter import RequestCounter
from bot.forges.git.client import GitServer, Manner
from bot.forges.git.process import TimedOut, late
from bot.services.ports import NotesRequest


def git_notes(server: GitServer, counter: RequestCounter, request: NotesRequest, seconds: float) -> str | None:
    """Read the file with two fetches, each within so many seconds; None if the tag has none. Raises ForgeError."""
    with TemporaryDirectory(prefix="release-bot-") as made, TemporaryDirectory(prefix="release-bot-") as empty:
        try:
            server.check(counter, Path(empty))
            content = _GitFile(server, counter, Path(made), Path(empty), seconds).read(request)
        except TimedOut as error:
            raise late(counter.where) from error
    return None if content is None else content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _GitFile:
    """A file that is fetched into a scratch repository, and read in an empty folder."""

    server: GitServer
    counter: RequestCounter
    scratch: Path
    empty: Path
    seconds: float

    def read(self, request: NotesRequest) -> bytes | None:
        self.server.make_scratch(self.scratch, request.target)
        self._fetch(request.target, Manner.TREES)
        blob = self.server.blob_of(request.target, request.file, self.scratch)
        if not blob:
            return None
        content = self._content(blob)
        if content is None:
            self._fetch(blob, Manner.FILE)
            content = self._content(blob)
        return content

    def _content(self, blob: str) -> bytes | None:
        return self.server.content(blob, self.scratch, self.empty, MOST_OF_FILE)

    def _fetch(self, oid: str, manner: Manner) -> None:
        fetched = self.server.fetch(self.counter, [oid], self.scratch, self.seconds, manner)
        if fetched.trouble is not None:
            raise fetched.trouble
