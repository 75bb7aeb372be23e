"""Digests and their deliveries: each once, whoever else is at work."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from types import MappingProxyType

import pytest

from bot.domain.digests.compose import Observed, Reminding, compose_digest
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.delivery import Delivery, DeliveryState, Frozen, Posted, Settlement
from bot.domain.digests.digest import Digest
from bot.domain.digests.news import Audience, Role, audience_of
from bot.domain.periods.period import AsOf, Period
from bot.domain.tags import DateSource
from bot.store.store import Store
from tests.builders import PARIS, a_repository, days, paris, releases
from tests.store.processes import all_go_on, process
from tests.whole import every_mention

CHANNEL = "#dirac-releases"
WEEK = Period(paris("2021-02-15"), paris("2021-02-22"), PARIS)
NEXT_WEEK = Period(paris("2021-02-22"), paris("2021-03-01"), PARIS)
START, MONDAY = paris("2021-01-01"), paris("2021-02-22T09:00")
SEEN = {"github:DIRACGrid/DIRAC": 0}
FROM_THE_BEGINNING = Period(None, paris("2021-02-22"), PARIS)


def a_digest(
    period: Period = WEEK,
    dates: Mapping[str, str] = MappingProxyType({}),
    *,
    name: str = "weekly",
    made_at: datetime | None = None,
    slot: datetime | None = None,
) -> Digest:
    """Compose a digest of releases with these dates; those of before its period are late."""
    repository = a_repository()
    found = releases(repository, {tag: paris(day) for tag, day in dates.items()}, backfilled=False)
    made = compose_digest(
        Audience(name, previous=PastDigest(0, None, paris("2021-01-01"), "Europe/Paris", START, START)),
        period,
        AsOf.at(period.end, PARIS),
        [Observed(repository, found)],
        made_at=made_at or period.end,
        reminding=Reminding(days(1), days(7)),
    )
    return replace(made, ledger=replace(made.ledger, slot=slot))


def told(store: Store, name: str = "weekly", channel: str = CHANNEL) -> set[str]:
    """The releases that the digests of a name told a channel, those never sent apart."""
    past, mentions = store.digests.past(name, channel, untold=True), every_mention(store, name, channel)
    audience = audience_of(name, Period(None, paris("2030-01-01"), PARIS), None, past, mentions)
    return {normalized for _, normalized in audience.told}


def test_a_digest_is_kept_with_a_pending_delivery(store: Store) -> None:
    delivery = store.deliveries.add(a_digest(), CHANNEL, Frozen('{"text": "é"}'))
    assert delivery == Delivery(
        id=delivery.id,
        digest="weekly",
        channel=CHANNEL,
        period_start=WEEK.start,
        period_end=WEEK.end,
        state=DeliveryState.PENDING,
        message='{"text": "é"}',
        key=delivery.key,
    )
    assert len(delivery.key) == 32
    assert store.deliveries.in_states(["pending"]) == [delivery]
    assert store.deliveries.of("weekly", CHANNEL, WEEK, None) == [delivery]
    assert store.deliveries.read(delivery.id) == delivery
    assert store.deliveries.read(delivery.id + 1) is None


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


def test_a_period_in_another_zone_is_the_same_period(store: Store) -> None:
    made = store.deliveries.add(a_digest(), CHANNEL, Frozen(""))
    assert WEEK.start is not None
    elsewhere = Period(WEEK.start.astimezone(UTC), WEEK.end.astimezone(UTC), PARIS)
    assert store.deliveries.of("weekly", CHANNEL, elsewhere, None) == [made]


def test_a_period_without_a_digest_has_no_delivery(store: Store) -> None:
    store.deliveries.add(a_digest(), CHANNEL, Frozen(""))
    assert store.deliveries.of("weekly", CHANNEL, NEXT_WEEK, None) == []
    assert store.deliveries.of("weekly", CHANNEL, FROM_THE_BEGINNING, None) == []
    assert store.deliveries.of("weekly", "#other", WEEK, None) == []


def test_told_are_the_releases_of_the_period_and_the_late_ones(store: Store) -> None:
    digest = a_digest(WEEK, {"v7r1p1": "2021-02-16", "v7r2-pre3": "2021-02-17", "v7r1p0": "2021-02-01"})
    assert [release.version for release in digest.late] == ["v7r1p0"]
    store.deliveries.add(digest, CHANNEL, Frozen(""))
    assert told(store) == {"7.1.0", "7.1.1", "7.2.0a3"}


def test_told_are_only_the_releases_of_the_same_audience(store: Store) -> None:
    store.deliveries.add(a_digest(WEEK, {"v7r1p1": "2021-02-16"}), CHANNEL, Frozen(""))
    store.deliveries.add(a_digest(WEEK, {"v7r1p2": "2021-02-16"}), "#other", Frozen(""))
    store.deliveries.add(a_digest(WEEK, {"v7r1p3": "2021-02-16"}, name="monthly"), CHANNEL, Frozen(""))
    assert told(store) == {"7.1.1"}
    assert told(store, "monthly") == {"7.1.3"}


def test_past_digests_come_oldest_first(store: Store) -> None:
    later = store.deliveries.add(a_digest(NEXT_WEEK), CHANNEL, Frozen(""))
    earlier = store.deliveries.add(a_digest(FROM_THE_BEGINNING, made_at=MONDAY), CHANNEL, Frozen(""))
    assert later.id < earlier.id
    found = store.digests.past("weekly", CHANNEL)
    assert found == [
        PastDigest(found[0].id, None, WEEK.end, "Europe/Paris", MONDAY, MONDAY),
        PastDigest(found[1].id, NEXT_WEEK.start, NEXT_WEEK.end, "Europe/Paris", NEXT_WEEK.end, NEXT_WEEK.end),
    ]
    assert [store.digests.seen_by(each.id) for each in found] == [SEEN, SEEN]
    assert store.digests.past("weekly", "#other") == []


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


@pytest.mark.parametrize("state", ["failed", "dropped"])
def test_a_delivery_that_never_arrives_told_nothing(store: Store, state: str) -> None:
    delivery = store.deliveries.add(a_digest(WEEK, {"v7r1p1": "2021-02-16"}), CHANNEL, Frozen(""))
    assert told(store)
    store.deliveries.settle(delivery, Settlement(DeliveryState(state), "why"))
    assert told(store) == set()
    assert store.digests.past("weekly", CHANNEL) == []


def test_maintainers_are_told_once_and_again_of_the_next_failure(store: Store) -> None:
    failure = Settlement(DeliveryState.FAILED, "not_in_channel")
    store.deliveries.settle(store.deliveries.add(a_digest(), CHANNEL, Frozen("")), failure)
    [failed] = store.deliveries.in_states(["failed"])
    assert store.deliveries.mark_told(failed, is_told=True)
    assert not store.deliveries.mark_told(failed, is_told=True)
    assert store.deliveries.in_states(["failed"])[0].is_told
    assert store.deliveries.settle(failed, Settlement(DeliveryState.PENDING))
    assert not store.deliveries.in_states(["pending"])[0].is_told


LATER = paris("2021-03-08T09:00")


def test_a_digest_that_a_clock_ahead_made_is_not_the_latest_and_a_schedule_of_the_future_is_known_from_now_on(
    store: Store,
) -> None:
    store.deliveries.add(a_digest(slot=LATER), CHANNEL, Frozen(""))
    assert store.digests.last_slot("weekly", CHANNEL, LATER - timedelta(seconds=1)) is None
    now = paris("2021-02-22T09:00")
    assert store.digests.known_since("weekly", CHANNEL, LATER) == LATER
    assert store.digests.known_since("weekly", CHANNEL, now) == now
    assert store.digests.known_since("weekly", CHANNEL, LATER) == now


def test_the_latest_slot_of_a_digest_is_known_whatever_became_of_it(store: Store) -> None:
    assert store.digests.last_slot("weekly", CHANNEL, LATER) is None
    store.deliveries.add(a_digest(NEXT_WEEK), CHANNEL, Frozen(""))
    assert store.digests.last_slot("weekly", CHANNEL, LATER) is None
    store.deliveries.settle(
        store.deliveries.add(a_digest(slot=MONDAY), CHANNEL, Frozen("")), Settlement(DeliveryState.FAILED, "why")
    )
    assert store.digests.last_slot("weekly", CHANNEL, LATER) == MONDAY
    assert store.digests.last_slot("weekly", "#other", LATER) is None


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


def test_what_a_message_had_no_room_for_is_not_told(store: Store) -> None:
    digest = a_digest(WEEK, {"v7r1p1": "2021-02-16", "v7r1p2": "2021-02-17"})
    store.deliveries.add(digest, CHANNEL, Frozen("", frozenset({("github:DIRACGrid/DIRAC", "7.1.2")})))
    assert told(store) == {"7.1.1"}
    roles = {mention.key[1]: (mention.role, mention.dated) for mention in every_mention(store, "weekly", CHANNEL)}
    assert roles == {
        "7.1.1": (Role.NAMED, (paris("2021-02-16"), DateSource.COMMIT)),
        "7.1.2": (Role.UNNAMED, (paris("2021-02-17"), DateSource.COMMIT)),
    }


def test_a_schedule_is_known_since_it_was_first_asked_for(store: Store) -> None:
    assert store.digests.known_since("weekly", CHANNEL, WEEK.end) == WEEK.end
    assert store.digests.known_since("weekly", CHANNEL, NEXT_WEEK.end) == WEEK.end
    assert store.digests.known_since("weekly", "#other", NEXT_WEEK.end) == NEXT_WEEK.end


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


def test_a_worker_killed_in_the_middle_of_a_write_leaves_nothing_of_it(database_url: str) -> None:
    half = """
import sqlalchemy as sa
with Store.open(url).database.writing() as connection:
    connection.execute(sa.text("INSERT INTO repositories (key, revision, rules) VALUES ('github:a/b', 1, '')"))
    in_step()
"""
    with process(half, database_url) as worker:
        worker.kill()
    with Store.open(database_url) as store:
        assert store.tags.record("github:a/b").revision == 0
        store.polls.write_failure("github:a/b", WEEK.end, "written after it")
