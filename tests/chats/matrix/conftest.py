"""A homeserver: the fake, and Synapse where the tests that need it are run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.store import Store
from tests.chats.contract.matrix import MatrixWorld
from tests.chats.hosts import COMDIRAC, DIRAC
from tests.chats.matrix.fake_matrix import FakeMatrix
from tests.chats.matrix.homeserver import Homeserver
from tests.histories import write_history


@pytest.fixture
def matrix() -> Iterator[FakeMatrix]:
    with FakeMatrix() as server:
        yield server


@pytest.fixture(params=["fake", pytest.param("synapse", marks=pytest.mark.synapse)])
def server(request: pytest.FixtureRequest) -> Iterator[Homeserver]:
    """Either homeserver: what is true of one is true of the other."""
    found = request.getfixturevalue("matrix" if request.param == "fake" else "synapse")
    yield found
    found.interceptor = None


@pytest.fixture
def world(server: Homeserver) -> MatrixWorld:
    return MatrixWorld(server)


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
