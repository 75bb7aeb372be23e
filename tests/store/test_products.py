"""Several products of one repository: its tags are stored once, and each product has releases of its own."""

from dataclasses import replace

from bot.domain.digests.delivery import DeliveryState, Settlement
from bot.domain.filters import KindWord, wanted
from bot.domain.periods.period import AsOf
from bot.domain.polling.record import PollDepth
from bot.domain.repositories import Counts, Repository, with_beside
from bot.domain.tags import TagDetails, TagRef
from bot.domain.versions.semver import SemverScheme
from bot.services.digests import DigestOrder, keep_digest, make_digest
from bot.services.identity import accept
from bot.services.observations import observed_tags
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.rebuild import outdated, refresh_releases
from bot.services.release_source import ReleasesKnownAt
from bot.store.store import Store
from tests.builders import MONDAY, UTC_ZONE, a_commit, a_ref, a_repository, days
from tests.fakes import FakeChat, FakeForge

ETCD = a_repository("lab/etcd", scheme=SemverScheme(), counts=Counts.FINAL)
SOURCE = ETCD.key


def product(name: str, prefix: str) -> Repository:
    return replace(ETCD, product=name, name=f"etcd {name}", scheme=SemverScheme(prefix))


SERVER, API, CLIENT = product("server", ""), product("api", "api/"), product("client", "client@")


def refs(*names: str, age: float = 9) -> dict[TagRef, TagDetails | None]:
    return {a_ref(name): TagDetails(a_commit(name), committed=MONDAY - days(age)) for name in names}


def polled(forge: FakeForge, store: Store, *watched: Repository, after: float = 0) -> list[PollOutcome]:
    asked = [Asked(each, PollDepth.COMPLETE) for each in with_beside(watched)]
    return list(poll(asked, {"github": forge}, store, lambda: MONDAY + days(after), watched=[e.key for e in watched]))


def versions(store: Store, *watched: Repository) -> list[tuple[str, str]]:
    found = store.releases.of([each.key for each in watched], undated=True)
    return [(each.repository.rpartition("#")[2], each.normalized) for each in found]


def test_one_poll_makes_the_releases_of_each_product(store: Store) -> None:
    forge = FakeForge(etcd=refs("v3.6.0", "api/v3.6.0", "api/v3.6.1", "junk"))
    [outcome] = polled(forge, store, ETCD, API)
    assert (outcome.repository, outcome.tags, outcome.unclassified) == (SOURCE, 4, ("junk",))
    assert len(forge.asked) == 1
    assert versions(store, ETCD, API) == [(SOURCE, "3.6.0"), ("api", "3.6.0"), ("api", "3.6.1")]


def test_all_products_have_the_tags_that_are_stored_once(store: Store) -> None:
    polled(FakeForge(etcd=refs("api/v3.6.0", "client@1.0.0")), store, API, CLIENT)
    watched = [API.key, CLIENT.key]
    assert [(key, tag.name) for key, tag in store.tags.of(watched)] == [
        (key, name) for key in watched for name in ("api/v3.6.0", "client@1.0.0")
    ]
    assert store.tags.record(API.key).tags == store.tags.record(SOURCE).tags
    assert [record.tag_count for record in store.tags.records([*watched, SOURCE])] == [2, 2, 2]
    assert {key for key, _ in store.tags.named([(API.key, "api/v3.6.0")])} == {API.key}


def test_a_tag_is_unclassified_only_if_no_product_reads_it_and_is_counted_once(store: Store) -> None:
    polled(FakeForge(etcd=refs("api/v3.6.0", "client@1.0.0", "junk")), store, API, CLIENT)
    until = MONDAY + days(1)
    assert store.releases.unclassified([API.key, CLIENT.key], None, until) == {API.key: 1}
    assert store.releases.unclassified([CLIENT.key], None, until) == {CLIENT.key: 1}
    known = ReleasesKnownAt(with_beside([API, CLIENT]), store.tags, until)
    assert known.unclassified([API.key, CLIENT.key], None, until) == {API.key: 1}
    [record] = store.tags.records([CLIENT.key])
    assert (record.considered_count, record.unclassified_count) == (3, 1)


def test_the_newest_unclassified_tags_are_read_with_those_of_no_date_last(store: Store) -> None:
    tags = refs("old-junk", age=9) | refs("junk", age=2) | {a_ref("bare"): TagDetails(a_commit("bare"))}
    polled(FakeForge(etcd=tags), store, ETCD)
    newest = store.releases.newest_unclassified
    dated = [("junk", MONDAY - days(2)), ("old-junk", MONDAY - days(9))]
    assert newest(ETCD.key, None, MONDAY, 5) == [*dated, ("bare", None)]
    assert newest(ETCD.key, None, MONDAY, 1) == dated[:1]
    assert newest(ETCD.key, None, MONDAY - days(5), 1) == dated[1:]
    assert newest(ETCD.key, MONDAY - days(5), MONDAY, 5) == [dated[0], ("bare", None)]


def test_the_tags_of_a_product_are_listed_with_the_repository_and_the_release_with_the_product(store: Store) -> None:
    polled(FakeForge(etcd=refs("v3.6.0", "api/v3.6.1", "junk")), store, ETCD, API)
    for asked in ([ETCD, API], [API]):
        listed = observed_tags([each for each in with_beside([ETCD, API]) if each.key in {a.key for a in asked}], store)
        assert [(each.repository, each.version) for each in listed] == [
            (SOURCE, "#api api/v3.6.1"),
            (SOURCE, None),
            (SOURCE, "v3.6.0"),
        ]


def test_a_product_added_later_is_read_from_the_tags_that_are_there(store: Store) -> None:
    polled(FakeForge(etcd=refs("v3.6.0", "api/v3.6.0")), store, ETCD)
    both = with_beside([ETCD, API])
    assert outdated(both, store.tags) == [both[0]]
    refresh_releases(both, store)
    assert outdated(both, store.tags) == []
    assert versions(store, ETCD, API) == [(SOURCE, "3.6.0"), ("api", "3.6.0")]


def test_a_product_counts_what_it_reads(store: Store) -> None:
    polled(FakeForge(etcd=refs("v3.6.0", "api/v3.6.0", "api/v3.6.1")), store, ETCD, API)
    of_api = wanted([API], (KindWord.FINAL,), ("3.6",), since=None, until=MONDAY + days(1))
    assert sum(each.count for each in store.releases.tally(of_api, (), UTC_ZONE)) == 2


def posted(store: Store, *watched: Repository, after: float) -> list[tuple[str, str]]:
    """Keep a digest and say that it was sent; return the releases that it calls new."""
    moment = AsOf.at(MONDAY + days(after), UTC_ZONE)
    order = DigestOrder(name="weekly", channel="#c", period="1m", repositories=with_beside(watched))
    digest = make_digest(order, store, moment, moment.end)
    kept = keep_digest(order, digest, FakeChat(), store)
    store.deliveries.settle(kept, Settlement(DeliveryState.SENT))
    return [(part.repository.rpartition("#")[2], each) for part in digest.repositories for each in sorted(part.new)]


def test_an_entry_that_becomes_a_product_keeps_what_was_posted(store: Store) -> None:
    forge = FakeForge(etcd=refs("v3.5.0"))
    polled(forge, store, ETCD)
    posted(store, ETCD, after=1)
    forge.answers["etcd"] = refs("v3.5.0") | refs("v3.6.0", "api/v3.6.0", age=-1.5)
    polled(forge, store, ETCD, after=2)
    assert posted(store, ETCD, after=3) == [(SOURCE, "3.6.0")]
    forge.answers["etcd"] = refs("v3.5.0") | refs("v3.6.0", "api/v3.6.0", age=-1.5) | refs("v3.6.1", age=-3.5)
    polled(forge, store, SERVER, API, after=4)
    assert ("server", "3.6.0") not in posted(store, SERVER, API, after=5)
    assert posted(store, SERVER, API, after=6) == []


def test_a_product_that_becomes_an_entry_again_keeps_what_was_posted(store: Store) -> None:
    forge = FakeForge(etcd=refs("v3.5.0"))
    polled(forge, store, SERVER)
    forge.answers["etcd"] = refs("v3.5.0") | refs("v3.6.0", age=-1.5)
    polled(forge, store, SERVER, after=2)
    assert posted(store, SERVER, after=3) == [("server", "3.5.0"), ("server", "3.6.0")]
    refresh_releases([ETCD], store)
    assert posted(store, ETCD, after=4) == []


def test_a_moved_tag_is_an_event_of_the_product_that_reads_it(store: Store) -> None:
    forge = FakeForge(etcd=refs("v3.6.0", "api/v3.6.0"))
    polled(forge, store, ETCD, API)
    posted(store, ETCD, API, after=1)
    forge.answers["etcd"] = refs("v3.6.0") | {a_ref("api/v3.6.0", a_commit("other")): None}
    polled(forge, store, ETCD, API, after=2)
    order = DigestOrder(name="weekly", channel="#c", period="1m", repositories=with_beside([ETCD, API]))
    moment = AsOf.at(MONDAY + days(3), UTC_ZONE)
    digest = make_digest(order, store, moment, moment.end)
    assert [each.repository for each in digest.moved] == [API.key]


def test_the_products_of_a_closed_history_are_closed(store: Store) -> None:
    forge = FakeForge(etcd=refs("api/v3.6.0"))
    polled(forge, store, ETCD, API)
    store.polls.write_failure(SOURCE, MONDAY + days(1), "another", rival="2")
    [api] = [each for each in with_beside([ETCD, API]) if each.product]
    change = accept(api, store, who="x", at=MONDAY + days(2))
    assert change.target == SOURCE
    assert versions(store, ETCD, API) == []
    forge.answers["etcd"] = refs("api/v4.0.0")
    polled(forge, store, ETCD, API, after=3)
    assert versions(store, ETCD, API) == [("api", "4.0.0")]
