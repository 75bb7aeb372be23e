"""A store in memory."""

from collections.abc import Iterator

import pytest

from bot.store.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        yield store
