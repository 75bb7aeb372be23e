"""Every chat, with a bot that listens to it over a database with recorded histories."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from bot.store.store import Store
from tests.chats.contract.matrix import MatrixWorld
from tests.chats.contract.mattermost import MattermostWorld
from tests.chats.contract.slack import SlackWorld
from tests.chats.contract.world import ChatWorld
from tests.chats.hosts import COMDIRAC, DIRAC
from tests.chats.matrix.fake_matrix import FakeMatrix
from tests.chats.mattermost.fake_mattermost import FakeMattermost
from tests.chats.slack.fake_slack import FakeSlack
from tests.histories import write_history


@contextmanager
def _slack() -> Iterator[ChatWorld]:
    with FakeSlack() as slack:
        yield SlackWorld(slack)


@contextmanager
def _mattermost() -> Iterator[ChatWorld]:
    with FakeMattermost("/chat") as mattermost:
        yield MattermostWorld(mattermost)


@contextmanager
def _matrix() -> Iterator[ChatWorld]:
    with FakeMatrix() as matrix:
        yield MatrixWorld(matrix)


# A new chat is a line here.
WORLDS: Mapping[str, Callable[[], AbstractContextManager[ChatWorld]]] = {
    "matrix": _matrix,
    "slack": _slack,
    "mattermost": _mattermost,
}


@pytest.fixture(params=[*WORLDS, pytest.param("synapse", marks=pytest.mark.synapse)])
def world(request: pytest.FixtureRequest) -> Iterator[ChatWorld]:
    if request.param == "synapse":
        yield MatrixWorld(request.getfixturevalue("synapse"))
        return
    with WORLDS[request.param]() as world:
        yield world


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with DIRAC's and COMDIRAC's history."""
    path = tmp_path_factory.mktemp("history") / "bot.db"
    with Store.open(f"sqlite:///{path}") as store:
        write_history(store, DIRAC)
        write_history(store, COMDIRAC)
    return path


@pytest.fixture
def store(tmp_path: Path, history: Path) -> Iterator[Store]:
    shutil.copy(history, tmp_path / "bot.db")
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        yield store


@pytest.fixture
def connected(world: ChatWorld, store: Store) -> Iterator[ChatWorld]:
    with world.listening(store):
        yield world
