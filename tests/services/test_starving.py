"""Polling within a limit that is too small for all: everything comes, only later."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository, RecordedTag
from bot.domain.repositories import Repository
from bot.forges.github.forge import GitHubForge
from bot.services.budget import budgets, within
from bot.services.poll import poll
from bot.services.poll_schedule import Timing, due
from bot.services.ports import Forge
from bot.store.store import Store
from tests.builders import MONDAY, a_repository

COUNT, TAGS = 90, 2
TIMING = Timing(timedelta(minutes=10), timedelta(hours=1))
REPOSITORIES = [a_repository(f"site/extension{number}") for number in range(COUNT)]


@dataclass
class Clock:
    """A clock that stands still until it is moved on."""

    now: datetime = field(default=MONDAY)

    def __call__(self) -> datetime:
        return self.now


def recorded(repository: Repository, number: int) -> RecordedRepository:
    made = RecordedRepository(repository.path)
    for tag in range(TAGS):
        made.put(RecordedTag(f"v7r1p{tag}", f"{number:020x}{tag:020x}", MONDAY - timedelta(days=tag + 1)))
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def github(clock: Clock) -> Iterator[RecordedGitHub]:
    repositories = [recorded(each, number) for number, each in enumerate(REPOSITORIES)]
    with RecordedGitHub(repositories, now=clock) as server:
        yield server


def tick(forges: dict[str, Forge], store: Store, clock: Clock) -> list[str]:
    """Do what the worker does when it wakes, and name the repositories that were not answered."""
    timing = within(TIMING, budgets(REPOSITORIES, forges, store, TIMING, clock()))
    outcomes = poll(due(REPOSITORIES, store.tags, timing, clock()), forges, store, clock)
    return [outcome.repository for outcome in outcomes if outcome.error]


@pytest.mark.long
def test_without_a_token_every_tag_and_date_comes_within_a_day_and_none_is_lost(
    github: RecordedGitHub, store: Store, clock: Clock
) -> None:
    forge = GitHubForge("github", github.url, None, most_a_minute=100_000, now=clock)
    with closing(forge):
        missed = tick({"github": forge}, store, clock)
        assert 0 < len(missed) < COUNT
        for _ in range(24 * 4):
            clock.now += timedelta(minutes=15)
            tick({"github": forge}, store, clock)
    for record in store.tags.records(each.key for each in REPOSITORIES):
        assert (record.tag_count, record.undetailed_count, record.error) == (TAGS, 0, None)
        assert record.polled_at is not None
        assert clock() - record.polled_at < timedelta(hours=5)
