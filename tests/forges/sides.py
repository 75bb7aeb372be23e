"""Every kind of forge behind one way to change what it holds: the contract is asked of each alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from bot.demo.recorded.snapshot import Snapshots
from bot.domain.notes.blocks import MOST_OF_FILE
from bot.domain.tags import TagDetails, TagRef
from bot.forges.github.forge import GitHubForge
from bot.forges.gitlab.forge import GitLabForge
from bot.services.ports import Forge, ForgeError, NotesAnswer, NotesRequest, PollAnswer, PollRequest
from tests.fakes import FakeForge
from tests.forges.conftest import MADE, NOW, TOKEN, Side, commit_id
from tests.forges.git_places import GitSide, Repository


class Host(Protocol):
    """A forge, and hands that change its repositories. A commit is known by a number."""

    def forge(self) -> Forge:
        """Return the forge as the bot asks it."""
        ...

    def make(self, path: str) -> None:
        """Make a repository without tags."""
        ...

    def put(
        self, path: str, name: str, number: int, at: datetime, *, tagged: datetime | None = None
    ) -> tuple[TagRef, TagDetails]:
        """Put a tag on a commit of a date, an annotated one if it was ``tagged``; give what is to be told of it."""
        ...

    def drop(self, path: str, name: str) -> None:
        """Take a tag away."""
        ...

    def write(self, path: str, name: str, file: str, content: bytes) -> None:
        """Put a file at a tag that is there."""
        ...

    def tell(self, path: str, name: str, text: str) -> None:
        """Write the text of a tag's release; a git server has none."""
        ...


def notes_of(host: Host, request: NotesRequest) -> NotesAnswer:
    """Ask a forge for a release's notes."""
    forge = host.forge()
    try:
        return forge.notes(request)
    finally:
        forge.close()


def ask(host: Host, *requests: PollRequest) -> list[PollAnswer]:
    """Ask a forge, and give its answers in the order of the requests."""
    forge = host.forge()
    try:
        answers = list(forge.poll(requests))
    finally:
        forge.close()
    assert sorted(answer.path for answer in answers) == sorted(request.path for request in requests)
    return [next(answer for answer in answers if answer.path == request.path) for request in requests]


@dataclass
class RecordedHost:
    """A recorded GitHub or GitLab, asked by the real client library."""

    side: Side
    served: Snapshots

    def forge(self) -> Forge:
        return self.side.forge()

    def make(self, path: str) -> None:
        self.side.repositories[path] = RecordedRepository(path)
        self.served.add(self.side.repositories[path])

    def put(
        self, path: str, name: str, number: int, at: datetime, *, tagged: datetime | None = None
    ) -> tuple[TagRef, TagDetails]:
        annotated = commit_id(number + 100) if tagged else None
        tag = RecordedTag(name, commit_id(number), at, tag_object=annotated, tagged=tagged)
        self.side.repositories[path].put(tag)
        return TagRef(name, tag.target, tagged is not None), TagDetails(tag.commit, tagger=tagged, committed=at)

    def drop(self, path: str, name: str) -> None:
        del self.side.repositories[path].tags[name]

    def write(self, path: str, name: str, file: str, content: bytes) -> None:
        self.side.repositories[path].files[name, file] = content

    def tell(self, path: str, name: str, text: str) -> None:
        self.side.repositories[path].releases[name] = RecordedRelease(name, MADE, body=text)


@dataclass
class GitHost:
    """Bare repositories that the git command made, asked by the git command."""

    root: Path

    def forge(self) -> Forge:
        return GitSide(self.root, f"file://{self.root}").forge()

    def make(self, path: str) -> None:
        Repository.make(self.root / f"{path}.git")

    def put(
        self, path: str, name: str, number: int, at: datetime, *, tagged: datetime | None = None
    ) -> tuple[TagRef, TagDetails]:
        made = Repository(self.root / f"{path}.git")
        commit = made.commit(at, str(number))
        target = made.tag_object(commit, "commit", tagged) if tagged else commit
        made.put_all({name: target})
        return TagRef(name, target, tagged is not None), TagDetails(commit, tagger=tagged, committed=at)

    def drop(self, path: str, name: str) -> None:
        Repository(self.root / f"{path}.git").drop(name)

    def write(self, path: str, name: str, file: str, content: bytes) -> None:
        Repository(self.root / f"{path}.git").write_at(name, file, content)

    def tell(self, path: str, name: str, text: str) -> None:
        pass


@dataclass
class FakeHost:
    """The fake that the services are tested with."""

    held: dict[str, dict[TagRef, TagDetails | None]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str | ForgeError] = field(default_factory=dict)

    def forge(self) -> Forge:
        made = FakeForge(**self.held)
        made.texts = self.texts
        return made

    def make(self, path: str) -> None:
        self.held[path.rpartition("/")[2]] = {}

    def put(
        self, path: str, name: str, number: int, at: datetime, *, tagged: datetime | None = None
    ) -> tuple[TagRef, TagDetails]:
        target = commit_id(number + 100) if tagged else commit_id(number)
        ref, details = TagRef(name, target, tagged is not None), TagDetails(commit_id(number), None, tagged, at)
        self.drop(path, name)
        self.held[path.rpartition("/")[2]][ref] = details
        return ref, details

    def drop(self, path: str, name: str) -> None:
        held = self.held[path.rpartition("/")[2]]
        for ref in [ref for ref in held if ref.name == name]:
            del held[ref]

    def write(self, path: str, name: str, file: str, content: bytes) -> None:
        del path
        self.texts[name, file] = content.decode("utf-8", "replace")[:MOST_OF_FILE]

    def tell(self, path: str, name: str, text: str) -> None:
        del path
        self.texts[name, ""] = text


@contextmanager
def made_host(kind: str, folder: Path) -> Iterator[Host]:
    """Serve an empty forge of one of ``KINDS``: two recorded ones, a git server, and the fake of other tests."""
    if kind in _RECORDED:
        recorded, make = _RECORDED[kind]
        with recorded([], tokens=[TOKEN], now=lambda: NOW) as server:
            yield RecordedHost(Side(server, make, {}), server.repositories)
    else:
        yield GitHost(folder) if kind == "git" else FakeHost()


KINDS = ("github", "gitlab", "git", "fake")
_RECORDED: dict[str, tuple[Any, Any]] = {
    "github": (RecordedGitHub, GitHubForge),
    "gitlab": (RecordedGitLab, GitLabForge),
}
