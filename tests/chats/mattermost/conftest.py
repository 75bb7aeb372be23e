"""A Mattermost on loopback, and the bot listening to it over a database with recorded histories."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.store import Store
from tests.chats.hosts import DIRAC
from tests.chats.mattermost.fake_mattermost import FakeMattermost
from tests.chats.mattermost.hosts import listening
from tests.histories import write_history


@pytest.fixture
def mattermost() -> Iterator[FakeMattermost]:
    with FakeMattermost() as server:
        yield server


@pytest.fixture(scope="session")
def dirac(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with DIRAC's history."""
    path = tmp_path_factory.mktemp("history") / "bot.db"
    with Store.open(f"sqlite:///{path}") as store:
        write_history(store, DIRAC)
    return path


@pytest.fixture
def store(tmp_path: Path, dirac: Path) -> Iterator[Store]:
    shutil.copy(dirac, tmp_path / "bot.db")
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        yield store


@pytest.fixture
def connected(mattermost: FakeMattermost, store: Store) -> Iterator[FakeMattermost]:
    with listening(mattermost, store):
        yield mattermost
