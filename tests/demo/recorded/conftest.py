from collections.abc import Iterator

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository, load
from tests.demo.recorded.support import TOKEN, Client, HandClock, a_light_tag, a_project, an_annotated_tag


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def project() -> RecordedRepository:
    return a_project(a_light_tag("v1"), a_light_tag("v2"), an_annotated_tag("v10"))


@pytest.fixture
def github(project: RecordedRepository, clock: HandClock) -> Iterator[RecordedGitHub]:
    empty = RecordedRepository("lab/empty", empty=True)
    with RecordedGitHub([project, empty, a_project(path="lab/bare")], tokens=[TOKEN, "other"], now=clock) as server:
        yield server


@pytest.fixture
def client(github: RecordedGitHub) -> Iterator[Client]:
    client = Client(github.url)
    with client.session:
        yield client


@pytest.fixture(scope="module")
def dirac() -> Iterator[Client]:
    with RecordedGitHub([load("DIRACGrid/DIRAC")], tokens=[TOKEN], now=HandClock()) as server:
        client = Client(server.url)
        with client.session:
            yield client


@pytest.fixture
def gitlab(project: RecordedRepository, clock: HandClock) -> Iterator[RecordedGitLab]:
    with RecordedGitLab([project, load("cta-computing/dpps/workload/CTADIRAC")], tokens=[TOKEN], now=clock) as server:
        yield server


@pytest.fixture
def lab(gitlab: RecordedGitLab) -> Iterator[Client]:
    client = Client(f"{gitlab.url}/api/v4")
    with client.session:
        yield client
