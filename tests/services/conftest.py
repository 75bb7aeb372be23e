"""A store in memory."""

from collections.abc import Iterator

import pytest

from bot.store.store import Store
from tests.memory import store_in_memory


@pytest.fixture
def store() -> Iterator[Store]:
    with store_in_memory() as store:
        yield store
