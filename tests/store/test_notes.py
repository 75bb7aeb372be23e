"""The notes of releases, on both databases."""

from datetime import timedelta

from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.watchlist import WatchChange, WatchKind
from bot.store.store import Store
from tests.builders import MONDAY
from tests.store.polls import KEY, hour, poll, ref

FOUND = NotesRecord(KEY, "7.1.29").found(NotesSource.FILE, "dirac", "FIX: é\n\n*Core\u202e", MONDAY)
FAILED = NotesRecord(KEY, "7.1.28").failed("timed out", MONDAY)
KEYS = [(KEY, "7.1.29"), (KEY, "7.1.28"), (KEY, "7.1.27"), ("github:a/b", "7.1.29")]


def test_records_come_back_as_they_were_by_release(store: Store) -> None:
    for record in (FOUND, FAILED):
        store.notes.write(record)
    assert store.notes.of(KEYS) == {(KEY, "7.1.29"): FOUND, (KEY, "7.1.28"): FAILED}
    assert store.notes.of([]) == {}


def test_a_record_takes_the_place_of_the_one_before(store: Store) -> None:
    store.notes.write(FAILED)
    later = FAILED.found(NotesSource.RELEASE, "release", "* x", MONDAY)
    store.notes.write(later)
    assert store.notes.of(KEYS) == {(KEY, "7.1.28"): later}


def test_those_to_be_tried_again_are_found(store: Store) -> None:
    given_up = NotesRecord(KEY, "7.1.27", tries=4).failed("x", MONDAY)
    sooner = NotesRecord(KEY, "7.1.26").postponed(MONDAY + timedelta(minutes=1))
    for record in (FOUND, FAILED, given_up, sooner):
        store.notes.write(record)
    assert store.notes.waiting() == [sooner, FAILED]


def test_a_moment_in_the_future_is_seen(store: Store) -> None:
    store.notes.write(FOUND)
    store.notes.write(FAILED)
    seen = store.clock.future_moments(MONDAY - timedelta(days=30))
    assert {each.of for each in seen} == {"release notes", "waits for release notes"}
    assert store.clock.future_moments(MONDAY) == []


def test_they_move_with_their_repository_and_stay_with_a_closed_history(store: Store) -> None:
    poll(store, hour(0), [ref("v7r1p1")])
    store.notes.write(FOUND)
    store.histories.move_to(store.tags.record("github:DIRACGrid/new"), store.tags.record(KEY))
    assert list(store.notes.of([(KEY, "7.1.29"), ("github:DIRACGrid/new", "7.1.29")])) == [
        ("github:DIRACGrid/new", "7.1.29")
    ]
    change = WatchChange(0, MONDAY, "ann", WatchKind.ACCEPT, "github:DIRACGrid/new")
    store.histories.accept_rival(store.tags.record("github:DIRACGrid/new"), change)
    assert store.notes.of([("github:DIRACGrid/new", "7.1.29")]) == {}
