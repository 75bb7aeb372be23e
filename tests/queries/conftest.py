"""A store in memory."""

from collections.abc import Iterator

import pytest

from bot.store.sql import SqlStore


@pytest.fixture
def store() -> Iterator[SqlStore]:
    with SqlStore.open("sqlite://") as store:
        yield store
