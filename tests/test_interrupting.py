"""Ctrl-C, sent to the real process: it ends within two seconds, says so in one line, and keeps what is finished."""

import io
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stdout, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from bot.app import now
from bot.cli.main import run
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.server import Request, Response
from bot.store.store import Store
from tests.chats.slack.fake_slack import TOKEN, FakeSlack
from tests.programs import PIPE, Program
from tests.test_stopping import PATHS, config, github, hanging, tags_in
from tests.worker.test_worker import lines_until

__all__ = ["config", "github"]

LINE = "interrupted\n"
DIGEST = '[[digests]]\nname = "weekly"\nchannel = "#dirac-releases"\nschedule = "0 0 * * mon"\nperiod = "last-week"\n'


@contextmanager
def begun(config: Path, *arguments: str, **environment: str) -> Iterator[Program]:
    variables = {"GITHUB_TOKEN": "t0ken", "PATH": os.defpath, **environment}
    process = Program("bot", ["--config", str(config), *arguments], env=variables, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def interrupted(process: "Program | subprocess.Popen[str]", within: float = 2) -> tuple[str, str]:
    """Interrupt a process; give what it printed and what it said."""
    sent = monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    # Half a second more for a machine with other tests on it.
    assert monotonic() - sent < within + 0.5
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout.read(), process.stderr.read()


def test_a_poll_keeps_what_was_answered(config: Path, github: RecordedGitHub) -> None:
    """The first repository of a forge is asked alone: it is answered before the others are asked."""
    with hanging(github, "tool7/") as hang, begun(config, "poll") as process:
        assert hang.asked.wait(20)
        out, err = interrupted(process)
    assert err == LINE
    recorded = [line for line in out.splitlines() if line.startswith("github:site/tool")]
    assert "github:site/tool0" in out
    assert len(recorded) == tags_in(config)
    assert 1 <= len(recorded) < len(PATHS)


@pytest.mark.parametrize(
    "command",
    [("doctor",), ("watch", "check", "github:site/tool7"), ("watch", "add", "github:other/tool7", "--yes")],
    ids=" ".join,
)
def test_a_command_that_waits_for_a_forge(config: Path, github: RecordedGitHub, command: Sequence[str]) -> None:
    text = config.read_text()
    with hanging(github, "tool7") as hang, begun(config, *command) as process:
        assert hang.asked.wait(20)
        _, err = interrupted(process)
    assert err == LINE
    assert config.read_text() == text


def test_a_second_one_ends_it_at_once(config: Path, github: RecordedGitHub) -> None:
    with hanging(github, "tool7/") as hang, begun(config, "doctor") as process:
        assert hang.asked.wait(20)
        sent = monotonic()
        process.send_signal(signal.SIGINT)
        while not _ends_within(process, 0.02) and monotonic() - sent < 20:
            process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert monotonic() - sent < 1


def test_what_git_was_doing_ends_too(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        path = tmp_path / "bot.toml"
        path.write_text(
            f'[forges.g]\nkind = "git"\nbase_url = "http://127.0.0.1:{port}"\n'
            '[[repositories]]\nforge = "g"\npath = "r.git"\n'
        )
        with begun(path, "poll") as process:
            connection, _ = server.accept()
            with closing(connection):
                _, err = interrupted(process)
                assert err == LINE
                # The end of the connection: nobody waits for an answer any more.
                connection.settimeout(10)
                while connection.recv(4096):
                    pass


def test_a_digest_that_is_being_posted_stays_in_doubt(config: Path) -> None:
    with HangingSlack() as slack:
        config.write_text(config.read_text() + f'[slack]\nbase_url = "{slack.url}"\n{DIGEST}')
        with begun(config, "digest", "--post", SLACK_BOT_TOKEN=TOKEN) as process:
            assert slack.asked.wait(20)
            _, err = interrupted(process)
            slack.over.set()
    assert err == LINE
    with Store.open(f"sqlite:///{config.parent}/bot.db") as store:
        assert [each.state for each in store.deliveries.in_states(["pending", "sending", "sent"])] == ["sending"]


def test_a_database_that_does_not_answer(config: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"postgresql://bot@127.0.0.1:{server.getsockname()[1]}/releases?connect_timeout=60"
        with begun(config, "count", DATABASE_URL=url) as process:
            connection, _ = server.accept()
            with closing(connection):
                _, err = interrupted(process)
    assert err == LINE


def test_a_database_that_another_process_locks(config: Path) -> None:
    """SQLite waits for the lock in C, where Python heeds no signal."""
    url = f"sqlite:///{config.parent}/bot.db?timeout=60"
    Store.open(url).close()
    with closing(sqlite3.connect(config.parent / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with begun(config, "db", "import", "-", DATABASE_URL=url) as process:
            while "bot.db" not in _open_files(process):
                assert process.poll() is None
            _, err = interrupted(process)
    assert err == LINE


def _open_files(process: Program) -> set[str]:
    names = set()
    for each in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(OSError):
            names.add(each.readlink().name)
    return names


def test_an_export_that_nobody_reads(config: Path) -> None:
    assert _run(config, "poll") == 0
    with begun(config, "db", "export", "-") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith('{"')
        _, err = interrupted(process)
    assert err == LINE


def test_an_import_whose_source_does_not_end(config: Path) -> None:
    fifo = config.parent / "fifo"
    os.mkfifo(fifo)
    with begun(config, "db", "import", str(fifo)) as process, fifo.open("w"):
        _, err = interrupted(process)
    assert err == LINE
    assert _run(config, "count") == 0


def test_a_question_is_no_answer(config: Path) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "bot", "--config", str(config), "watch", "remove", "tool7"]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        while process.stdout.read(1) != "?":
            pass
        _, err = interrupted(process)
        assert err.splitlines() == ["interrupted"]
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
        os.close(theirs)


def _run(config: Path, *arguments: str) -> int:
    with begun(config, *arguments) as process:
        process.communicate(timeout=60)
        return process.wait()


class HangingSlack(FakeSlack):
    """A Slack that keeps each post waiting, until it is over."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.over = Event(), Event()

    def answer(self, request: Request) -> Response:
        if request.path.endswith("/chat.postMessage"):
            self.asked.set()
            self.over.wait(60)
        return super().answer(request)


def test_a_worker_whose_forge_hangs(config: Path, github: RecordedGitHub) -> None:
    with hanging(github, "tool7/") as hang, begun(config, "run") as process:
        assert hang.asked.wait(20)
        _, err = interrupted(process)
    assert err.endswith(LINE)
    assert err.count("interrupted") == 1
    assert "Traceback" not in err


def test_a_worker_ends_what_it_is_posting(config: Path) -> None:
    with Store.open(f"sqlite:///{config.parent}/bot.db") as store:
        store.digests.known_since("weekly", "#dirac-releases", now() - timedelta(days=31))
    with HangingSlack() as slack:
        config.write_text(config.read_text() + f'[slack]\nbase_url = "{slack.url}"\n{DIGEST}')
        with begun(config, "run", SLACK_BOT_TOKEN=TOKEN) as process:
            assert slack.asked.wait(30)
            process.send_signal(signal.SIGINT)
            lines_until(process, "stopping")
            # Two seconds later it still waits for the answer.
            assert not _ends_within(process, 2.5)
            slack.over.set()
            assert process.wait(5) == 130
            assert len(slack.messages) == 1
    with Store.open(f"sqlite:///{config.parent}/bot.db") as store:
        assert [each.state for each in store.deliveries.in_states(["pending", "sending", "sent"])] == ["sent"]


def _ends_within(process: Program, seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


class Interrupting(io.StringIO):
    """Where whoever waits for the output presses Ctrl-C."""

    def write(self, _text: str) -> int:
        raise KeyboardInterrupt


@pytest.mark.parametrize("arguments", [["--help"], ["count", "--help"], ["--version"]])
def test_what_is_printed_before_any_command_is_interrupted_too(arguments: Sequence[str]) -> None:
    with redirect_stdout(Interrupting()):
        assert run(list(arguments)) == 130


_SLOW = """
import sys, time

class Slow:
    def find_spec(self, name, *_):
        if name == {name!r}:
            print("importing", flush=True)
            time.sleep(30)

sys.meta_path.insert(0, Slow())
"""


@pytest.mark.parametrize("name", ["bot.cli", "bot.cli.interrupts", "bot.cli.main", "click"])
@pytest.mark.parametrize("way", [("-m", "bot"), ("-c", "from bot.__main__ import main; main()")], ids=["-m", "script"])
def test_it_ends_while_it_is_still_importing(tmp_path: Path, way: Sequence[str], name: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(_SLOW.format(name=name))
    variables = {"PYTHONPATH": str(tmp_path), "PATH": os.defpath}
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, *way, "--help"], env=variables, stdout=pipe, stderr=pipe, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        assert interrupted(process) == ("", LINE)
    finally:
        process.kill()
        process.communicate()
