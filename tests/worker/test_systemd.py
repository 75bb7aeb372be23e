"""What systemd hears of the worker, on a socket of its kind: from the parts, and from the program as a process."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from bot.worker.systemd import ServiceManager
from tests.programs import PIPE, Program

# A watchdog's time for the processes of the tests, and how long to listen for what must not come, in seconds.
WATCHDOG, SILENCE = 0.2, 0.5


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Systemd:
    """Listens as systemd does."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(20)

    def hear(self) -> str:
        return self.socket.recv(4096).decode()

    def hear_out(self, seconds: float = 0) -> list[str]:
        """Return what comes until nothing comes for so long."""
        heard = []
        self.socket.settimeout(seconds)
        try:
            while True:
                heard.append(self.hear())
        except (TimeoutError, BlockingIOError):
            return heard
        finally:
            self.socket.settimeout(20)


@contextmanager
def listening(address: str) -> Iterator[Systemd]:
    systemd = Systemd(address)
    try:
        yield systemd
    finally:
        systemd.socket.close()


@pytest.fixture
def path() -> Iterator[str]:
    # The path of a socket has at most 107 bytes, which that of the test's own folder may exceed.
    with TemporaryDirectory(prefix="release-bot-") as folder:
        yield f"{folder}/notify"


@pytest.fixture
def systemd(path: str) -> Iterator[Systemd]:
    with listening(path) as heard:
        yield heard


def test_the_watchdog_hears_of_the_worker_when_half_of_its_time_has_passed(path: str, systemd: Systemd) -> None:
    clock = Clock()
    manager = ServiceManager({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "600000000"}, clock)
    manager.notify_ready()
    told = []
    for clock.seconds in range(0, 905, 5):
        manager.notify_alive([])
        told += [clock.seconds for _ in systemd.hear_out() if clock.seconds]
    assert told == [300, 600, 900]
    assert manager.most_seconds == 300


def test_a_job_that_hangs_is_logged_and_the_watchdog_hears_nothing(
    path: str, systemd: Systemd, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    manager = ServiceManager({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "600000000"}, clock)
    for clock.seconds in range(0, 605, 5):
        manager.notify_alive(["poll github: no progress for 1,900 s"])
    assert systemd.hear_out() == []
    assert caplog.messages == ["systemd is not told WATCHDOG=1: poll github: no progress for 1,900 s"] * 2


@pytest.mark.parametrize(
    "more",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}],
    ids=["none", "zero", "no number", "of another process"],
)
def test_without_a_watchdog_of_this_process_it_hears_of_the_start_and_the_end_alone(
    path: str, systemd: Systemd, more: dict[str, str]
) -> None:
    clock = Clock()
    manager = ServiceManager({"NOTIFY_SOCKET": path, **more}, clock)
    manager.notify_ready()
    clock.seconds = 1e9
    manager.notify_alive([])
    manager.notify_stopping()
    assert systemd.hear_out() == ["READY=1", "STOPPING=1"]


def test_the_watchdog_may_name_this_process(path: str, systemd: Systemd) -> None:
    clock = Clock()
    variables = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": str(os.getpid())}
    manager = ServiceManager(variables, clock)
    clock.seconds = 1
    manager.notify_alive([])
    assert systemd.hear_out() == ["WATCHDOG=1"]


def test_the_socket_may_be_an_abstract_one() -> None:
    name = f"release-bot-{uuid4()}"
    with listening(f"\0{name}") as systemd:
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).notify_ready()
        assert systemd.hear_out() == ["READY=1"]


def test_a_socket_that_nobody_reads_is_a_warning_and_holds_up_nothing(
    path: str, systemd: Systemd, caplog: pytest.LogCaptureFixture
) -> None:
    manager = ServiceManager({"NOTIFY_SOCKET": path})
    while not caplog.messages:
        manager.notify_ready()
    assert caplog.messages == [f"systemd cannot be told READY=1: {path}: Resource temporarily unavailable"]
    assert set(systemd.hear_out()) == {"READY=1"}
    ServiceManager({"NOTIFY_SOCKET": f"{path}-2"}).notify_stopping()
    assert caplog.messages[1:] == [f"systemd cannot be told STOPPING=1: {path}-2: No such file or directory"]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bot.toml"
    file.write_text(f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n')
    return file


@contextmanager
def running(config: Path, **variables: str) -> Iterator[Program]:
    process = Program("bot", ["--config", str(config), "run"], env=variables, stderr=PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def watched(path: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(int(WATCHDOG * 1_000_000))}


def test_the_worker_tells_that_it_is_ready_then_alive_then_stopping(config: Path, path: str, systemd: Systemd) -> None:
    with running(config, **watched(path)) as process:
        assert [systemd.hear() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        *alive, last = systemd.hear_out()
        assert set(alive) <= {"WATCHDOG=1"}
        assert last == "STOPPING=1"


def test_a_worker_whose_loop_hangs_is_not_heard_of(config: Path, path: str, systemd: Systemd) -> None:
    with running(config, **watched(path)):
        assert [systemd.hear() for _ in range(2)] == ["READY=1", "WATCHDOG=1"]
        # Whoever reads a pipe that nobody writes to hangs.
        os.mkfifo(pipe := config.with_name("pipe"))
        pipe.rename(config)
        systemd.hear_out(SILENCE)
        assert systemd.hear_out(SILENCE) == []
