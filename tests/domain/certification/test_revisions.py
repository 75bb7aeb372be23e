"""How often milestones were moved, whatever was undone since."""

from datetime import UTC, date, datetime

from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import ChangeKind, Milestone, MilestoneChange, ReportedMilestone
from bot.domain.certification.revisions import Revision, revisions

DAY = date(2021, 3, 4)
FINAL = Milestone("final-certification", "Final", DAY)


def at(day: int) -> datetime:
    return datetime(2021, 2, day, 12, tzinfo=UTC)


def move(number: int, day: int) -> MilestoneChange:
    return MilestoneChange(number, at(day), "ann", ChangeKind.MOVE, "Final", day=DAY)


def undo(number: int, day: int, undone: int) -> MilestoneChange:
    return MilestoneChange(number, at(day), "ann", ChangeKind.UNDO, "Final", undoes=undone)


def plan(*changes: MilestoneChange, reported: ReportedMilestone | None = None) -> Plan:
    return Plan("github:a/b", "v1", configured=(FINAL,), changes=changes, reported=(reported,) if reported else ())


def test_what_is_configured_has_no_revision() -> None:
    assert revisions(plan(), at(28)) == {}


def test_a_move_that_was_undone_is_a_move_back() -> None:
    changes = (move(1, 1), undo(2, 2, 1), move(3, 3))
    counts = [revisions(plan(*changes[:known]), at(28))["final"].moves for known in (1, 2, 3)]
    assert counts == [1, 2, 3]


def test_looking_back_leaves_out_what_came_later() -> None:
    assert revisions(plan(move(1, 1), move(2, 9)), at(5)) == {"final": Revision(1, at(1))}


def test_other_changes_are_dated_and_no_moves() -> None:
    dropped = MilestoneChange(2, at(7), "ann", ChangeKind.DROP, "FINAL")
    assert revisions(plan(move(1, 1), dropped), at(28)) == {"final": Revision(1, at(7))}


def test_the_due_dates_of_a_forge_are_counted_when_they_differ() -> None:
    dues = ((at(1), None), (at(2), DAY), (at(3), DAY), (at(4), date(2021, 3, 9)))
    seen = ReportedMilestone(1, "Release", at(1), dues, at(6), None)
    assert revisions(plan(reported=seen), at(28)) == {"release": Revision(2, at(6))}
    assert revisions(plan(reported=seen), at(3)) == {"release": Revision(1, at(3))}
