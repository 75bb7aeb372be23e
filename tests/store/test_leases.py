"""Leases and the shared pace: by the database's clock, whatever that of a process says."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.domain.polling.budget import USED_WITHIN
from bot.store.clock import read_clock
from bot.store.database import Database
from bot.store.schema import leases, request_paces
from bot.store.store import Store
from tests.builders import paris

LENGTH = timedelta(seconds=20)
NAME = "api.github.com 0f0f"


def take(store: Store, holder: str) -> tuple[bool, str]:
    lease = store.leases.take(NAME, holder, f"host, process {holder}", LENGTH)
    return lease.is_mine, lease.who


@contextmanager
def writing(url: str) -> Iterator[sa.Connection]:
    with closing(Database.at(url)) as database, database.writing() as connection:
        yield connection


def test_a_lease_is_one_holders_until_it_is_given_back(store: Store) -> None:
    assert take(store, "A") == (True, "host, process A")
    assert take(store, "B") == (False, "host, process A")
    assert take(store, "A") == (True, "host, process A")
    store.leases.release(NAME, "B")
    assert take(store, "B") == (False, "host, process A")
    store.leases.release(NAME, "A")
    assert take(store, "B") == (True, "host, process B")


@pytest.mark.parametrize(
    ("ends_in", "is_over"),
    [(-1, True), (5, False), (19, False), (60, True), (86_400, True)],
    ids=["past", "soon", "whole", "a minute ahead", "a day ahead"],
)
def test_a_lease_is_over_when_its_end_is_past_or_further_ahead_than_a_lease_is_long(
    database_url: str, store: Store, ends_in: float, *, is_over: bool
) -> None:
    take(store, "A")
    with writing(database_url) as connection:
        ends_at = read_clock(connection) + timedelta(seconds=ends_in)
        connection.execute(sa.update(leases).values(ends_at=ends_at))
    assert take(store, "B")[0] == is_over


def test_of_many_that_ask_at_once_one_gets_it(database_url: str) -> None:
    with Store.open(database_url) as store, ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda number: take(store, str(number))[0], range(8))) == 1


def test_the_databases_clock_is_the_time(database_url: str) -> None:
    with writing(database_url) as connection:
        assert abs(read_clock(connection) - datetime.now(UTC)) < timedelta(seconds=5)  # noqa: TID251 - it is tested


def test_processes_reserve_no_more_in_a_minute_than_one_may_ask(database_url: str) -> None:
    with Store.open(database_url) as one, Store.open(database_url) as other:
        waits = [store.leases.reserve(NAME, 25, 800) for _ in range(16) for store in (one, other)]
        assert waits == [0.0] * 32
        # A minute, and as long as what is reserved may wait to be sent.
        assert 60 < other.leases.reserve(NAME, 25, 800) <= 60 + USED_WITHIN
        assert one.leases.reserve("another account", 25, 800) == 0


@pytest.mark.parametrize("seconds", [-66, 3600], ids=["longer ago", "in the future"])
def test_what_was_asked_longer_ago_or_by_a_clock_that_was_ahead_is_not_counted(
    database_url: str, store: Store, seconds: float
) -> None:
    store.leases.reserve(NAME, 800, 800)
    with writing(database_url) as connection:
        at = read_clock(connection).timestamp() + seconds
        connection.execute(sa.update(request_paces).values(recent=[[at, 800]]))
    assert store.leases.reserve(NAME, 800, 800) == 0


def test_a_databases_key_is_made_once_and_is_its_own(database_url: str) -> None:
    with Store.open(database_url) as one, Store.open(database_url) as other, Store.open("sqlite://") as third:
        assert one.leases.key("accounts") == other.leases.key("accounts") != third.leases.key("accounts")
        assert len(one.leases.key("accounts")) == 64


def test_an_event_is_taken_once_and_forgotten_after_a_day(store: Store) -> None:
    at = paris("2021-02-22T09:00").astimezone(ZoneInfo("UTC"))
    assert store.leases.take_event("Ev1", at)
    assert not store.leases.take_event("Ev1", at + timedelta(hours=23))
    assert store.leases.take_event("Ev2", at + timedelta(hours=25))
    assert store.leases.take_event("Ev1", at + timedelta(hours=25))
