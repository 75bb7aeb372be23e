"""Monitoring over HTTP: the numbers for Prometheus, and whether the bot lives."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from bot.app import now
from bot.domain.errors import UsageError
from bot.jobs import Jobs
from bot.monitoring import monitored
from bot.recorded.github import RecordedGitHub
from bot.recorded.history import load
from bot.services.due import Timing
from bot.services.polling import Asked, poll
from bot.services.ports import Look, StoreError
from bot.services.standing import Standing, standing
from bot.store.sql import SqlStore
from tests.builders import PARIS, a_ref, a_repository
from tests.fakes import FakeForge
from tests.test_worker import lines_until, running, stopped

DIRAC, PILOT = a_repository(), a_repository("DIRACGrid/Pilot")
NOW = datetime(2021, 2, 22, 9, 0, tzinfo=UTC)
HERE = ("127.0.0.1", 0)


@pytest.fixture
def told() -> Standing:
    forge = FakeForge(DIRAC={a_ref("v7r2"): None, a_ref("v7r1"): None})
    timing = Timing(timedelta(minutes=10), timedelta(hours=1))
    with SqlStore.open("sqlite://") as store:
        list(poll([Asked(DIRAC, Look.FULL)], {"github": forge}, store, lambda: NOW))
        return standing([DIRAC, PILOT], {"github": forge}, store, timing, NOW)


@pytest.fixture
def address(told: Standing) -> Iterator[str]:
    with monitored(HERE, lambda: told, PARIS) as port:
        yield f"http://127.0.0.1:{port}"


def numbers(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_numbers_are_in_the_format_of_prometheus(address: str, told: Standing) -> None:
    answer = requests.get(f"{address}/metrics", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = numbers(answer.text)
    assert found["release_bot_repositories", "github"] == 2
    assert found["release_bot_repositories_failing", "github"] == len(told.stale) == 1
    assert found["release_bot_tags",] == 2
    assert found["release_bot_complete_until_seconds",] == 0
    assert found["release_bot_deliveries", "failed"] == 0
    assert {name for name, *_ in found} >= {"release_bot_info"}


def test_until_when_the_record_is_complete_is_a_moment(told: Standing) -> None:
    whole = replace(told, complete_until=NOW)
    with monitored(HERE, lambda: whole, PARIS) as port:
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
def test_a_database_that_cannot_be_read_is_told_and_the_listener_goes_on(path: str, told: Standing) -> None:
    answers: list[Standing | StoreError] = [StoreError("bot.db", "is locked by another process"), told]

    def look() -> Standing:
        answer = answers.pop(0)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    with monitored(HERE, look, PARIS) as port:
        first, second = (requests.get(f"http://127.0.0.1:{port}{path}", timeout=5) for _ in range(2))
    assert (first.status_code, first.text) == (503, "bot.db: is locked by another process\n")
    assert second.status_code == 200


def test_anything_else_is_refused(address: str) -> None:
    assert requests.get(f"{address}/", timeout=5).status_code == 404
    assert requests.post(f"{address}/metrics", timeout=5).status_code == 405


def test_an_address_that_is_taken_is_one_line(told: Standing) -> None:
    with (
        monitored(HERE, lambda: told, PARIS) as port,
        pytest.raises(UsageError, match=r"^monitoring\.address 127\.0\.0\.1:\d+: cannot be listened at \(Address"),
        monitored(("127.0.0.1", port or 0), lambda: told, PARIS),
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
            [port] = re.findall(r"monitoring listens at port (\d+)", log)
            found = numbers(requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text)
            stopped(process)
    assert found["release_bot_tags",] == 41
    assert found["release_bot_forge_limit_remaining", "github", "core"] > 4900


def test_health_fails_and_names_the_job_that_hangs(told: Standing) -> None:
    seconds = iter([0.0, 61.0, 61.0, 62.0])
    jobs = Jobs(lambda: next(seconds))
    with monitored(HERE, lambda: told, PARIS, jobs.overdue) as port, jobs.running("poll gitlab", 60) as alive:
        url = f"http://127.0.0.1:{port}"
        answer = requests.get(f"{url}/health", timeout=5)
        assert (answer.status_code, answer.text) == (503, "worker: poll gitlab: no sign of life for 61 s\n")
        assert requests.get(f"{url}/metrics", timeout=5).status_code == 200
        alive()
        assert requests.get(f"{url}/health", timeout=5).status_code == 200


def test_health_does_not_hang_with_the_database_and_looks_once_at_a_time(told: Standing) -> None:
    answers, looks = Event(), []

    def look() -> Standing:
        looks.append(1)
        answers.wait(30)
        return told

    with monitored(HERE, look, PARIS, patience=0.1) as port:
        for _ in range(3):
            answer = requests.get(f"http://127.0.0.1:{port}/health", timeout=5)
            assert (answer.status_code, answer.text) == (503, "database: no answer in 0.1 s\n")
        assert len(looks) == 1
        answers.set()
        while requests.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code != 200:
            pass
