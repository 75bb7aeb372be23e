"""A store in memory, and questions on the recorded histories."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue import ask
from bot.domain.repositories import Counts
from bot.queries.base import QueryContext, Watched, answer_text
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import TEXT
from bot.store.store import Store
from tests.builders import a_repository, as_of
from tests.histories import write_history
from tests.memory import store_in_memory

RECORDED = (
    a_repository(),
    a_repository("DIRACGrid/WebAppDIRAC"),
    a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with store_in_memory() as store:
        yield store


@pytest.fixture(scope="session")
def recorded() -> Iterator[Store]:
    """A store in memory with the recorded histories of DIRAC, WebAppDIRAC and COMDIRAC, only to be read."""
    with store_in_memory() as store:
        for repository in RECORDED:
            write_history(store, repository)
        yield store


@pytest.fixture
def on_slide_day(recorded: Store) -> QueryContext:
    """The recorded histories as of the day of the slide."""
    return QueryContext(recorded, Watched(RECORDED), as_of("2021-02-22T14:00"), timedelta(hours=2))


@pytest.fixture
def say(on_slide_day: QueryContext) -> Callable[[str], str]:
    """The answer to a question, as a terminal shows it."""
    return lambda text: answer_text(ask(text, on_slide_day, Vocabulary(RECORDED), None).answer(TEXT))


@pytest.fixture
def data(on_slide_day: QueryContext) -> Callable[[str], Any]:
    """The answer to a question as data."""
    return lambda text: ask(text, on_slide_day, Vocabulary(RECORDED), None).result.data()
