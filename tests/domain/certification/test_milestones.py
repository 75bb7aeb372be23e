"""Milestones, the changes people make to them, and how they stood on any day."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.certification.changes import effective
from bot.domain.certification.milestones import (
    ChangeKind,
    Milestone,
    MilestoneChange,
    MilestoneStatus,
    find_milestone,
    milestones_after,
)
from bot.domain.errors import UsageError
from tests.builders import PARIS, paris

FOURTH = Milestone("hackathon", "Hackathon 4", date(2021, 2, 18), date(2021, 2, 18), "quite conclusive")
FINAL = Milestone("final-certification", "Final certification", date(2021, 3, 4))


def a_change(
    number: int, at: str, kind: ChangeKind, title: str, day: date | None = None, **more: object
) -> MilestoneChange:
    return MilestoneChange(number, paris(at), "fstagni", kind, title, day=day, **more)  # type: ignore[arg-type]


def on(day: str, *changes: MilestoneChange, configured: tuple[Milestone, ...] = (FOURTH, FINAL)) -> list[Milestone]:
    return milestones_after(configured, changes, until=paris(day) + timedelta(days=1), zone=PARIS)


def test_a_milestone_is_planned_then_overdue_then_done() -> None:
    assert FINAL.status(date(2021, 3, 4)) is MilestoneStatus.PLANNED
    assert FINAL.status(date(2021, 3, 5)) is MilestoneStatus.OVERDUE
    assert FOURTH.status(date(2021, 2, 18)) is MilestoneStatus.DONE


def test_a_milestone_done_later_was_still_planned_and_its_note_not_written() -> None:
    [fourth, _] = on("2021-02-17")
    assert (fourth.done, fourth.note, fourth.status(date(2021, 2, 17))) == (None, "", MilestoneStatus.PLANNED)


def test_changes_are_folded_in_order_of_time() -> None:
    [_, final] = on(
        "2021-03-10",
        a_change(1, "2021-02-25T10:00", ChangeKind.MOVE, "final certification", date(2021, 3, 8)),
        a_change(2, "2021-03-08T18:00", ChangeKind.DONE, "Final certification", date(2021, 3, 8), note="good"),
    )
    assert (final.planned, final.done, final.note, final.plans) == (
        date(2021, 3, 8),
        date(2021, 3, 8),
        "good",
        (date(2021, 3, 4),),
    )


def test_a_milestone_that_was_added_or_dropped_says_so() -> None:
    fifth, *_ = on(
        "2021-03-01",
        a_change(1, "2021-02-20T10:00", ChangeKind.ADD, "Hackathon 5", date(2021, 2, 25), milestone_kind="hackathon"),
        a_change(2, "2021-02-26T10:00", ChangeKind.DROP, "Hackathon 5"),
        configured=(),
    )
    assert (fifth.kind, fifth.status(date(2021, 3, 1))) == ("hackathon", MilestoneStatus.DROPPED)


def test_before_everything_the_plan_is_what_was_configured() -> None:
    assert on("2021-01-01", a_change(1, "2021-02-25T10:00", ChangeKind.DROP, "Hackathon 4"), configured=()) == []


TITLES = ["Hackathon 4", "Final certification", "Other"]
some_changes = st.lists(
    st.builds(
        MilestoneChange,
        number=st.just(0),
        at=st.datetimes(datetime(2021, 1, 1), datetime(2021, 4, 1), timezones=st.just(PARIS)),
        who=st.just("x"),
        kind=st.sampled_from([ChangeKind.ADD, ChangeKind.DONE, ChangeKind.MOVE, ChangeKind.DROP]),
        title=st.sampled_from(TITLES),
        milestone_kind=st.just("hackathon"),
        day=st.dates(date(2021, 1, 1), date(2021, 4, 1)),
    ),
    max_size=8,
).map(lambda changes: [_numbered(change, number) for number, change in enumerate(changes, 1)])


def _numbered(change: MilestoneChange, number: int) -> MilestoneChange:
    return replace(change, number=number)


@given(some_changes, st.randoms())
def test_the_same_changes_in_any_order_give_the_same_state(changes: list[MilestoneChange], random: object) -> None:
    shuffled = list(changes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert on("2021-05-01", *shuffled) == on("2021-05-01", *changes)


@given(some_changes)
def test_undo_gives_the_state_before(changes: list[MilestoneChange]) -> None:
    if not changes:
        return
    last = max(changes, key=lambda change: (change.at, change.number))
    undo = MilestoneChange(99, paris("2021-04-02T00:00"), "x", ChangeKind.UNDO, undoes=last.number)
    assert on("2021-05-01", *changes, undo) == on("2021-05-01", *(c for c in changes if c is not last))


@given(some_changes, st.dates(date(2021, 1, 1), date(2021, 6, 1)), st.data())
def test_a_change_that_was_undone_was_never_made_whenever_one_looks_from(
    changes: list[MilestoneChange], day: date, data: st.DataObject
) -> None:
    if not changes:
        return
    taken_back = data.draw(st.sampled_from(changes))
    undo = a_change(99, "2021-04-02T00:00", ChangeKind.UNDO, "", undoes=taken_back.number)
    others = [change for change in changes if change is not taken_back]
    assert on(day.isoformat(), *changes, undo) == on(day.isoformat(), *others)
    assert effective([*changes, undo], paris("2021-04-01T00:00")) == effective(others, paris("2021-04-01T00:00"))


def test_a_milestone_is_found_by_a_part_of_its_title_if_that_is_clear() -> None:
    third = Milestone("hackathon", "Hackathon 3")
    assert find_milestone([third, FOURTH, FINAL], "final") is FINAL
    assert find_milestone([third, FOURTH], "hackathon 3") is third
    with pytest.raises(UsageError, match="matches 2 milestones"):
        find_milestone([third, FOURTH], "hackathon")
    with pytest.raises(UsageError, match="not found"):
        find_milestone([third], "party")
