"""Reading release notes: after the tags, once for each new release, and never in the way of polls."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

import pytest

from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.polling.record import PollDepth
from bot.domain.repositories import NotesFile, with_beside
from bot.domain.tags import TagDetails
from bot.services.notes import NotesReader
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.ports import ForgeError, ForgeUnavailable, NotesRequest, RateLimited
from bot.store.store import Store
from tests.builders import MONDAY, a_commit, a_ref, a_repository, days
from tests.fakes import FakeForge

DIRAC = replace(a_repository(), notes=NotesFile("release.notes", "dirac"))
PILOT = a_repository("DIRACGrid/Pilot")
TEN_MINUTES, HOUR = timedelta(minutes=10), timedelta(hours=1)
FILE = "[v7r1p2]\nFIX: (#2) second\n\n[v7r1p1]\nNEW: first\n"


class World:
    """Two repositories on one forge, polled by a clock that is set."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.forge = FakeForge(DIRAC={}, Pilot={})
        self.at: datetime = MONDAY
        self.repositories = [DIRAC, PILOT]
        self.stop: Event | None = None

    def tag(self, name: str, *tags: str, published: datetime | None = None) -> None:
        held = self.forge.answers[name]
        assert isinstance(held, dict)
        for tag in tags:
            held[a_ref(tag)] = TagDetails(a_commit(tag), published, committed=MONDAY - days(30))

    def poll(self, after: timedelta = timedelta(0)) -> Mapping[str, PollOutcome]:
        self.at += after
        asked = [Asked(each, PollDepth.FULL) for each in self.repositories]
        polling = poll(asked, {"github": self.forge}, self.store, lambda: self.at)
        reader = NotesReader({"github": self.forge}, self.store, lambda: self.at)
        return {outcome.repository: outcome for outcome in reader.after(polling, self.repositories, self.stop)}

    def record(self, version: str, key: str = DIRAC.key) -> NotesRecord | None:
        return self.store.notes.of([(key, version)]).get((key, version))

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(request.tag, request.file) for request in self.forge.asked_for_notes]


@pytest.fixture
def world(store: Store) -> World:
    """Both repositories, polled once without a tag."""
    made = World(store)
    made.tag("DIRAC", "v7r0")
    made.tag("Pilot", "v1r0")
    made.poll()
    made.at += HOUR
    return made


def test_a_backfill_asks_for_none(world: World) -> None:
    world.poll(HOUR)
    assert world.asked == []


def test_a_new_releases_own_block_of_the_file_at_its_tag_is_recorded(world: World) -> None:
    world.forge.texts["v7r1p1", "release.notes"] = FILE
    world.tag("DIRAC", "v7r1p1")
    outcomes = world.poll()
    expected = NotesRecord(DIRAC.key, "7.1.1").found(NotesSource.FILE, "dirac", "NEW: first", world.at)
    assert world.record("7.1.1") == expected
    assert world.forge.asked_for_notes == [
        NotesRequest(DIRAC.path, "v7r1p1", a_commit("v7r1p1"), a_commit("v7r1p1"), "release.notes")
    ]
    assert (outcomes[DIRAC.key].requests, outcomes[DIRAC.key].notice) == (2, "")


def test_one_request_is_made_for_a_release_whatever_comes_later(world: World) -> None:
    world.tag("DIRAC", "v7r1p1")
    for tag in ("v7r1p1", "v7.1.1", "v7r1p2"):
        world.tag("DIRAC", tag)
        world.poll(HOUR)
    assert world.asked == [("v7r1p1", "release.notes"), ("v7r1p2", "release.notes")]
    record = world.record("7.1.1")
    assert record is not None
    assert record.source is NotesSource.NONE


def test_without_a_file_the_text_of_the_forges_release_is_read_once_there_is_one(world: World) -> None:
    world.forge.texts["v1r1", ""] = "* a change (#3)"
    world.tag("Pilot", "v1r1")
    world.poll()
    assert world.asked == []
    world.tag("Pilot", "v1r1", published=world.at)
    world.poll(HOUR)
    record = world.record("1.1.0", PILOT.key)
    assert record is not None
    assert (record.source, record.format, record.text) == (NotesSource.RELEASE, "release", "* a change (#3)")
    assert world.asked == [("v1r1", "")]


def test_of_twins_the_one_with_a_release_is_asked_for(world: World) -> None:
    world.tag("Pilot", "v1r1")
    world.tag("Pilot", "v1.1.0", published=world.at)
    world.poll()
    assert world.asked == [("v1.1.0", "")]


@pytest.mark.long
def test_a_failure_is_a_notice_and_is_tried_again_with_growing_gaps(world: World) -> None:
    world.forge.texts["v7r1p1", "release.notes"] = ForgeUnavailable("x", "timed out")
    world.tag("DIRAC", "v7r1p1")
    [outcome] = [each for each in world.poll().values() if each.notice]
    assert (outcome.status, outcome.error) == ("ok", None)
    assert outcome.notice == "cannot read the release notes of v7r1p1: timed out"
    tried = []
    since = world.at
    for gap in [TEN_MINUTES] * 7 + [HOUR] * 24 * 4:
        before = len(world.asked)
        world.poll(gap)
        tried += [(world.at - since) // timedelta(minutes=1)] * (len(world.asked) - before)
    assert tried == [10, 70, 430, 1870]
    record = world.record("7.1.1")
    assert record is not None
    assert (record.tries, record.next_try, record.error) == (5, None, "timed out")


def test_what_failed_once_is_read_when_the_forge_answers_again(world: World) -> None:
    world.forge.texts["v7r1p2", "release.notes"] = ForgeUnavailable("x", "timed out")
    world.tag("DIRAC", "v7r1p2")
    world.poll()
    world.forge.texts["v7r1p2", "release.notes"] = FILE
    assert world.poll(TEN_MINUTES)[DIRAC.key].notice == ""
    record = world.record("7.1.2")
    assert record is not None
    assert (record.text, record.error, record.next_try) == ("FIX: (#2) second", "", None)


def test_an_exceeded_limit_is_no_failed_try_and_spares_the_others(world: World) -> None:
    limited = RateLimited("x", "rate limit exceeded", retry_at=world.at + HOUR)
    world.forge.texts["v7r1p2", "release.notes"] = limited
    world.tag("DIRAC", "v7r1p1", "v7r1p2")
    world.poll()
    assert world.asked == [("v7r1p2", "release.notes")]
    world.forge.texts["v7r1p2", "release.notes"] = FILE
    world.poll(HOUR)
    assert sorted(world.asked[1:]) == [("v7r1p1", "release.notes"), ("v7r1p2", "release.notes")]
    record = world.record("7.1.2")
    assert record is not None
    assert record.tries == 1


def test_of_very_many_new_releases_some_are_read_at_each_poll(world: World) -> None:
    world.tag("DIRAC", *(f"v7r1p{patch}" for patch in range(1, 46)))
    read = []
    for _ in range(4):
        world.poll(TEN_MINUTES)
        read.append(len(world.asked))
    assert read == [20, 40, 45, 45]
    assert world.asked[0] == ("v7r1p45", "release.notes")


def test_nothing_is_asked_once_it_is_to_stop_and_it_is_made_up_for(world: World) -> None:
    world.tag("DIRAC", "v7r1p1")
    world.stop = Event()
    world.stop.set()
    world.poll()
    assert world.asked == []
    world.stop = None
    world.poll(TEN_MINUTES)
    assert world.asked == [("v7r1p1", "release.notes")]


def test_a_failed_poll_asks_for_none_and_the_others_outcomes_come_first(world: World) -> None:
    world.tag("DIRAC", "v7r1p1")
    world.forge.answers["Pilot"] = ForgeError("github:DIRACGrid/Pilot", "gone")
    assert list(world.poll()) == [PILOT.key, DIRAC.key]
    assert world.asked == [("v7r1p1", "release.notes")]


def test_products_have_their_own_file(world: World) -> None:
    product = replace(DIRAC, product="api", notes=NotesFile("API.md", "markdown"))
    world.repositories = with_beside([DIRAC, product])
    world.poll(HOUR)
    world.forge.texts |= {("v7r1p1", "release.notes"): FILE, ("v7r1p1", "API.md"): "# v7r1p1\n- of the API\n"}
    world.tag("DIRAC", "v7r1p1")
    world.poll(HOUR)
    texts = [record.text for key in (DIRAC.key, product.key) if (record := world.record("7.1.1", key))]
    assert texts == ["NEW: first", "- of the API"]


def test_an_old_release_is_left_alone_and_fetched_when_asked_for(world: World) -> None:
    world.forge.texts["v7r0", "release.notes"] = "[v7r0]\nNEW: all\n"
    [release] = world.store.releases.versions([(DIRAC.key, "7.0.0")])
    reader = NotesReader({"github": world.forge}, world.store, lambda: world.at)
    record, error = reader.fetch(DIRAC, release)
    assert (record.text, error) == ("NEW: all", None)
    assert world.record("7.0.0") == record
    world.forge.texts["v7r0", "release.notes"] = ForgeUnavailable("x", "timed out")
    assert str(reader.fetch(DIRAC, release)[1]) == "x: timed out"
