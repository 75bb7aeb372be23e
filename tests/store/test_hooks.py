"""Webhooks in the database: what they make due, who looks, and what is left of them."""

from datetime import timedelta
from threading import Event

import pytest
import sqlalchemy as sa

from bot.domain.polling.hooks import RECENT, HookArrivals
from bot.domain.polling.look import ForgeAccount, Look
from bot.services.leases import LENGTH, Holder, Leases
from bot.store.clock import read_clock
from bot.store.schema import hooks
from bot.store.store import Store
from tests.builders import MONDAY
from tests.databases import database_url, postgresql, store

__all__ = ["database_url", "postgresql", "store"]

OF = ForgeAccount("github", "api.github.com 0f0f")
ONE, TWO = "github:DIRACGrid/DIRAC", "github:DIRACGrid/diracx"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LATER = Look(MONDAY + timedelta(days=3650), MONDAY)


@pytest.fixture(autouse=True)
def watched(store: Store) -> None:
    store.looks.arrange(OF, "basis", 100, {ONE: LATER, TWO: LATER})


def claim(store: Store, name: str = "hooks A") -> list[str]:
    return store.looks.claim_hooked(OF, name, most=500, longest=LENGTH)


def holding(store: Store, name: str) -> None:
    store.leases.take(name, "id of A", "A", LENGTH)


def pass_by(store: Store, time: timedelta) -> None:
    """Let all that webhooks left have been so long ago."""
    with store.database.writing() as connection:
        for row in connection.execute(sa.select(hooks)).all():
            ago = {
                name: getattr(row, name) and getattr(row, name) - time for name in ("arrived_at", "due_at", "looked_at")
            }
            connection.execute(sa.update(hooks).where(hooks.c.source == row.source).values(ago))


def test_a_webhook_makes_its_repository_alone_due_whatever_the_round(store: Store) -> None:
    assert store.hooks.due() == frozenset()
    assert claim(store) == []
    store.hooks.arrived("github", ONE, is_news=True)
    assert store.hooks.due() == {"github"}
    assert claim(store) == [ONE]


def test_one_without_news_makes_nothing_due(store: Store) -> None:
    store.hooks.arrived("github", ONE)
    store.hooks.arrived("github")
    assert store.hooks.due() == frozenset()
    assert claim(store) == []


def test_however_many_arrive_there_is_one_look_in_half_a_minute(store: Store) -> None:
    for _ in range(3):
        store.hooks.arrived("github", ONE, is_news=True)
    holding(store, "hooks A")
    assert claim(store) == [ONE]
    assert store.hooks.due() == frozenset(), "it is being looked at"
    store.hooks.settle([ONE], [], 10 * MINUTE)
    store.looks.settle("hooks A", {ONE: LATER}, [])
    store.hooks.arrived("github", ONE, is_news=True)
    assert store.hooks.due() == frozenset()
    assert claim(store) == []
    pass_by(store, 30 * SECOND)
    assert store.hooks.due() == {"github"}
    assert claim(store) == [ONE]


def test_one_that_arrives_during_a_look_asks_for_another(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True)
    assert claim(store) == [ONE]
    store.hooks.arrived("github", ONE, is_news=True)
    store.hooks.settle([ONE], [], 10 * MINUTE)
    store.looks.settle("hooks A", {ONE: LATER}, [])
    pass_by(store, 30 * SECOND)
    assert claim(store) == [ONE]


def test_what_nobody_answers_is_due_again_later(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True)
    assert claim(store) == [ONE]
    store.hooks.settle([], [ONE], 10 * MINUTE)
    store.looks.settle("hooks A", {ONE: LATER}, [])
    pass_by(store, 9 * MINUTE)
    assert store.hooks.due() == frozenset()
    pass_by(store, MINUTE)
    assert claim(store) == [ONE]


def test_one_that_shows_nothing_new_right_after_its_webhook_is_looked_at_once_more(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True)
    for is_more in (True, False):
        assert claim(store) == [ONE]
        store.hooks.settle([ONE], [], 10 * MINUTE, unchanged=[ONE])
        store.looks.settle("hooks A", {ONE: LATER}, [])
        assert store.hooks.due() == frozenset()
        pass_by(store, 30 * SECOND)
        assert (store.hooks.due() == {"github"}) == is_more


def test_what_a_worker_that_died_had_claimed_is_looked_at_by_another(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True)
    holding(store, "hooks A")
    assert claim(store, "hooks A") == [ONE]
    pass_by(store, 31 * SECOND)
    assert store.hooks.due() == {"github"}
    assert claim(store, "hooks B") == []
    store.leases.release("hooks A", "id of A")
    assert claim(store, "hooks B") == [ONE]


def test_nobody_looks_while_another_has_the_forge_alone(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True)
    leases = Leases(store.leases, Holder("id of A", "A"))
    with leases.held(OF.account, Event()):
        assert claim(store) == []
    assert claim(store) == [ONE]


def test_a_look_for_a_webhook_waits_for_the_limit(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True, not_before=5 * MINUTE)
    assert claim(store) == []
    pass_by(store, 5 * MINUTE)
    assert claim(store) == [ONE]


def test_a_moment_far_ahead_keeps_nothing_waiting(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True)
    pass_by(store, -timedelta(days=30))
    assert store.hooks.due() == {"github"}
    assert claim(store) == [ONE]


def test_one_whose_repository_is_watched_no_longer_keeps_nobody_awake(store: Store) -> None:
    store.hooks.arrived("github", ONE, is_news=True)
    store.looks.arrange(OF, "another basis", 100, {TWO: LATER})
    assert claim(store) == []
    assert store.hooks.due() == frozenset()


def test_arrivals_are_known_by_repository_and_forge(store: Store) -> None:
    assert store.hooks.arrivals() == {}
    store.hooks.arrived("gitlab")
    store.hooks.arrived("github", ONE)
    pass_by(store, RECENT)
    store.hooks.arrived("github", TWO, is_news=True)
    found = store.hooks.arrivals()
    assert (found["github"].repositories, found["gitlab"].repositories) == (1, 0)
    with store.database.reading() as connection:
        now = read_clock(connection)
    assert found["github"].last_at is not None
    assert now - MINUTE < found["github"].last_at <= now
    assert store.hooks.last([ONE, TWO, "github:none"]).keys() == {ONE, TWO}
    assert store.hooks.recent([ONE, TWO]) == {TWO}
    pass_by(store, RECENT)
    assert store.hooks.arrivals()["github"] == HookArrivals(found["github"].last_at - RECENT, 0)
