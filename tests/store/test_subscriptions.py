"""Subscriptions in the database: made and ended once, announced once, and kept by products that take over."""

import pytest

from bot.domain.filters import KindWord
from bot.domain.releases import Release, releases_of
from bot.domain.repositories import Repository
from bot.domain.subscriptions import Announced, Announcement, ReleaseEvent, Subscription
from bot.services.announce import announce
from bot.services.rebuild import refresh_releases
from bot.store.store import Store
from tests.builders import MONDAY, PARIS, UTC_ZONE, a_repository, a_tag, days
from tests.fakes import FakeChat, FakeForge
from tests.store.test_products import API, ETCD, SERVER, SOURCE, polled, product, refs

DIRAC = a_repository()
AT = MONDAY.astimezone(UTC_ZONE)


def wanted(channel: str = "#c", repository: str = DIRAC.key, **more: object) -> Subscription:
    return Subscription(0, channel, repository, AT, "slack:U1", **more)  # type: ignore[arg-type]


def a_release(name: str = "v7r1p29") -> Release:
    return releases_of(DIRAC, [a_tag(name, MONDAY)])[0]


def an_announcement(*names: str, lasting: tuple[int, ...] = (), ending: tuple[int, ...] = ()) -> Announcement:
    items = tuple(Announced(a_release(name), ReleaseEvent.OUT, (*lasting, *ending)) for name in names)
    return Announcement("#c", PARIS, items, {}, lasting, ending)


def test_a_subscription_is_read_as_it_was_made(store: Store) -> None:
    made = store.subscriptions.add(
        wanted(series="v7r1", kinds=(KindWord.PATCH, KindWord.PRE_RELEASE), normalized="7.1.30", version="v7r1p30")
    )
    assert made.number
    assert store.subscriptions.all() == [made]


def test_a_subscription_is_ended_once_with_who_and_when(store: Store) -> None:
    first, second = (store.subscriptions.add(wanted(channel)) for channel in ("#a", "#b"))
    [ended] = store.subscriptions.end([first.number, 99], AT + days(1), "ann")
    assert (ended.number, ended.ended_at, ended.ended_by, ended.is_removed) == (first.number, AT + days(1), "ann", True)
    assert store.subscriptions.end([first.number], AT + days(2), "bob") == []
    assert store.subscriptions.all() == [ended, second]


def test_a_release_is_announced_to_a_channel_once(store: Store) -> None:
    assert store.subscriptions.announce(an_announcement("v7r1p29"), "{}", AT) is not None
    assert store.subscriptions.announce(an_announcement("v7r1p30", "v7r1p29"), "{}", AT) is None
    assert store.subscriptions.announce(an_announcement("v7r1p30"), "{}", AT) is not None
    assert [each.channel for each in store.deliveries.in_states(["pending"])] == ["#c", "#c"]


@pytest.mark.parametrize("is_lasting", [True, False])
def test_nothing_is_announced_by_a_subscription_that_was_ended_meanwhile(store: Store, *, is_lasting: bool) -> None:
    made = store.subscriptions.add(wanted())
    store.subscriptions.end([made.number], AT, "ann")
    numbers = (made.number,)
    kept, ended = (numbers, ()) if is_lasting else ((), numbers)
    announcement = an_announcement("v7r1p29", lasting=kept, ending=ended)
    assert store.subscriptions.announce(announcement, "{}", AT) is None
    assert store.deliveries.in_states(["pending"]) == []


def test_an_announcement_ends_the_subscription_to_its_release(store: Store) -> None:
    made = store.subscriptions.add(wanted(normalized="7.1.29", version="v7r1p29"))
    store.subscriptions.announce(an_announcement("v7r1p29", ending=(made.number,)), "{}", AT)
    [ended] = store.subscriptions.all()
    assert (ended.ended_at, ended.ended_by) == (AT, "")


def test_a_delivery_of_an_announcement_has_a_channel_and_no_digest(store: Store) -> None:
    number = store.subscriptions.announce(an_announcement("v7r1p29"), '{"text": ""}', AT)
    [delivery] = store.deliveries.in_states(["pending"])
    assert (delivery.id, delivery.digest, delivery.channel, delivery.period_end) == (number, "", "#c", AT)
    assert delivery.what == "release announcement"
    assert store.deliveries.read(delivery.id) == delivery


def told(store: Store, *watched: Repository, after: float) -> list[str]:
    chat = FakeChat()
    announce(store, chat, watched, MONDAY + days(after), PARIS)
    for each in store.deliveries.in_states(["pending"]):
        chat.post(each.channel, each.message, each.key)
        store.deliveries.claim(each, MONDAY)
    return [line.partition(" (")[0] for _, text in chat.posted for line in text.splitlines()]


def test_a_subscription_to_a_repository_is_to_its_products_and_one_to_a_product_to_that_alone(store: Store) -> None:
    forge = FakeForge(etcd=refs("v3.6.0", "api/v3.6.0"))
    polled(forge, store, SERVER, API)
    store.subscriptions.add(wanted("#whole", SOURCE))
    store.subscriptions.add(wanted("#api", API.key))
    forge.answers["etcd"] = refs("v3.6.0", "api/v3.6.0", "v3.6.1", "api/v3.6.1", age=0)
    polled(forge, store, SERVER, API, after=1)
    assert sorted(told(store, SERVER, API, after=1)) == [
        "api/v3.6.1 of etcd api",
        "api/v3.6.1 of etcd api",
        "v3.6.1 of etcd server",
    ]


def test_a_product_that_takes_over_an_entry_tells_nothing_again_and_keeps_its_subscriptions(store: Store) -> None:
    forge = FakeForge(etcd=refs("v3.6.0"))
    polled(forge, store, ETCD)
    store.subscriptions.add(wanted("#c", SOURCE))
    forge.answers["etcd"] = refs("v3.6.0", "v3.6.1", age=0)
    polled(forge, store, ETCD, after=1)
    assert told(store, ETCD, after=1) == ["v3.6.1 of etcd"]
    refresh_releases([SERVER], store)
    assert told(store, SERVER, after=2) == []
    forge.answers["etcd"] = refs("v3.6.0", "v3.6.1", "v3.6.2", age=0)
    polled(forge, store, SERVER, after=3)
    assert told(store, SERVER, after=3) == ["v3.6.2 of etcd server"]


def test_a_product_by_another_name_keeps_the_subscriptions_to_it(store: Store) -> None:
    forge = FakeForge(etcd=refs("api/v3.6.0"))
    polled(forge, store, API)
    store.subscriptions.add(wanted("#c", API.key))
    renamed = product("interface", "api/")
    refresh_releases([renamed], store)
    assert [each.repository for each in store.subscriptions.all()] == [renamed.key]
    forge.answers["etcd"] = refs("api/v3.6.0", "api/v3.6.1", age=0)
    polled(forge, store, renamed, after=1)
    assert told(store, renamed, after=1) == ["api/v3.6.1 of etcd interface"]
