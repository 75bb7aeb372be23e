"""What a poll changed."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.polling.diff import PollChanges, as_known_at, compare
from bot.domain.tag_dates import date_of, upcoming_of
from bot.domain.tags import DateSource, Tag, TagDetails, TagEvent, TagEventKind, TagRef, TagState
from tests.builders import MONDAY, a_commit, a_ref, a_tag, days

NAMES = ["v7r0p1", "v7r0p2", "v7r1", "grep", "a/b", "CTA-TEST", "CTA-Test"]
snapshots = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", "2", "3"]), max_size=7)


def refs_of(snapshot: dict[str, str]) -> list[TagRef]:
    return [a_ref(name, a_commit(target)) for name, target in snapshot.items()]


def apply(recorded: dict[str, Tag], changes: PollChanges) -> dict[str, Tag]:
    return recorded | {tag.name: tag for tag in (*changes.added, *changes.changed)}


def polled(recorded: dict[str, Tag], snapshot: dict[str, str], at: datetime, *, backfill: bool = False) -> PollChanges:
    return compare(recorded, refs_of(snapshot), {}, at=at, backfill=backfill)


def test_the_first_poll_is_a_backfill() -> None:
    changes = polled({}, {"v7r1": "1"}, MONDAY, backfill=True)
    assert [(tag.name, tag.backfilled, tag.first_seen) for tag in changes.added] == [("v7r1", True, MONDAY)]
    assert not changes.events


def test_a_tag_that_moved_is_an_event_that_keeps_where_it_stood() -> None:
    old = a_tag("v7r1", MONDAY, commit="1" * 40)
    changes = compare({"v7r1": old}, [a_ref("v7r1", "2" * 40)], {}, at=MONDAY + days(1), backfill=False)
    [event] = changes.events
    assert (event.kind, event.before, event.to_commit) == (TagEventKind.MOVED, old, "2" * 40)
    [tag] = changes.changed
    assert (tag.state, tag.details, tag.first_seen) == (TagState.MOVED, None, old.first_seen)
    assert (old.commit_since, tag.commit_since) == (old.first_seen, MONDAY + days(1))


def test_an_annotated_tag_made_anew_on_its_commit_has_not_moved() -> None:
    old = replace(a_tag("v7r1", MONDAY, commit="1" * 40), annotated=True, target="a" * 40)
    details = TagDetails("1" * 40, tagger=MONDAY + days(1))
    changes = compare(
        {"v7r1": old}, [a_ref("v7r1", "b" * 40, annotated=True)], {"v7r1": details}, at=MONDAY, backfill=False
    )
    assert [event.kind for event in changes.events] == [TagEventKind.REDATED]
    assert [tag.state for tag in changes.changed] == [TagState.CURRENT]
    assert [tag.commit_since for tag in changes.changed] == [old.first_seen]


def test_a_tag_that_vanished_and_came_back_are_two_events() -> None:
    old = {"v7r1": a_tag("v7r1", MONDAY, commit=a_commit("1"))}
    gone = polled(old, {}, MONDAY + days(1))
    back = polled(apply(old, gone), {"v7r1": "1"}, MONDAY + days(2))
    assert [event.kind for event in (*gone.events, *back.events)] == [TagEventKind.DELETED, TagEventKind.RESTORED]
    tag = apply(apply(old, gone), back)["v7r1"]
    assert (tag.state, tag.commit_since) == (TagState.CURRENT, old["v7r1"].first_seen)


def test_a_tag_that_came_back_elsewhere_stands_there_since_then() -> None:
    old = {"v7r1": a_tag("v7r1", MONDAY, commit=a_commit("1"))}
    gone = apply(old, polled(old, {}, MONDAY + days(1)))
    back = apply(gone, polled(gone, {"v7r1": "2"}, MONDAY + days(2)))
    assert back["v7r1"].commit_since == MONDAY + days(2)


def test_what_was_announced_is_upcoming_as_known_before_its_day() -> None:
    day = MONDAY + days(7)
    tag = a_tag("v7r1", MONDAY, published=day, first_seen=MONDAY, last_seen=day)
    assert upcoming_of(tag) is None
    [then] = as_known_at([tag], [], MONDAY + days(3))
    assert (upcoming_of(then), date_of(then)) == (day, (MONDAY, DateSource.COMMIT))


def test_dates_filled_in_later_are_no_event() -> None:
    old = a_tag("v7r1", dated=False)
    details = TagDetails(old.target, committed=MONDAY)
    changes = compare({"v7r1": old}, None, {"v7r1": details}, at=MONDAY, backfill=False)
    assert [tag.details for tag in changes.changed] == [details]
    assert not changes.events


def test_a_date_that_changed_is_an_event() -> None:
    old = a_tag("v7r1", MONDAY)
    details = TagDetails(old.target, published=MONDAY + days(1), committed=MONDAY)
    changes = compare({"v7r1": old}, None, {"v7r1": details}, at=MONDAY, backfill=False)
    assert [event.kind for event in changes.events] == [TagEventKind.REDATED]


def test_names_that_differ_only_by_case_are_two_tags() -> None:
    changes = polled({}, {"CTA-TEST": "1", "CTA-Test": "2"}, MONDAY)
    assert len(changes.added) == 2


@given(snapshots, snapshots)
def test_the_same_answer_a_second_time_changes_nothing(first: dict[str, str], second: dict[str, str]) -> None:
    recorded = apply({}, polled({}, first, MONDAY, backfill=True))
    recorded = apply(recorded, polled(recorded, second, MONDAY + days(1)))
    assert polled(recorded, second, MONDAY + days(2)).is_empty


@given(snapshots)
def test_an_unchanged_list_changes_nothing(snapshot: dict[str, str]) -> None:
    recorded = apply({}, polled({}, snapshot, MONDAY, backfill=True))
    assert compare(recorded, None, {}, at=MONDAY + days(1), backfill=False).is_empty


@given(st.lists(snapshots, min_size=1, max_size=5))
def test_after_any_history_the_record_is_the_last_answer_and_the_past_can_be_told(
    history: list[dict[str, str]],
) -> None:
    recorded: dict[str, Tag] = {}
    events: list[TagEvent] = []
    states: list[dict[str, str]] = []
    for day, snapshot in enumerate(history):
        changes = polled(recorded, snapshot, MONDAY + days(day), backfill=day == 0)
        recorded, events = apply(recorded, changes), [*events, *changes.events]
        states.append({name: tag.target for name, tag in recorded.items() if tag.is_present})
        assert states[day] == {name: a_commit(target) for name, target in snapshot.items()}
    for day, state in enumerate(states):
        known = as_known_at(recorded.values(), events, MONDAY + days(day))
        assert {tag.name: tag.target for tag in known if tag.is_present} == state


def test_before_the_first_poll_nothing_was_known() -> None:
    assert as_known_at([a_tag("v7r1", MONDAY)], [], MONDAY - days(1)) == []


def test_the_forges_mark_of_a_pre_release_changes_a_tag_and_is_no_event() -> None:
    before = a_tag("v7r1", MONDAY)
    assert before.details is not None
    marked = replace(before.details, is_flagged=True)
    changes = compare({"v7r1": before}, None, {"v7r1": marked}, at=MONDAY + days(1), backfill=False)
    assert ([tag.details for tag in changes.changed], changes.events) == ([marked], ())
