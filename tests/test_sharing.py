"""Workers that share a database: together they cost what one costs, and one takes over from one that was killed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from bot.app import now, open_app
from bot.cli.main import run
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import load
from bot.demo.recorded.server import Request
from bot.domain.polling.look import ForgeAccount
from bot.services.leases import LENGTH
from bot.store.store import Store
from tests.databases import database_url, postgresql
from tests.memory import store_in_memory
from tests.programs import PIPE, Program
from tests.worker.quick import LEASE

__all__ = ["database_url", "postgresql"]
PATHS = ("DIRACGrid/COMDIRAC", "DIRACGrid/VMDIRAC")


@pytest.fixture
def github() -> Iterator[RecordedGitHub]:
    with RecordedGitHub([load(path) for path in PATHS], tokens=["t0ken"], now=now) as server:
        yield server


def configure(folder: Path, github: RecordedGitHub, url: str) -> Path:
    path = folder / "bot.toml"
    path.write_text(
        f'[database]\nurl = "{url}"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        + "".join(f'[[repositories]]\nforge = "github"\npath = "{path}"\n' for path in PATHS)
    )
    return path


@contextmanager
def worker(config: Path) -> Iterator[Program]:
    arguments = ["--config", str(config), "run"]
    with Program("tests.worker.quick", arguments, env={"GITHUB_TOKEN": "t0ken"}, stderr=PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: Program, words: str) -> None:
    assert process.stderr is not None
    assert any(words in line for line in process.stderr)


def cost_of_one(folder: Path, github: RecordedGitHub) -> int:
    folder.mkdir()
    with worker(configure(folder, github, f"sqlite:///{folder}/bot.db")) as process:
        until(process, "polled 2 repositories")
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    count = len(github.requests)
    github.requests.clear()
    return count


@pytest.mark.long
def test_a_second_worker_asks_nothing_and_takes_over_within_a_minute_of_a_kill(
    tmp_path: Path, github: RecordedGitHub, database_url: str
) -> None:
    alone = cost_of_one(tmp_path / "alone", github)
    asked, go_on = Event(), Event()

    def hold(_: Request) -> None:
        asked.set()
        go_on.wait(60)

    github.interceptor = hold
    config = configure(tmp_path, github, database_url)
    with worker(config) as first, worker(config) as second:
        until(first, "watching 2 repositories")
        until(second, "watching 2 repositories")
        assert asked.wait(20)
        with Store.open(database_url) as store:
            [name] = open_app_accounts(config, store)
            held = store.looks.in_flight(ForgeAccount("github", name), timedelta(seconds=LEASE))
        assert held is not None
        killed, other = (first, second) if f"process {first.pid}" in held.who else (second, first)
        killed.kill()
        began = monotonic()
        github.interceptor = None
        go_on.set()
        held_back = len(github.requests)
        until(other, "polled 2 repositories")
        # The lease of this worker is shorter than that of others, which is tried again before a minute is over.
        assert monotonic() - began < 60
    assert held_back <= 2
    assert len(github.requests) == held_back + alone


def open_app_accounts(config: Path, store: Store) -> list[str]:
    app = open_app(str(config))
    secret = type(app)(app.settings, {**app.variables, "GITHUB_TOKEN": "t0ken"}, app.files)
    return list(secret.accounts(["github"], store).values())


def test_a_poll_by_hand_says_who_polls(
    tmp_path: Path, github: RecordedGitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    monkeypatch.setattr("bot.cli.poll._PATIENCE_SECONDS", 0.0)
    config = configure(tmp_path, github, f"sqlite:///{tmp_path}/bot.db")
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        [name] = open_app_accounts(config, store)
        store.leases.take(name, "another", "cernvm, process 7", LENGTH)
        assert run(["--config", str(config), "poll"]) == 1
        told = "github is being polled with the same token by cernvm, process 7; wait until that poll ends, or stop it"
        assert capsys.readouterr().err.splitlines() == [f"error: github:{path}: {told}" for path in PATHS]
        assert github.requests == []
        store.leases.release(name, "another")
    assert run(["--config", str(config), "poll"]) == 0
    assert "t0ken" not in (tmp_path / "bot.db").read_bytes().decode(errors="replace")


def test_an_account_is_known_by_its_host_and_token_and_differently_in_each_database(
    tmp_path: Path, github: RecordedGitHub
) -> None:
    config = configure(tmp_path, github, f"sqlite:///{tmp_path}/bot.db")
    with store_in_memory() as one, store_in_memory() as other:
        [name], [again], [elsewhere] = (open_app_accounts(config, store) for store in (one, one, other))
    assert name == again != elsewhere
    assert name.startswith("127.0.0.1:")
    assert "t0ken" not in name
