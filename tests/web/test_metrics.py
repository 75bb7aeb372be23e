"""Monitoring over HTTP: the numbers for Prometheus, and whether the bot lives."""

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import load
from bot.domain.errors import UsageError
from bot.domain.polling.record import PollDepth
from bot.services.poll import Asked, poll
from bot.services.poll_schedule import Timing
from bot.services.status import Status, read_status
from bot.store.errors import StoreError
from bot.web.app import served
from bot.web.metrics import Monitor
from bot.worker.jobs import Jobs
from tests.builders import PARIS, a_ref, a_repository
from tests.fakes import FakeForge
from tests.memory import store_in_memory
from tests.worker.test_worker import lines_until, running, stopped

DIRAC, PILOT = a_repository(), a_repository("DIRACGrid/Pilot")
NOW = datetime(2021, 2, 22, 9, 0, tzinfo=UTC)
HERE = ("127.0.0.1", 0)


@pytest.fixture
def told() -> Status:
    forge = FakeForge(DIRAC={a_ref("v7r2"): None, a_ref("v7r1"): None})
    timing = Timing(timedelta(minutes=10), timedelta(hours=1))
    with store_in_memory() as store:
        list(poll([Asked(DIRAC, PollDepth.FULL)], {"github": forge}, store, lambda: NOW))
        return read_status([DIRAC, PILOT], {"github": forge}, store, timing, NOW)


@contextmanager
def monitored(
    address: tuple[str, int],
    look: Callable[[], Status],
    overdue: Callable[[], Sequence[str]] = tuple,
    *,
    patience: float = 5,
) -> Iterator[int]:
    with (
        closing(Monitor(look, PARIS, overdue, patience=patience)) as monitor,
        served([monitor.mount(address)]) as ports,
    ):
        yield ports["monitoring.address"]


@pytest.fixture
def address(told: Status) -> Iterator[str]:
    with monitored(HERE, lambda: told) as port:
        yield f"http://127.0.0.1:{port}"


def numbers(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_numbers_are_in_the_format_of_prometheus(address: str, told: Status) -> None:
    answer = requests.get(f"{address}/metrics", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = numbers(answer.text)
    assert found["release_bot_repositories", "github"] == 2
    assert found["release_bot_repositories_failing", "github"] == len(told.stale) == 1
    assert found["release_bot_tags",] == 2
    assert found["release_bot_complete_until_seconds",] == 0
    assert found["release_bot_deliveries", "failed"] == 0
    assert {name for name, *_ in found} >= {"release_bot_info"}


def test_until_when_the_record_is_complete_is_a_moment(told: Status) -> None:
    whole = replace(told, complete_until=NOW)
    with monitored(HERE, lambda: whole) as port:
        found = numbers(requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text)
    assert found["release_bot_complete_until_seconds",] == NOW.timestamp()


def test_health_is_answered_beside_many_idle_connections(address: str) -> None:
    with ExitStack() as idle:
        for _ in range(150):
            idle.enter_context(socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))))
        assert requests.get(f"{address}/health", timeout=5).status_code == 200


def test_health_says_that_it_lives_and_whether_all_is_fine(address: str) -> None:
    answer = requests.get(f"{address}/health", timeout=5)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["is_fine"], told["deliveries"]) == (False, {"pending": 0, "sending": 0, "failed": 0})
    assert requests.head(f"{address}/health", timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/health"])
def test_a_database_that_cannot_be_read_is_told_and_the_listener_goes_on(path: str, told: Status) -> None:
    answers: list[Status | StoreError] = [StoreError("bot.db", "locked by another process"), told]

    def look() -> Status:
        answer = answers.pop(0)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    with monitored(HERE, look) as port:
        first, second = (requests.get(f"http://127.0.0.1:{port}{path}", timeout=5) for _ in range(2))
    assert (first.status_code, first.text) == (503, "bot.db: locked by another process\n")
    assert second.status_code == 200


def test_anything_else_is_refused(address: str) -> None:
    assert requests.get(f"{address}/", timeout=5).status_code == 404
    assert requests.post(f"{address}/metrics", timeout=5).status_code == 405


def test_an_address_that_is_taken_is_one_line(told: Status) -> None:
    with (
        monitored(HERE, lambda: told) as port,
        pytest.raises(UsageError, match=r"^monitoring\.address 127\.0\.0\.1:\d+: cannot listen \(Address"),
        monitored(("127.0.0.1", port), lambda: told),
    ):
        pytest.fail("it was taken")


def test_the_worker_serves_where_it_is_configured(tmp_path: Path) -> None:
    with RecordedGitHub([load("DIRACGrid/COMDIRAC")], tokens=["t0ken"], now=now) as github:
        config = tmp_path / "bot.toml"
        config.write_text(
            f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n[monitoring]\naddress = "127.0.0.1:0"\n'
            f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
            '[[repositories]]\nforge = "github"\npath = "DIRACGrid/COMDIRAC"\n'
        )
        with running(config) as process:
            log = lines_until(process, "polled 1 repository of github: 41 new tags, 0 failed")
            [port] = re.findall(r"monitoring listens on port (\d+)", log)
            found = numbers(requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text)
            stopped(process)
    assert found["release_bot_tags",] == 41
    assert found["release_bot_forge_limit_remaining", "github", "core"] > 4900


def test_health_fails_and_names_the_job_that_hangs(told: Status) -> None:
    seconds = iter([0.0, 61.0, 61.0, 62.0])
    jobs = Jobs(lambda: next(seconds))
    with monitored(HERE, lambda: told, jobs.overdue) as port, jobs.running("poll gitlab", 60) as alive:
        url = f"http://127.0.0.1:{port}"
        answer = requests.get(f"{url}/health", timeout=5)
        assert (answer.status_code, answer.text) == (503, "worker: poll gitlab: no progress for 61 s\n")
        assert requests.get(f"{url}/metrics", timeout=5).status_code == 200
        alive()
        assert requests.get(f"{url}/health", timeout=5).status_code == 200


def test_health_does_not_hang_with_the_database_and_looks_once_at_a_time(told: Status) -> None:
    answers, looks = Event(), []

    def look() -> Status:
        looks.append(1)
        answers.wait(30)
        return told

    with monitored(HERE, look, patience=0.1) as port:
        for _ in range(3):
            answer = requests.get(f"http://127.0.0.1:{port}/health", timeout=5)
            assert (answer.status_code, answer.text) == (503, "database: no answer in 0.1 s\n")
        assert len(looks) == 1
        answers.set()
        while requests.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code != 200:
            pass
