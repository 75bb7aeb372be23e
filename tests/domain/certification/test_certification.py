"""How a certification stands, on DIRAC's way to v7r2."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.certification.certification import Certification, Plan, certification_of, has_begun, is_planned
from bot.domain.certification.milestones import (
    ChangeKind,
    Milestone,
    MilestoneChange,
    MilestoneSource,
    MilestoneStatus,
    ReportedMilestone,
)
from bot.domain.releases import releases_of
from tests.builders import a_repository, a_tag, as_of, paris, releases

DIRAC = a_repository()
HISTORY = {
    "v7r2-pre8": paris("2020-05-24T10:00"),
    "v7r2-pre33": paris("2021-02-08T14:05"),
    "v7r2-pre34": paris("2021-02-15T22:15"),
    "v7r2-pre39": paris("2021-03-16T10:00"),
    "v7r2": paris("2021-03-17T09:30"),
    "v7r2p1": paris("2021-03-30T10:00"),
    "v7r1p29": paris("2021-02-15T20:48"),
}
HACKATHONS = tuple(
    Milestone("hackathon", f"Hackathon {number}", day, day, note)
    for number, (day, note) in enumerate(
        [
            (date(2021, 1, 7), ""),
            (date(2021, 1, 21), ""),
            (date(2021, 2, 4), ""),
            (date(2021, 2, 18), "quite conclusive"),
        ],
        1,
    )
)
FINAL = Milestone("final-certification", "Final certification", date(2021, 3, 4), date(2021, 3, 4))
PLAN = Plan(DIRAC.key, "v7r2", ("Python 3 clients",), (*HACKATHONS, FINAL))


def on(day: str, plan: Plan = PLAN) -> Certification:
    return certification_of(plan, releases(DIRAC, HISTORY), as_of(f"{day}T14:00"))


def test_on_the_day_of_the_slide_four_hackathons_are_done_and_the_final_one_is_ten_days_away() -> None:
    certification = on("2021-02-22")
    assert len(certification.done("hackathon")) == 4
    assert certification.done("hackathon")[-1].note == "quite conclusive"
    assert certification.next is not None
    assert (certification.next.milestone.title, certification.next.days) == ("Final certification", 10)
    assert [release.version for release in certification.pre_releases] == ["v7r2-pre8", "v7r2-pre33", "v7r2-pre34"]
    assert certification.is_open


def test_the_final_release_closes_it_by_itself_on_the_tags_date() -> None:
    certification = on("2021-03-18")
    assert not certification.is_open
    released = certification.milestones[-1]
    assert (released.kind, released.title, released.done) == ("release", "v7r2", date(2021, 3, 17))
    assert released.source is MilestoneSource.TAG
    assert certification.next is None


def test_either_spelling_of_the_final_tag_closes_it() -> None:
    tags = [a_tag("v7.2.0", paris("2021-03-17T09:30"))]
    assert not certification_of(PLAN, releases_of(DIRAC, tags), as_of("2021-03-18T00:00")).is_open


def test_a_planned_release_is_done_when_the_tag_appears() -> None:
    planned = Milestone("release", "Release", date(2021, 3, 10))
    [*_, release] = on("2021-03-18", Plan(DIRAC.key, "v7r2", (), (planned,))).milestones
    assert (release.title, release.planned, release.done) == ("Release", date(2021, 3, 10), date(2021, 3, 17))


def test_a_milestone_that_is_past_its_day_is_overdue_and_comes_next() -> None:
    late = Plan(DIRAC.key, "v7r2", (), (Milestone("hackathon", "Hackathon 5", date(2021, 2, 20)), FINAL))
    certification = on("2021-02-22", late)
    assert certification.milestones[0].status(certification.today) is MilestoneStatus.OVERDUE
    assert certification.next is not None
    assert certification.next.days == -2
    assert [milestone.title for milestone in certification.due(timedelta(days=7))] == ["Hackathon 5"]
    assert len(certification.due(timedelta(days=10))) == 2


def test_a_moved_date_tells_from_where_to_where() -> None:
    change = MilestoneChange(
        1, paris("2021-02-20T10:00"), "x", ChangeKind.MOVE, "Final certification", day=date(2021, 3, 8)
    )
    certification = on("2021-02-22", Plan(DIRAC.key, "v7r2", (), (FINAL,), (change,)))
    [move] = certification.moves
    assert (move.before, move.after) == (date(2021, 3, 4), date(2021, 3, 8))
    assert on("2021-02-19", Plan(DIRAC.key, "v7r2", (), (FINAL,), (change,))).moves == ()


def test_a_date_that_was_moved_on_the_forge_tells_from_where_to_where() -> None:
    seen = [(paris(f"2021-02-{day}T10:00"), date(2021, 3, day)) for day in (10, 15, 20)]
    reported = ReportedMilestone(1, "Final certification", paris("2021-02-01T10:00"), tuple(seen), None, None)
    plan = Plan(DIRAC.key, "v7r2", reported=(reported,))
    moves = [(move.title, move.before, move.after, move.at) for move in on("2021-02-22", plan).moves]
    assert moves == [
        ("Final certification", date(2021, 3, 10), date(2021, 3, 15), paris("2021-02-15T10:00")),
        ("Final certification", date(2021, 3, 15), date(2021, 3, 20), paris("2021-02-20T10:00")),
    ]
    assert len(on("2021-02-19", plan).moves) == 1


def test_before_everything_there_is_nothing_but_the_plan() -> None:
    certification = on("2020-01-01")
    assert certification.pre_releases == ()
    assert all(m.status(certification.today) is MilestoneStatus.PLANNED for m in certification.milestones)
    empty = on("2020-01-01", Plan(DIRAC.key, "v7r2"))
    assert (empty.milestones, empty.next) == ((), None)


AHEAD = Plan(
    DIRAC.key,
    "v9r0",
    configured=(Milestone("hackathon", "Hackathon 1", date(2028, 1, 1)),),
    configured_at=paris("2026-11-26T09:00"),
)
ASKED_FOR = Plan(DIRAC.key, "v7r2")
ADDED = MilestoneChange(1, paris("2020-03-01T10:00"), "x", ChangeKind.ADD, "Hackathon 1", "hackathon", date(2021, 1, 7))


@pytest.mark.parametrize(
    ("plan", "day", "begun", "planned"),
    [
        (ASKED_FOR, "2020-05-23", False, False),
        (ASKED_FOR, "2020-05-25", True, False),  # the first pre-release begins it, and nobody told of it
        (Plan(DIRAC.key, "v7r2", changes=(ADDED,)), "2020-02-29", False, False),
        (Plan(DIRAC.key, "v7r2", changes=(ADDED,)), "2020-03-02", True, True),
        (AHEAD, "2021-02-22", False, False),
        (AHEAD, "2026-11-26", True, True),  # far ahead, and known now
        (AHEAD, "2028-01-01", True, True),
        (Plan(DIRAC.key, "v7r2", configured_at=paris("2026-11-26T09:00")), "2015-01-01", False, False),
        (Plan(DIRAC.key, "v7r2", configured_at=paris("2026-11-26T09:00")), "2021-02-22", True, True),
    ],
)
def test_a_certification_begins_with_the_first_thing_that_was_there(
    plan: Plan, day: str, begun: object, planned: object
) -> None:
    made, moment = releases(DIRAC, HISTORY), as_of(f"{day}T14:00")
    assert (has_begun(plan, made, moment), is_planned(plan, made, moment)) == (begun, planned)


@given(
    st.sampled_from([ASKED_FOR, AHEAD, PLAN, Plan(DIRAC.key, "v7r2", changes=(ADDED,))]),
    st.lists(st.dates(date(2010, 1, 1), date(2030, 1, 1)), min_size=2, max_size=2).map(sorted),
)
def test_what_has_begun_has_begun_for_good(plan: Plan, days: list[date]) -> None:
    made = releases(DIRAC, HISTORY)
    earlier, later = (as_of(f"{day}T14:00") for day in days)
    assert has_begun(plan, made, earlier) <= has_begun(plan, made, later)
    assert is_planned(plan, made, earlier) <= is_planned(plan, made, later)
