"""The command line against the recorded forges and the fake Slack, over real HTTP."""

import io
import json
import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.app import now, open_app
from bot.cli.main import run
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository, load
from bot.services.rebuild import rules_of
from tests.chats.notify.servers import mail, mattermost
from tests.chats.slack.fake_slack import FakeSlack

__all__ = ["mail", "mattermost"]

TOKEN = "t0ken-of-the-tests"
CTADIRAC = "cta-computing/dpps/workload/CTADIRAC"


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Product:
    """The installed product with a configuration of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = folder / "bot.toml"
        self._capsys = capsys

    def configure(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str) -> Said:
        self._capsys.readouterr()
        code = run(["--config", str(self.config), *arguments])
        printed = self._capsys.readouterr()
        return Said(code, printed.out, printed.err)


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """Each command logs to the standard error of its own test alone."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.fixture
def product(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Product:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    for name in ("DATABASE_URL", "SLACK_BOT_TOKEN", "RELEASE_BOT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return Product(tmp_path, capsys)


@pytest.fixture
def dirac() -> RecordedRepository:
    return load("DIRACGrid/DIRAC")


@pytest.fixture
def github(dirac: RecordedRepository) -> Iterator[RecordedGitHub]:
    repositories = [dirac, load("DIRACGrid/COMDIRAC"), RecordedRepository("DIRACGrid/management", {}, {})]
    with RecordedGitHub(repositories, tokens=[TOKEN], now=now) as server:
        yield server


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        server.workspace.clock = lambda: now().timestamp()
        yield server


@pytest.fixture
def ctadirac() -> RecordedRepository:
    return load(CTADIRAC)


@pytest.fixture
def gitlab(ctadirac: RecordedRepository) -> Iterator[RecordedGitLab]:
    with RecordedGitLab([ctadirac], tokens=[TOKEN], now=now) as server:
        yield server


def configuration(github: RecordedGitHub, folder: Path, *paths: str, zone: str = "Europe/Paris", more: str = "") -> str:
    repositories = "".join(
        f'[[repositories]]\nforge = "github"\npath = "{path}"\n' for path in paths or ("DIRACGrid/DIRAC",)
    )
    return (
        f'time_zone = "{zone}"\n[database]\nurl = "sqlite:///{folder}/bot.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        f"{repositories}{more}"
    )


@pytest.fixture(scope="session")
def polled_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """What a first poll of DIRAC leaves, made once for each text in the configuration: it takes long."""

    @cache
    def polled_with(more: str) -> Path:
        folder = tmp_path_factory.mktemp("polled")
        root = logging.getLogger()
        handlers, level = root.handlers, root.level
        with (
            RecordedGitHub([load("DIRACGrid/DIRAC")], tokens=[TOKEN], now=now) as server,
            pytest.MonkeyPatch.context() as variables,
            redirect_stdout(io.StringIO()),
        ):
            variables.setenv("GITHUB_TOKEN", TOKEN)
            variables.delenv("DATABASE_URL", raising=False)
            (folder / "bot.toml").write_text(configuration(server, folder, more=more))
            assert run(["--config", str(folder / "bot.toml"), "poll"]) == 0
        root.handlers, root.level = handlers, level
        return folder / "bot.db"

    return polled_with


@pytest.fixture
def polled_by(
    product: Product, github: RecordedGitHub, polled_database: Callable[[str], Path]
) -> Callable[..., Product]:
    """Watch DIRAC with ``more`` in the configuration, as polled once with ``plan`` in it.

    ``plan`` is what a poll heeds of ``more``; the rest does not change what it leaves.
    """

    def polled_with(more: str = "", *, plan: str = "") -> Product:
        product.configure(configuration(github, product.folder, more=more + plan))
        shutil.copy2(polled_database(plan), product.folder)
        [repository] = open_app(str(product.config)).repositories()
        with closing(sqlite3.connect(product.folder / "bot.db")) as database, database:
            # The address of the forge is among the rules that releases are made by.
            database.execute("UPDATE repositories SET rules = ?", [rules_of(repository)])
        return product

    return polled_with


@pytest.fixture
def polled(polled_by: Callable[..., Product]) -> Product:
    """DIRAC, watched and polled once."""
    return polled_by()
