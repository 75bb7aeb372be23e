"""Several reads of one state of the database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
import sqlalchemy as sa

from bot.store.errors import StoreError
from bot.store.store import Store
from tests.store.polls import KEY, hour, poll, ref

_T = TypeVar("_T")


def _names(store: Store) -> list[str]:
    return [tag.name for _, tag in store.tags.of([KEY])]


def _elsewhere(do: Callable[[], _T]) -> _T:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(do).result()


@pytest.fixture
def in_memory() -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        yield store


def test_all_that_is_read_within_a_snapshot_is_of_one_state(store: Store) -> None:
    poll(store, hour(0), [ref("v1")])
    with store.snapshot():
        assert _names(store) == ["v1"]
        _elsewhere(lambda: poll(store, hour(1), [ref("v1"), ref("v2")]))
        assert _names(store) == ["v1"]
        assert store.tags.records([KEY])[0].polled_at == hour(0)
    assert _names(store) == ["v1", "v2"]


def test_other_threads_read_what_was_written_meanwhile(store: Store) -> None:
    with store.snapshot():
        assert _names(store) == []
        _elsewhere(lambda: poll(store, hour(0), [ref("v1")]))
        assert _elsewhere(lambda: _names(store)) == ["v1"]


def test_a_snapshot_within_another_is_part_of_it(store: Store) -> None:
    with store.snapshot():
        assert _names(store) == []
        _elsewhere(lambda: poll(store, hour(0), [ref("v1")]))
        with store.snapshot():
            assert _names(store) == []
        assert _names(store) == []


def test_a_snapshot_is_one_transaction(store: Store) -> None:
    begun: list[sa.Connection] = []
    sa.event.listen(store.database.engine, "begin", begun.append)
    with store.snapshot():
        _names(store)
        store.clock.read()
        store.tags.records([KEY])
    assert len(begun) == 1


def test_nothing_can_be_written_within_a_snapshot(store: Store) -> None:
    with store.snapshot(), pytest.raises(RuntimeError, match="within a snapshot"):
        poll(store, hour(0), [ref("v1")])
    poll(store, hour(0), [ref("v1")])
    assert _names(store) == ["v1"]


def test_a_snapshot_ends_with_what_went_wrong_within_it(store: Store) -> None:
    with pytest.raises(StoreError), store.snapshot():
        store.tags.records(["github:\ud800"])
    poll(store, hour(0), [ref("v1")])
    assert _names(store) == ["v1"]


def test_a_database_in_memory_is_read_on_its_one_connection(in_memory: Store) -> None:
    poll(in_memory, hour(0), [ref("v1")])
    with in_memory.snapshot():
        assert _names(in_memory) == ["v1"]
    assert _elsewhere(lambda: _names(in_memory)) == ["v1"]


def test_the_database_s_errors_are_told_clearly_within_a_snapshot_too(store: Store) -> None:
    with store.snapshot(), pytest.raises(StoreError, match="Unicode"):
        store.tags.records(["github:\ud800"])


def test_snapshots_of_two_stores_in_one_thread_are_apart(store: Store, in_memory: Store) -> None:
    with store.snapshot():
        poll(in_memory, hour(0), [ref("v1")])
        assert (_names(store), _names(in_memory)) == ([], ["v1"])
