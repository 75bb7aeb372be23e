"""The archive of digests: what was told stays as it was, and is found by its address's parts."""

import pytest

from bot.domain.digests.archive import DigestId
from bot.domain.digests.delivery import DeliveryState, Frozen, Posted, Settlement
from bot.store.store import Store
from tests.builders import paris
from tests.store.digests import CHANNEL, FROM_THE_BEGINNING, MONDAY, NEXT_WEEK, WEEK, a_digest

CONTENT = {"version": 1, "sections": [{"heading": [{"text": "é ☃"}], "lines": []}]}


def the_id(store: Store, number: int = 0) -> DigestId:
    return store.archive.newest()[number].of


def test_digests_are_listed_newest_first_by_name_and_channel_and_in_pages(store: Store) -> None:
    store.deliveries.add(a_digest(NEXT_WEEK), CHANNEL, Frozen("{}"))
    store.deliveries.add(a_digest(WEEK), CHANNEL, Frozen("{}"))
    store.deliveries.add(a_digest(WEEK), "#other", Frozen("{}"))
    store.deliveries.add(a_digest(WEEK, name="monthly"), CHANNEL, Frozen("{}"))
    ends = [each.period.end for each in store.archive.newest(name="weekly", channel=CHANNEL)]
    assert ends == [NEXT_WEEK.end, WEEK.end]
    everything = store.archive.newest()
    assert [each.period.end for each in everything] == [NEXT_WEEK.end, WEEK.end, WEEK.end, WEEK.end]
    assert store.archive.newest(most=2) + store.archive.newest(most=2, after=2) == everything
    assert store.archive.audiences() == [("monthly", CHANNEL), ("weekly", CHANNEL), ("weekly", "#other")]


def test_a_digest_keeps_what_it_told(store: Store) -> None:
    store.deliveries.add(a_digest(), CHANNEL, Frozen("{}", content=CONTENT))
    store.deliveries.add(a_digest(NEXT_WEEK), CHANNEL, Frozen("{}"))
    without, with_it = store.archive.newest()
    assert store.archive.content(with_it.number) == CONTENT
    assert store.archive.content(without.number) is None


def test_a_digest_is_found_by_what_tells_it_from_others(store: Store) -> None:
    whole = a_digest(FROM_THE_BEGINNING)
    for digest, again in ((a_digest(slot=MONDAY), False), (a_digest(slot=MONDAY), True), (whole, False)):
        store.deliveries.add(digest, CHANNEL, Frozen("{}"), again=again)
    found = store.archive.newest()
    assert [store.archive.find(each.of) for each in found] == found
    assert sorted(each.of.copy for each in found) == [0, 0, 1]
    assert store.archive.find(DigestId("weekly", CHANNEL, None, paris("2021-02-23"))) is None


def test_older_digests_still_have_the_releases_that_they_named(store: Store) -> None:
    store.deliveries.add(a_digest(WEEK, {"v7r1p1": "2021-02-16", "v7r1p0": "2021-02-01"}), CHANNEL, Frozen("{}"))
    [made] = store.archive.newest()
    named = store.archive.named(made.number)
    assert [(each.key[1], each.date) for each in named] == [
        ("7.1.0", paris("2021-02-01")),
        ("7.1.1", paris("2021-02-16")),
    ]


@pytest.mark.parametrize(("state", "is_told"), [(DeliveryState.SENT, True), (DeliveryState.DROPPED, False)])
def test_the_archive_says_whether_a_digest_was_told(store: Store, state: DeliveryState, *, is_told: bool) -> None:
    made = store.deliveries.add(a_digest(), CHANNEL, Frozen("{}"))
    posted = Posted("C1", "1.1") if is_told else None
    assert store.deliveries.settle(made, Settlement(state, posted=posted))
    assert [(each.state, each.is_told) for each in store.archive.newest()] == [(state, is_told)]
