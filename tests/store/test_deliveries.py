"""Deliveries: each is sent once, whoever else is at work; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from threading import Barrier

import pytest

from bot.domain.digests.delivery import Delivery, DeliveryState, Frozen, Posted, Settlement
from bot.domain.periods.period import Period
from bot.store.store import Store
from tests.builders import PARIS, paris
from tests.store.digests import CHANNEL, FROM_THE_BEGINNING, MONDAY, NEXT_WEEK, WEEK, a_digest, told
from tests.store.processes import all_go_on, process


@pytest.mark.parametrize("period", [WEEK, FROM_THE_BEGINNING])
def test_a_period_has_one_delivery_and_what_it_says_stays(store: Store, period: Period) -> None:
    first = store.deliveries.add(a_digest(period, {"v7r1p1": "2021-02-16"}), CHANNEL, Frozen("first"))
    again = store.deliveries.add(a_digest(period, {"v7r1p2": "2021-02-16"}), CHANNEL, Frozen("second"))
    assert again == first
    assert store.deliveries.in_states(["pending"]) == [first]
    assert len(store.digests.past("weekly", CHANNEL)) == 1
    assert told(store) == {"7.1.1"}


def test_another_name_channel_or_period_has_a_delivery_of_its_own(store: Store) -> None:
    made = [
        store.deliveries.add(a_digest(), CHANNEL, Frozen("")),
        store.deliveries.add(a_digest(), "#other", Frozen("")),
        store.deliveries.add(a_digest(name="monthly"), CHANNEL, Frozen("")),
        store.deliveries.add(a_digest(NEXT_WEEK), CHANNEL, Frozen("")),
        store.deliveries.add(a_digest(FROM_THE_BEGINNING), CHANNEL, Frozen("")),
    ]
    assert store.deliveries.in_states(["pending"]) == made
    assert len({delivery.id for delivery in made}) == len(made)


def claimed(store: Store, delivery: Delivery, at: datetime = WEEK.end) -> Delivery:
    begun = store.deliveries.claim(delivery, at)
    assert begun is not None
    return begun


def test_a_delivery_goes_from_pending_to_sending_to_sent(store: Store) -> None:
    begun = claimed(store, store.deliveries.add(a_digest(), CHANNEL, Frozen("text")), paris("2021-02-22T09:01"))
    assert store.deliveries.in_states(["sending"]) == [begun]
    assert (begun.state, begun.attempted_at, begun.attempts) == ("sending", paris("2021-02-22T09:01"), 1)
    assert store.deliveries.settle(begun, Settlement(DeliveryState.SENT, posted=Posted("C1", "1613.37")))
    [sent] = store.deliveries.in_states(["sent"])
    assert (sent.message_id, sent.error, sent.message) == ("1613.37", None, "text")
    assert store.digests.posted_in("C1") == {"weekly"}


def test_a_delivery_that_was_claimed_is_not_claimed_again_until_it_is_pending(store: Store) -> None:
    first = store.deliveries.add(a_digest(), CHANNEL, Frozen(""))
    begun = claimed(store, first)
    assert store.deliveries.claim(first, WEEK.end) is None
    assert store.deliveries.settle(begun, Settlement(DeliveryState.PENDING, "no answer", not_before=NEXT_WEEK.end))
    [again] = store.deliveries.in_states(["pending"])
    assert (again.error, again.not_before, again.attempts) == ("no answer", NEXT_WEEK.end, 1)
    assert store.deliveries.claim(first, WEEK.end) is None
    begun = claimed(store, again)
    assert (begun.attempts, begun.not_before) == (2, None)
    assert store.deliveries.settle(begun, Settlement(DeliveryState.FAILED, "the channel is gone"))
    assert store.deliveries.claim(again, WEEK.end) is None
    assert store.deliveries.claim(replace(again, id=again.id + 1), WEEK.end) is None


def test_what_became_of_an_earlier_attempt_is_not_written_over_a_later_one(store: Store) -> None:
    first = claimed(store, store.deliveries.add(a_digest(), CHANNEL, Frozen("")))
    assert store.deliveries.settle(first, Settlement(DeliveryState.PENDING))
    second = claimed(store, store.deliveries.in_states(["pending"])[0])
    assert not store.deliveries.settle(first, Settlement(DeliveryState.PENDING))
    assert not store.deliveries.settle(first, Settlement(DeliveryState.SENT, posted=Posted("C1", "1")))
    assert store.deliveries.in_states(["sending"]) == [second]


def test_settling_one_delivery_leaves_the_others(store: Store) -> None:
    first = store.deliveries.add(a_digest(), CHANNEL, Frozen(""))
    second = store.deliveries.add(a_digest(NEXT_WEEK), CHANNEL, Frozen(""))
    assert first.key != second.key
    store.deliveries.settle(first, Settlement(DeliveryState.SENT, posted=Posted("C1", "1")))
    assert store.deliveries.in_states(["pending"]) == [second]
    assert [delivery.id for delivery in store.deliveries.in_states(["pending", "sent"])] == [first.id, second.id]
    assert store.deliveries.in_states([]) == []


def test_maintainers_are_told_once_and_again_of_the_next_failure(store: Store) -> None:
    failure = Settlement(DeliveryState.FAILED, "not_in_channel")
    store.deliveries.settle(store.deliveries.add(a_digest(), CHANNEL, Frozen("")), failure)
    [failed] = store.deliveries.in_states(["failed"])
    assert store.deliveries.mark_told(failed, is_told=True)
    assert not store.deliveries.mark_told(failed, is_told=True)
    assert store.deliveries.in_states(["failed"])[0].is_told
    assert store.deliveries.settle(failed, Settlement(DeliveryState.PENDING))
    assert not store.deliveries.in_states(["pending"])[0].is_told


def test_a_slot_has_one_delivery_whatever_its_period(store: Store) -> None:
    first = store.deliveries.add(a_digest(slot=MONDAY), CHANNEL, Frozen("first"))
    other = Period(WEEK.start, MONDAY, PARIS)
    assert store.deliveries.add(a_digest(other, slot=MONDAY), CHANNEL, Frozen("second")) == first
    assert store.deliveries.of("weekly", CHANNEL, other, MONDAY) == [first]
    assert store.deliveries.of("weekly", CHANNEL, other, None) == []


def test_a_slot_has_more_deliveries_where_they_are_asked_for(store: Store) -> None:
    made = [
        store.deliveries.add(a_digest(period, slot=MONDAY), CHANNEL, Frozen(str(number)), again=number > 0)
        for number, period in enumerate((WEEK, WEEK, FROM_THE_BEGINNING, FROM_THE_BEGINNING))
    ]
    assert [each.message for each in made] == ["0", "1", "2", "3"]
    assert store.deliveries.of("weekly", CHANNEL, WEEK, MONDAY) == made
    assert store.deliveries.add(a_digest(slot=MONDAY), CHANNEL, Frozen("")) == made[-1]


def test_of_many_workers_one_makes_a_digest_and_one_claims_it(database_url: str) -> None:
    workers = 6
    together = Barrier(workers)

    def work(number: int) -> tuple[datetime, Delivery, bool]:
        with Store.open(database_url) as own:
            together.wait()
            known = own.digests.known_since("weekly", CHANNEL, paris(f"2021-02-22T09:0{number}"))
            delivery = own.deliveries.add(a_digest(), CHANNEL, Frozen(f"from {number}"))
            return known, delivery, own.deliveries.claim(delivery, WEEK.end) is not None

    with ThreadPoolExecutor(workers) as threads:
        done = list(threads.map(work, range(workers)))
    assert len({known for known, _, _ in done}) == 1
    assert len({(delivery.id, delivery.message) for _, delivery, _ in done}) == 1
    assert [claimed for _, _, claimed in done].count(True) == 1


def test_one_store_serves_many_threads(store: Store) -> None:
    delivery = store.deliveries.add(a_digest(), CHANNEL, Frozen(""))
    with ThreadPoolExecutor(6) as threads:
        claims = list(threads.map(lambda _: store.deliveries.claim(delivery, WEEK.end) is not None, range(12)))
    assert claims.count(True) == 1


@pytest.mark.long
def test_of_three_processes_one_claims_a_delivery(database_url: str) -> None:
    with Store.open(database_url) as store:
        delivery = store.deliveries.add(a_digest(), CHANNEL, Frozen(""))
    assert delivery.state == "pending"
    claim = """
with Store.open(url) as store:
    [delivery] = store.deliveries.in_states(["pending"])
    in_step()
    print(store.deliveries.claim(delivery, datetime(2021, 2, 22, tzinfo=UTC)) is not None)
"""
    with ExitStack() as running:
        workers = [running.enter_context(process(claim, database_url)) for _ in range(3)]
        answers = all_go_on(workers)
    assert sorted(answers) == ["False\n", "False\n", "True\n"]


def test_a_claim_outlives_a_worker_that_is_killed(database_url: str) -> None:
    with Store.open(database_url) as store:
        delivery = store.deliveries.add(a_digest(), CHANNEL, Frozen(""))
        claim = """
store = Store.open(url)
store.deliveries.claim(store.deliveries.in_states(["pending"])[0], datetime(2021, 2, 22, tzinfo=UTC))
in_step()
"""
        with process(claim, database_url) as worker:
            worker.kill()
        assert store.deliveries.claim(delivery, WEEK.end) is None
        assert [each.id for each in store.deliveries.in_states(["sending"])] == [delivery.id]
