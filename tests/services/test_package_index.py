"""Reading package indexes: after the tags, seldom, and never in the way of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.filters import KindWord, wanted
from bot.domain.package_index import IndexListing, IndexVersion
from bot.domain.polling.record import PollDepth
from bot.domain.releases import Release, ReleaseState
from bot.domain.tags import DateSource, TagDetails, TagRef
from bot.domain.versions.pep440 import Pep440Scheme
from bot.services.package_index import IndexReader, untagged_words
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.ports import IndexAnswer, IndexUnavailable
from bot.services.release_source import ReleasesKnownAt
from bot.store.store import Store
from tests.builders import MONDAY, a_commit, a_ref, a_repository, days
from tests.fakes import FakeForge

DIRAC, PILOT = a_repository(index="pypi:DIRAC"), a_repository("DIRACGrid/Pilot")
HOUR = timedelta(hours=1)
UPLOADED = MONDAY - days(1)


class FakeIndex:
    """An index with versions of one project, whose page has its number of versions as the validator."""

    def __init__(self, *versions: IndexVersion) -> None:
        self.versions = list(versions)
        self.projects: dict[str, list[IndexVersion]] = {}
        self.error: IndexUnavailable | None = None
        self.asked: list[tuple[str, str | None]] = []

    def read(self, project: str, validator: str | None = None) -> IndexAnswer:
        self.asked.append((project, validator))
        if self.error is not None:
            raise self.error
        versions = self.projects.get(project, self.versions)
        now = repr(versions)
        return IndexAnswer(None if validator == now else list(versions), now)

    def close(self) -> None:
        pass


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex(IndexVersion("7.1.1", UPLOADED))


@pytest.fixture
def forge() -> FakeForge:
    return FakeForge(DIRAC={}, Pilot={})


def tagged(forge: FakeForge, *names: str) -> None:
    forge.answers["DIRAC"] = {a_ref(each): TagDetails(a_commit(each), committed=MONDAY - days(30)) for each in names}


def polled(forge: FakeForge, index: FakeIndex, store: Store, after: float = 0.0) -> Mapping[str, PollOutcome]:
    at = MONDAY + days(after)
    polling = poll([Asked(each, PollDepth.COMPLETE) for each in (DIRAC, PILOT)], {"github": forge}, store, lambda: at)
    reader = IndexReader({"pypi": index}, store, lambda: at, HOUR)
    return {outcome.repository: outcome for outcome in reader.after(polling, [DIRAC, PILOT])}


def listed(store: Store) -> IndexListing:
    return store.tags.listings([DIRAC.key])[DIRAC.key]["pypi:DIRAC"]


def only(store: Store) -> Release:
    [release] = store.releases.of([DIRAC.key], undated=True)
    return release


def test_releases_are_dated_by_their_upload_in_the_same_poll(forge: FakeForge, index: FakeIndex, store: Store) -> None:
    tagged(forge, "v7r1p1")
    outcomes = polled(forge, index, store)
    assert (only(store).date, only(store).date_source) == (UPLOADED, DateSource.INDEX)
    assert (outcomes[DIRAC.key].requests, outcomes[PILOT.key].requests) == (2, 1)
    assert index.asked == [("DIRAC", None)]


def test_soon_after_nothing_is_read_and_later_by_validator(forge: FakeForge, index: FakeIndex, store: Store) -> None:
    tagged(forge, "v7r1p1")
    for after in (0.0, 0.01, 0.5):
        polled(forge, index, store, after)
    assert index.asked == [("DIRAC", None), ("DIRAC", repr(index.versions))]
    assert only(store).date == UPLOADED


def test_a_new_tag_is_looked_for_at_once(forge: FakeForge, index: FakeIndex, store: Store) -> None:
    tagged(forge, "v7r1p1")
    polled(forge, index, store)
    tagged(forge, "v7r1p1", "v7r1p2")
    index.versions.append(IndexVersion("7.1.2", MONDAY))
    polled(forge, index, store, 0.01)
    assert [each.date for each in store.releases.of([DIRAC.key])] == [UPLOADED, MONDAY]


def test_a_release_is_yanked_until_it_is_not(forge: FakeForge, index: FakeIndex, store: Store) -> None:
    tagged(forge, "v7r1p1")
    states = []
    for day, reason in enumerate((None, "Buggy", None)):
        index.versions = [IndexVersion("7.1.1", UPLOADED, reason)]
        polled(forge, index, store, day)
        states.append((only(store).state, only(store).yanked))
    assert states == [(ReleaseState.CURRENT, None), (ReleaseState.YANKED, "Buggy"), (ReleaseState.CURRENT, None)]


def test_an_index_that_fails_is_a_notice_and_what_is_known_stays(
    forge: FakeForge, index: FakeIndex, store: Store
) -> None:
    tagged(forge, "v7r1p1")
    polled(forge, index, store)
    index.error = IndexUnavailable("pypi:DIRAC", "timed out")
    outcome = polled(forge, index, store, 1)[DIRAC.key]
    assert (outcome.status, outcome.error, outcome.notice) == ("unchanged", None, "pypi:DIRAC: timed out")
    assert only(store).date == UPLOADED
    assert listed(store).error == "timed out"
    index.error = None
    assert polled(forge, index, store, 1.01)[DIRAC.key].notice == ""
    assert (listed(store).failures, listed(store).failing_since, listed(store).next_at) == (0, None, None)
    assert listed(store).error == ""


def test_an_index_that_fails_is_left_alone_for_longer_each_time_tags_or_not(
    forge: FakeForge, index: FakeIndex, store: Store
) -> None:
    tagged(forge, "v7r1p1")
    index.error = IndexUnavailable("pypi:DIRAC", "timed out")
    minutes = range(0, 180, 5)
    for minute in minutes:
        tagged(forge, *(f"v7r1p{patch}" for patch in range(1, minute + 2)))
        polled(forge, index, store, minute / 1440)
    assert len(minutes) > 3 * len(index.asked)
    held = listed(store)
    assert (held.failures, held.failing_since) == (len(index.asked), MONDAY)
    assert held.next_at is not None
    assert timedelta(minutes=40) < held.next_at - (MONDAY + timedelta(minutes=175)) + HOUR
    index.error = None
    polled(forge, index, store, 1)
    assert (listed(store).failures, listed(store).error) == (0, "")


def test_each_product_of_a_repository_has_the_index_of_its_own(store: Store) -> None:
    one, two = (
        replace(DIRAC, scheme=Pep440Scheme(prefix), product=prefix[:1], index=f"pypi:{prefix[:1]}")
        for prefix in ("a-", "b-")
    )
    products = [replace(one, beside=(two,)), replace(two, beside=(one,))]
    details: dict[TagRef, TagDetails | None] = {
        a_ref(each): TagDetails(a_commit(each), committed=MONDAY - days(30)) for each in ("a-1.0", "b-1.0")
    }
    forge = FakeForge(DIRAC=details)
    index = FakeIndex()
    index.projects = {"a": [IndexVersion("1.0", UPLOADED)], "b": [IndexVersion("1.0", MONDAY), IndexVersion("2.0")]}
    polling = poll([Asked(each, PollDepth.COMPLETE) for each in products], {"github": forge}, store, lambda: MONDAY)
    [outcome] = IndexReader({"pypi": index}, store, lambda: MONDAY, HOUR).after(polling, products)
    assert (outcome.requests, outcome.notice) == (3, "pypi:b: 2.0 has no tag")
    found = {each.repository: each.date for each in store.releases.of([each.key for each in products])}
    assert found == {products[0].key: UPLOADED, products[1].key: MONDAY}
    assert {*store.tags.listings([DIRAC.key])[DIRAC.key]} == {"pypi:a", "pypi:b"}


def test_a_version_without_a_tag_is_said_once(forge: FakeForge, index: FakeIndex, store: Store) -> None:
    tagged(forge, "v7r1p1")
    index.versions.append(IndexVersion("7.1.2", MONDAY))
    notices = [polled(forge, index, store, day)[DIRAC.key].notice for day in (0, 1)]
    assert notices == ["pypi:DIRAC: 7.1.2 has no tag", ""]
    assert listed(store).untagged == ("7.1.2",)
    tagged(forge, "v7r1p1", "v7r1p2")
    polled(forge, index, store, 1.01)
    assert listed(store).untagged == ()


def test_of_many_versions_without_a_tag_the_last_are_named() -> None:
    assert untagged_words("pypi:DIRAC", ["1.0", "1.1"]) == "pypi:DIRAC: 1.0, 1.1 have no tag"
    many = [f"1.{minor}" for minor in range(7)]
    assert untagged_words("pypi:DIRAC", many) == "pypi:DIRAC: 7 versions have no tag, the last: 1.2, 1.3, 1.4, 1.5, 1.6"


def test_a_repository_whose_poll_failed_is_not_looked_for(forge: FakeForge, index: FakeIndex, store: Store) -> None:
    del forge.answers["DIRAC"]
    polled(forge, index, store)
    assert index.asked == []


def test_what_was_known_of_a_products_uploads_is_that_of_its_repository(
    forge: FakeForge, index: FakeIndex, store: Store
) -> None:
    tagged(forge, "v7r1p1")
    polled(forge, index, store)
    product = replace(DIRAC, product="core")
    period = wanted([product], [KindWord.ALL], [], since=None, until=MONDAY + days(1))
    for known_at, source in ((MONDAY, DateSource.INDEX), (MONDAY - days(1), None)):
        known = ReleasesKnownAt([product], store.tags, known_at).newest(period)
        assert [each.date_source for each in known] == ([source] if source else [])
