"""Milestones, issues and pull requests of the recorded forges."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import requests

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedMilestone, RecordedRepository, load

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BEGUN = datetime(2021, 1, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def repository() -> RecordedRepository:
    dirac = load("DIRACGrid/DIRAC")
    day = timedelta(days=1)
    dirac.milestones = [
        RecordedMilestone(n, f"v7r2 step {n}", BEGUN + n * day, date(2021, 3, n), BEGUN + 40 * day if n < 3 else None)
        for n in range(1, 6)
    ]
    dirac.issues = [
        RecordedMilestone(n, f"issue {n}", BEGUN + n * day, None, None, ("certification",) if n % 2 else ("bug",))
        for n in range(10, 15)
    ]
    return dirac


@pytest.fixture
def github(repository: RecordedRepository) -> Iterator[str]:
    with RecordedGitHub([repository], now=lambda: NOW) as server:
        yield f"{server.url}/repos/DIRACGrid/DIRAC"


@pytest.fixture
def gitlab(repository: RecordedRepository) -> Iterator[str]:
    with RecordedGitLab([repository], now=lambda: NOW) as server:
        yield f"{server.url}/api/v4/projects/DIRACGrid%2FDIRAC"


def test_github_lists_open_milestones_unless_told_otherwise(github: str) -> None:
    assert [each["number"] for each in requests.get(f"{github}/milestones", timeout=5).json()] == [5, 4, 3]
    everything = requests.get(f"{github}/milestones?state=all", timeout=5).json()
    assert [each["number"] for each in everything] == [5, 4, 3, 2, 1]
    assert (everything[0]["due_on"], everything[0]["closed_at"]) == ("2021-03-05T08:00:00Z", None)
    assert everything[-1]["state"] == "closed"


def test_github_lists_issues_by_label_and_says_where_they_are_switched_off(
    github: str, repository: RecordedRepository
) -> None:
    labelled = requests.get(f"{github}/issues?labels=certification", timeout=5).json()
    assert [each["number"] for each in labelled] == [13, 11]
    repository.has_issues = False
    assert requests.get(f"{github}/issues", timeout=5).status_code == 410
    assert requests.get(github, timeout=5).json()["has_issues"] is False


def test_github_pages_through_the_pull_requests_that_name_a_hackathon(github: str) -> None:
    numbers: list[int] = []
    url: str | None = f"{github}/pulls?state=all&sort=created&direction=desc"
    while url:
        answer = requests.get(url, timeout=5)
        numbers += [each["number"] for each in answer.json()]
        url = answer.links.get("next", {}).get("url")
    assert len(numbers) == len(set(numbers)) == 92
    assert numbers[-1] == 4138


def test_gitlab_lists_milestones_issues_and_merge_requests(gitlab: str, repository: RecordedRepository) -> None:
    milestones = requests.get(f"{gitlab}/milestones", timeout=5).json()
    assert [(each["iid"], each["due_date"]) for each in milestones][:2] == [(5, "2021-03-05"), (4, "2021-03-04")]
    labelled = requests.get(f"{gitlab}/issues?labels=certification", timeout=5).json()
    assert [each["iid"] for each in labelled] == [13, 11]
    pulls = requests.get(f"{gitlab}/merge_requests?per_page=100", timeout=5)
    assert (len(pulls.json()), pulls.headers["x-total"]) == (92, "92")
    assert pulls.json()[-1]["source_branch"] == "v6r22-fixes7"
    repository.has_issues = False
    assert requests.get(f"{gitlab}/issues", timeout=5).status_code == 403
