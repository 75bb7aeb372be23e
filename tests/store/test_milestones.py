"""Changes to milestones: kept in order, on both databases."""

from datetime import date

from bot.domain.certification.milestones import ChangeKind, MilestoneChange
from bot.store.store import Store
from tests.builders import paris


def test_a_change_comes_back_as_it_was_with_its_number(store: Store) -> None:
    add = MilestoneChange(
        0, paris("2021-02-20T10:00"), "fstagni", ChangeKind.ADD, "Hackathon 5", "hackathon", date(2021, 2, 25), "é"
    )
    first = store.certification.add_change("github:a/b", "v7r2", add)
    undo = MilestoneChange(0, paris("2021-02-21T10:00"), "chaen", ChangeKind.UNDO, "Hackathon 5", undoes=first.number)
    second = store.certification.add_change("github:a/b", "v7r2", undo)
    other = store.certification.add_change("github:a/b", "v7r3", add)
    assert first.number < second.number < other.number
    assert store.certification.changes() == {("github:a/b", "v7r2"): [first, second], ("github:a/b", "v7r3"): [other]}
