"""A Slack on loopback, and the bot listening to it over a database with recorded histories."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.store import Store
from tests.chats.slack.fake_slack import FakeSlack
from tests.chats.slack.hosts import COMDIRAC, DIRAC, listening
from tests.histories import write_history


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


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
def connected(slack: FakeSlack, store: Store) -> Iterator[FakeSlack]:
    with listening(slack, store):
        slack.link.wait()
        yield slack
