"""The worker as a process: how it ends, what it leaves behind, and what one forge's trouble does to another."""

import signal
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from bot.app import now, open_app
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository, RecordedTag, load
from bot.demo.recorded.server import Request, Response
from bot.worker.context import TaskContext
from bot.worker.tasks.poll import poll_due
from bot.worker.worker import guarded, tasks
from tests.worker.test_worker import lines_until, running, stopped

PATHS = [f"site/tool{number}" for number in range(30)]


def a_small_one(path: str) -> RecordedRepository:
    repository = RecordedRepository(path, {}, {})
    repository.put(RecordedTag("v1r0", "1" * 40, now() - timedelta(days=3)))
    return repository


@pytest.fixture
def github() -> Iterator[RecordedGitHub]:
    with RecordedGitHub([a_small_one(path) for path in PATHS], tokens=["t0ken"], now=now) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, github: RecordedGitHub) -> Path:
    path = tmp_path / "bot.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        + "".join(f'[[repositories]]\nforge = "github"\npath = "{each}"\n' for each in PATHS)
    )
    return path


@dataclass(frozen=True)
class Hang:
    """Tells that a question came, and is told that it is over."""

    asked: Event
    over: Event


@contextmanager
def hanging(github: RecordedGitHub, which: str) -> Iterator[Hang]:
    """Let the forge hang over the questions that have a word in their path, until the end."""
    asked, over = Event(), Event()

    def wait(request: Request) -> Response | None:
        if which in request.path:
            asked.set()
            over.wait(60)
        return None

    github.interceptor = wait
    try:
        yield Hang(asked, over)
    finally:
        over.set()


def tags_in(config: Path) -> int:
    with closing(sqlite3.connect(config.parent / "bot.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        [(count,)] = database.execute("SELECT count(*) FROM tags")
        return int(count)


@pytest.mark.long
def test_a_worker_whose_forge_hangs_ends_in_time_and_the_next_goes_on(config: Path, github: RecordedGitHub) -> None:
    with hanging(github, "tool7/") as hang, running(config) as process:
        assert hang.asked.wait(20)
        begun = monotonic()
        log = stopped(process)
        assert monotonic() - begun < 10
    assert "stopped without waiting for an answer" in log
    assert "Traceback" not in log
    held = tags_in(config)
    assert held < 30
    github.interceptor = None
    with running(config) as process:
        lines_until(process, f" of github: {30 - held} new tag")
        stopped(process)
    assert tags_in(config) == 30


@pytest.mark.parametrize(("second", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_second_signal_ends_it_at_once(
    config: Path, github: RecordedGitHub, second: signal.Signals, code: int
) -> None:
    with hanging(github, "tool7/") as hang, running(config) as process:
        assert hang.asked.wait(20)
        process.send_signal(signal.SIGTERM)
        lines_until(process, "stopping")
        begun = monotonic()
        process.send_signal(second)
        assert process.wait(20) == code
        assert monotonic() - begun < 4
    tags_in(config)


def test_a_worker_goes_on_when_the_database_can_be_written_again(
    config: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was answered meanwhile is not recorded in part; it is asked for again."""
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    config.write_text(config.read_text().replace("bot.db", "bot.db?timeout=0"))
    app = open_app(str(config))
    with app.store() as store, app.forges(app.watched_forges()) as forges:
        [polling, *_] = tasks(TaskContext(app, store, forges, Event()))
        with closing(sqlite3.connect(config.parent / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            guarded(polling)
        [line] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
        file = config.parent / "bot.db"
        hint = "if the lock persists, stop the process that holds it"
        assert line == f"poll github: {file}: locked by another process; {hint}"
        assert tags_in(config) == 0
        guarded(polling)
    assert tags_in(config) == 30


def test_a_forge_that_hangs_does_not_delay_another(
    config: Path, github: RecordedGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "cta-computing/dpps/workload/CTADIRAC"
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    with hanging(github, "") as hang, RecordedGitLab([load(path)], tokens=[], now=now) as gitlab:
        config.write_text(
            f'{config.read_text()}[[repositories]]\nforge = "gitlab"\npath = "{path}"\n'
            f'[forges.gitlab]\nkind = "gitlab"\nbase_url = "{gitlab.url}"\n'
        )
        app = open_app(str(config))
        with app.store() as store, app.forges(app.watched_forges()) as forges, ThreadPoolExecutor(1) as threads:
            context = TaskContext(app, store, forges, Event())
            hung = threads.submit(poll_due, context, "github", 60)
            assert hang.asked.wait(20)
            poll_due(context, "gitlab", 60)
            assert store.tags.record(f"gitlab:{path}").tag_count == 323
            assert not hung.done()
            hang.over.set()
