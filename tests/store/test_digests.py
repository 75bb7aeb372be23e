"""Digests and their deliveries: each once, whoever else is at work."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from threading import Barrier
from types import MappingProxyType

import pytest

from bot.domain.composing import Audience, Observed, Reminding, compose_digest
from bot.domain.digests import Digest
from bot.domain.periods import AsOf, Period
from bot.services.ports import Delivery, PastDigest, Posted
from bot.store.sql import SqlStore
from tests.builders import PARIS, a_repository, days, paris, releases
from tests.store.processes import all_go_on, process

CHANNEL = "#dirac-releases"
WEEK = Period(paris("2021-02-15"), paris("2021-02-22"), PARIS)
NEXT_WEEK = Period(paris("2021-02-22"), paris("2021-03-01"), PARIS)
FROM_THE_BEGINNING = Period(None, paris("2021-02-22"), PARIS)


def a_digest(
    period: Period = WEEK,
    dates: Mapping[str, str] = MappingProxyType({}),
    *,
    name: str = "weekly",
    made_at: datetime | None = None,
) -> Digest:
    """Compose a digest of releases with these dates; those seen before the first digest are late."""
    repository = a_repository()
    found = releases(repository, {tag: paris(day) for tag, day in dates.items()}, backfilled=False)
    return compose_digest(
        Audience(name, begins=paris("2021-01-01"), first_made=paris("2021-01-01"), last_made=paris("2021-01-01")),
        period,
        AsOf.at(period.end, PARIS),
        [Observed(repository, found)],
        made_at=made_at or period.end,
        reminding=Reminding(days(1), days(7)),
    )


def test_a_digest_is_kept_with_a_pending_delivery(store: SqlStore) -> None:
    delivery = store.add_delivery(a_digest(), CHANNEL, '{"text": "é"}')
    assert delivery == Delivery(
        id=delivery.id,
        digest="weekly",
        channel=CHANNEL,
        period_start=WEEK.start,
        period_end=WEEK.end,
        state="pending",
        message='{"text": "é"}',
    )
    assert store.deliveries(["pending"]) == [delivery]
    assert store.delivery_of("weekly", CHANNEL, WEEK) == delivery


@pytest.mark.parametrize("period", [WEEK, FROM_THE_BEGINNING])
def test_a_period_has_one_delivery_and_what_it_says_stays(store: SqlStore, period: Period) -> None:
    first = store.add_delivery(a_digest(period, {"v7r1p1": "2021-02-16"}), CHANNEL, "first")
    again = store.add_delivery(a_digest(period, {"v7r1p2": "2021-02-16"}), CHANNEL, "second")
    assert again == first
    assert store.deliveries(["pending"]) == [first]
    assert len(store.past_digests("weekly", CHANNEL)) == 1
    assert store.told("weekly", CHANNEL, NEXT_WEEK.end) == {("github:DIRACGrid/DIRAC", "7.1.1")}


def test_another_name_channel_or_period_has_a_delivery_of_its_own(store: SqlStore) -> None:
    made = [
        store.add_delivery(a_digest(), CHANNEL, ""),
        store.add_delivery(a_digest(), "#other", ""),
        store.add_delivery(a_digest(name="monthly"), CHANNEL, ""),
        store.add_delivery(a_digest(NEXT_WEEK), CHANNEL, ""),
        store.add_delivery(a_digest(FROM_THE_BEGINNING), CHANNEL, ""),
    ]
    assert store.deliveries(["pending"]) == made
    assert len({delivery.id for delivery in made}) == len(made)


def test_a_period_in_another_zone_is_the_same_period(store: SqlStore) -> None:
    made = store.add_delivery(a_digest(), CHANNEL, "")
    assert WEEK.start is not None
    elsewhere = Period(WEEK.start.astimezone(UTC), WEEK.end.astimezone(UTC), PARIS)
    assert store.delivery_of("weekly", CHANNEL, elsewhere) == made


def test_a_period_without_a_digest_has_no_delivery(store: SqlStore) -> None:
    store.add_delivery(a_digest(), CHANNEL, "")
    assert store.delivery_of("weekly", CHANNEL, NEXT_WEEK) is None
    assert store.delivery_of("weekly", CHANNEL, FROM_THE_BEGINNING) is None
    assert store.delivery_of("weekly", "#other", WEEK) is None


def test_told_are_the_releases_of_the_period_and_the_late_ones(store: SqlStore) -> None:
    digest = a_digest(WEEK, {"v7r1p1": "2021-02-16", "v7r2-pre3": "2021-02-17", "v7r1p0": "2021-02-01"})
    assert [release.version for release in digest.late] == ["v7r1p0"]
    store.add_delivery(digest, CHANNEL, "")
    told = store.told("weekly", CHANNEL, NEXT_WEEK.end)
    assert {normalized for _, normalized in told} == {"7.1.0", "7.1.1", "7.2.0a3"}


def test_told_are_only_earlier_periods_of_the_same_audience(store: SqlStore) -> None:
    store.add_delivery(a_digest(WEEK, {"v7r1p1": "2021-02-16"}), CHANNEL, "")
    store.add_delivery(a_digest(WEEK, {"v7r1p2": "2021-02-16"}), "#other", "")
    store.add_delivery(a_digest(WEEK, {"v7r1p3": "2021-02-16"}, name="monthly"), CHANNEL, "")
    assert store.told("weekly", CHANNEL, WEEK.end) == frozenset()
    assert store.told("weekly", CHANNEL, NEXT_WEEK.end) == {("github:DIRACGrid/DIRAC", "7.1.1")}


def test_past_digests_come_oldest_first(store: SqlStore) -> None:
    later = store.add_delivery(a_digest(NEXT_WEEK), CHANNEL, "")
    earlier = store.add_delivery(a_digest(FROM_THE_BEGINNING, made_at=paris("2021-02-22T09:00")), CHANNEL, "")
    assert later.id < earlier.id
    found = store.past_digests("weekly", CHANNEL)
    assert found == [
        PastDigest(found[0].id, None, WEEK.end, paris("2021-02-22T09:00")),
        PastDigest(found[1].id, NEXT_WEEK.start, NEXT_WEEK.end, NEXT_WEEK.end),
    ]
    assert store.past_digests("weekly", "#other") == []


def test_a_delivery_goes_from_pending_to_sending_to_sent(store: SqlStore) -> None:
    delivery = store.add_delivery(a_digest(), CHANNEL, "text")
    assert store.claim(delivery.id, paris("2021-02-22T09:01"))
    [sending] = store.deliveries(["sending"])
    assert (sending.state, sending.attempted_at) == ("sending", paris("2021-02-22T09:01"))
    store.settle(delivery.id, "sent", posted=Posted("C1", "1613.37"))
    [sent] = store.deliveries(["sent"])
    assert (sent.message_id, sent.error, sent.message) == ("1613.37", None, "text")


def test_a_delivery_that_was_claimed_is_not_claimed_again_until_it_is_pending(store: SqlStore) -> None:
    delivery = store.add_delivery(a_digest(), CHANNEL, "")
    assert store.claim(delivery.id, WEEK.end)
    assert not store.claim(delivery.id, WEEK.end)
    store.settle(delivery.id, "pending", error="no answer")
    assert store.deliveries(["pending"])[0].error == "no answer"
    assert store.claim(delivery.id, WEEK.end)
    store.settle(delivery.id, "failed", error="the channel is gone")
    assert not store.claim(delivery.id, WEEK.end)
    assert not store.claim(delivery.id + 1, WEEK.end)


def test_settling_one_delivery_leaves_the_others(store: SqlStore) -> None:
    first = store.add_delivery(a_digest(), CHANNEL, "")
    second = store.add_delivery(a_digest(NEXT_WEEK), CHANNEL, "")
    store.settle(first.id, "sent", posted=Posted("C1", "1"))
    assert store.deliveries(["pending"]) == [second]
    assert [delivery.id for delivery in store.deliveries(["pending", "sent"])] == [first.id, second.id]
    assert store.deliveries([]) == []


def test_a_schedule_is_known_since_it_was_first_asked_for(store: SqlStore) -> None:
    assert store.known_since("weekly", CHANNEL, WEEK.end) == WEEK.end
    assert store.known_since("weekly", CHANNEL, NEXT_WEEK.end) == WEEK.end
    assert store.known_since("weekly", "#other", NEXT_WEEK.end) == NEXT_WEEK.end


def test_of_many_workers_one_makes_a_digest_and_one_claims_it(database_url: str) -> None:
    workers = 6
    together = Barrier(workers)

    def work(number: int) -> tuple[datetime, Delivery, bool]:
        with SqlStore.open(database_url) as own:
            together.wait()
            known = own.known_since("weekly", CHANNEL, paris(f"2021-02-22T09:0{number}"))
            delivery = own.add_delivery(a_digest(), CHANNEL, f"from {number}")
            return known, delivery, own.claim(delivery.id, WEEK.end)

    with ThreadPoolExecutor(workers) as threads:
        done = list(threads.map(work, range(workers)))
    assert len({known for known, _, _ in done}) == 1
    assert len({(delivery.id, delivery.message) for _, delivery, _ in done}) == 1
    assert [claimed for _, _, claimed in done].count(True) == 1


def test_one_store_serves_many_threads(store: SqlStore) -> None:
    delivery = store.add_delivery(a_digest(), CHANNEL, "")
    with ThreadPoolExecutor(6) as threads:
        claims = list(threads.map(lambda _: store.claim(delivery.id, WEEK.end), range(12)))
    assert claims.count(True) == 1


def test_of_three_processes_one_claims_a_delivery(database_url: str) -> None:
    with SqlStore.open(database_url) as store:
        delivery = store.add_delivery(a_digest(), CHANNEL, "")
    claim = f"""
with SqlStore.open(url) as store:
    in_step()
    print(store.claim({delivery.id}, datetime(2021, 2, 22, tzinfo=UTC)))
"""
    with ExitStack() as running:
        workers = [running.enter_context(process(claim, database_url)) for _ in range(3)]
        answers = all_go_on(workers)
    assert sorted(answers) == ["False\n", "False\n", "True\n"]


def test_a_claim_outlives_a_worker_that_is_killed(database_url: str) -> None:
    with SqlStore.open(database_url) as store:
        delivery = store.add_delivery(a_digest(), CHANNEL, "")
        claim = f"""
store = SqlStore.open(url)
store.claim({delivery.id}, datetime(2021, 2, 22, tzinfo=UTC))
in_step()
"""
        with process(claim, database_url) as worker:
            worker.kill()
        assert not store.claim(delivery.id, WEEK.end)
        assert [each.id for each in store.deliveries(["sending"])] == [delivery.id]


def test_a_worker_killed_in_the_middle_of_a_write_leaves_nothing_of_it(database_url: str) -> None:
    half = """
import sqlalchemy as sa
with SqlStore.open(url)._database.writing() as connection:
    connection.execute(sa.text("INSERT INTO repositories (key, revision, rules) VALUES ('github:a/b', 1, '')"))
    in_step()
"""
    with process(half, database_url) as worker:
        worker.kill()
    with SqlStore.open(database_url) as store:
        assert store.record("github:a/b").revision == 0
        store.write_failure("github:a/b", WEEK.end, "written after it")
