"""Digests and their deliveries: each once, whoever else is at work."""

from datetime import UTC, timedelta

import pytest

from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.delivery import Delivery, DeliveryState, Frozen, Settlement
from bot.domain.digests.news import Role
from bot.domain.periods.period import Period
from bot.domain.tags import DateSource
from bot.store.store import Store
from tests.builders import PARIS, paris
from tests.store.digests import CHANNEL, FROM_THE_BEGINNING, MONDAY, NEXT_WEEK, SEEN, WEEK, a_digest, told
from tests.store.processes import process
from tests.whole import every_mention


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


@pytest.mark.parametrize("state", ["failed", "dropped"])
def test_a_delivery_that_never_arrives_told_nothing(store: Store, state: str) -> None:
    delivery = store.deliveries.add(a_digest(WEEK, {"v7r1p1": "2021-02-16"}), CHANNEL, Frozen(""))
    assert told(store)
    store.deliveries.settle(delivery, Settlement(DeliveryState(state), "why"))
    assert told(store) == set()
    assert store.digests.past("weekly", CHANNEL) == []


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
