"""The pages served by the worker and alone: what is configured, what is refused, and what changes meanwhile."""

import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest
import requests

from bot.app import open_app
from bot.config.fields import SocketAddress
from bot.domain.errors import UsageError
from bot.store.store import Store
from bot.worker.pages import mounts_of_pages, serve_pages
from tests.builders import a_repository
from tests.histories import write_history

ANY_PORT = SocketAddress("127.0.0.1", 0)
FILE = '[database]\nurl = "sqlite:///{folder}/bot.db"\n[forges.github]\nkind = "github"\n'
DIRAC = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
PAGE = "r/github:DIRACGrid/DIRAC"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        write_history(store, a_repository())
    path = tmp_path / "bot.toml"
    path.write_text(FILE.format(folder=tmp_path) + DIRAC)
    return path


@contextmanager
def serving(config: Path) -> Iterator["Queue[str]"]:
    """Serve the pages alone, and yield a queue of their URLs: one more after each change of the configuration."""
    urls, stop = Queue[str](), Event()
    thread = Thread(target=serve_pages, args=(open_app(str(config)), ANY_PORT, stop), kwargs={"tell": urls.put})
    thread.start()
    try:
        yield urls
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def mounted(config: Path) -> Sequence[object]:
    app = open_app(str(config))
    with app.store() as store:
        return mounts_of_pages(app, store, {})


def test_without_a_table_the_worker_serves_no_pages(config: Path) -> None:
    assert mounted(config) == []


def test_a_token_that_is_not_set_lets_nobody_look(config: Path, caplog: pytest.LogCaptureFixture) -> None:
    config.write_text(config.read_text() + '[web]\naddress = "127.0.0.1:0"\ntoken_env = "NO_SUCH_WEB"\n')
    assert mounted(config) == []
    why = "web.token_env: $NO_SUCH_WEB is not set"
    assert why in caplog.text
    with pytest.raises(UsageError, match="NO_SUCH_WEB is not set"):
        serve_pages(open_app(str(config)), ANY_PORT, Event(), tell=print)


def test_pages_that_anybody_may_read_from_other_machines_are_warned_of(
    config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    config.write_text(config.read_text() + '[web]\naddress = "0.0.0.0:0"\n')
    assert len(mounted(config)) == 1
    assert "anybody who reaches 0.0.0.0:0 can read the pages" in caplog.text


def test_two_copies_serve_one_database_and_a_token_guards_both(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_TOKEN", "s3cret")
    config.write_text(config.read_text() + '[web]\ntoken_env = "WEB_TOKEN"\n')
    with serving(config) as one, serving(config) as other:
        for url in (one.get(timeout=20), other.get(timeout=20)):
            assert requests.get(url + PAGE, timeout=10).status_code == 401
            assert requests.get(url + PAGE, auth=("anybody", "s3cret"), timeout=10).status_code == 200


def test_a_worker_without_pages_loads_nothing_of_them() -> None:
    loaded = "import sys, bot.worker.worker; print(*(m for m in sys.modules if m.startswith(('werkzeug', 'bot.web'))))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"bot.web", "bot.web.app", "bot.web.metrics", "bot.web.server"}
