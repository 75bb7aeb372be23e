"""Leases held by processes: renewed while they work, lost when another has them, given back at the end."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from bot.services.leases import LENGTH, Holder, Leases
from bot.store.leases import Lease
from bot.store.store import Store

NAME = "api.github.com 0f0f"


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """Leases are renewed in a thread of their own."""
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        yield store


def of(store: Store, who: str) -> Leases:
    return Leases(store.leases, Holder(f"id of {who}", who), renew=0.01)


def test_while_one_holds_it_the_other_is_told_who(file_store: Store) -> None:
    with of(file_store, "A").held(NAME, Event()) as mine, of(file_store, "B").held(NAME, Event()) as other:
        assert (mine.by, other.by) == (None, "A")
    with of(file_store, "B").held(NAME, Event()) as freed:
        assert freed.by is None


def test_threads_of_one_process_hold_it_together_and_the_last_gives_it_back(file_store: Store) -> None:
    leases, other = of(file_store, "A"), of(file_store, "B")
    with leases.held(NAME, Event()):
        with leases.held(NAME, Event()) as second:
            assert second.by is None
        with other.held(NAME, Event()) as held:
            assert held.by == "A"
    with other.held(NAME, Event()) as held:
        assert held.by is None


def test_a_lease_that_another_has_taken_is_lost_and_its_work_is_over(file_store: Store) -> None:
    with of(file_store, "A").held(NAME, Event()) as held:
        assert not held.over.is_set()
        file_store.leases.release(NAME, "id of A")
        file_store.leases.take(NAME, "id of B", "B", LENGTH)
        assert held.over.wait(30)
    assert file_store.leases.take(NAME, "id of C", "C", LENGTH) == Lease(
        is_mine=False, who="B", ends_at=file_store.leases.take(NAME, "id of C", "C", LENGTH).ends_at
    )


def test_the_work_is_over_when_the_worker_stops(file_store: Store) -> None:
    stop = Event()
    with of(file_store, "A").held(NAME, stop) as held:
        stop.set()
        assert held.over.wait(30)


def test_a_lease_is_waited_for_until_it_is_free(file_store: Store) -> None:
    file_store.leases.take(NAME, "id of A", "A", LENGTH)
    seen: list[str] = []

    def give_back(lease: Lease) -> bool:
        seen.append(lease.who)
        file_store.leases.release(NAME, "id of A")
        return True

    with of(file_store, "B").held(NAME, Event(), 60, give_back) as held:
        assert (held.by, seen) == (None, ["A"])


def test_waiting_ends_when_nobody_wants_it_any_more(file_store: Store) -> None:
    file_store.leases.take(NAME, "id of A", "A", LENGTH)
    with of(file_store, "B").held(NAME, Event(), 60, lambda _: False) as held:
        assert held.by == "A"
    stop = Event()
    stop.set()
    with of(file_store, "B").held(NAME, stop, 60) as held:
        assert held.by == "A"
