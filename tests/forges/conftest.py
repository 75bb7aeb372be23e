"""The real client libraries against the recorded forges, over HTTP."""

import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag, load
from bot.demo.recorded.server import LoopbackServer
from bot.domain.polling.record import PollDepth
from bot.forges.github.forge import GitHubForge
from bot.forges.gitlab.forge import GitLabForge
from bot.services.ports import Forge, Known, PollAnswer, PollRequest

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MADE = datetime(2021, 2, 15, 19, 19, 54, tzinfo=UTC)
TOKEN = "t0ken"


def commit_id(number: int) -> str:
    return f"{number:040x}"


def small_repository(path: str = "team/tool") -> RecordedRepository:
    """One tag of each sort: light, annotated, published, on a blob, and with an odd name."""
    repository = RecordedRepository(path, {}, {})
    repository.put(
        RecordedTag("v1r0", commit_id(1), MADE),
        RecordedTag("v1r1", commit_id(2), MADE, tag_object=commit_id(102), tagged=MADE + timedelta(hours=1)),
        RecordedTag("v1.1.0", commit_id(2), MADE),
        RecordedTag("rel/v1r2", commit_id(3), MADE),
        RecordedTag("größe+1", commit_id(4), MADE),
    )
    repository.releases["v1.1.0"] = RecordedRelease("v1.1.0", MADE + timedelta(days=1))
    return repository


@dataclass
class Side:
    """A forge with its recorded twin."""

    server: LoopbackServer
    make: Callable[..., Forge]
    repositories: dict[str, RecordedRepository]

    def forge(self, token: str | None = TOKEN, timeout: float = 60) -> Forge:
        return self.make("forge", self.server.url, token, timeout=timeout, now=lambda: NOW)

    def ask(self, *requests: PollRequest, token: str | None = TOKEN, timeout: float = 60) -> list[PollAnswer]:
        forge = self.forge(token, timeout)
        try:
            return list(forge.poll(requests))
        finally:
            forge.close()


def after(
    answer: PollAnswer, look: PollDepth = PollDepth.COMPLETE, *, head: str | None = None, missing: Collection[str] = ()
) -> PollRequest:
    """Ask again with all that an answer taught, but for the details that are ``missing``."""
    details = {name: told for name, told in answer.details.items() if name not in missing}
    known = Known({ref.name: ref for ref in answer.refs or ()}, details)
    is_detailed = details.keys() == known.refs.keys()
    held = (answer.validator, head or answer.head, is_detailed)
    return PollRequest(answer.path, look, *held, identity=answer.identity, recall=lambda: known)


@contextmanager
def slow_server(head: bytes, drop: bytes) -> Iterator[str]:
    """Answer one connection with the head, then with a drop every 50 ms; both may be empty."""
    done = Event()

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.recv(65_536)
            connection.sendall(head)
            while not done.wait(0.05):
                connection.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            done.set()
            thread.join()


@pytest.fixture
def github() -> Iterator[Side]:
    repositories = {each.path: each for each in (small_repository(), load("DIRACGrid/DIRAC"))}
    repositories["team/none"] = RecordedRepository("team/none", {}, {})
    with RecordedGitHub(repositories.values(), tokens=[TOKEN, "other"], now=lambda: NOW) as server:
        yield Side(server, GitHubForge, repositories)


@pytest.fixture
def gitlab() -> Iterator[Side]:
    path = "cta-computing/dpps/workload/CTADIRAC"
    repositories = {each.path: each for each in (small_repository(), load(path))}
    repositories["team/none"] = RecordedRepository("team/none", {}, {})
    with RecordedGitLab(repositories.values(), tokens=[TOKEN], now=lambda: NOW) as server:
        yield Side(server, GitLabForge, repositories)


@pytest.fixture(params=["github", "gitlab"])
def side(request: pytest.FixtureRequest) -> Side:
    found: Side = request.getfixturevalue(request.param)
    return found
