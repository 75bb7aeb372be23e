"""What forges show of certification, kept on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.certification.evidence import Evidence
from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ChangeKind, MilestoneChange, ReportedMilestone
from bot.services.ports import EvidenceAnswer
from bot.store.store import Store
from tests.builders import paris

SEEN = datetime(2021, 2, 1, 10, 0, tzinfo=UTC)
MARCH_1, MARCH_8 = date(2021, 3, 1), date(2021, 3, 8)
FINAL = ReportedMilestone(3, "v7r2 final certification", SEEN, ((SEEN, MARCH_1),), None, "https://x/3")
PULL = PullRequest(7, "[v7r2] hackathon", "v7r2_HACK", SEEN)
KEY = "github:a/b"


def test_nothing_is_held_of_a_repository_that_was_never_asked(store: Store) -> None:
    assert store.certification.evidence(KEY) == Evidence()


def test_an_answer_comes_back_as_it_was(store: Store) -> None:
    store.certification.write_evidence(
        KEY, EvidenceAnswer("a/b", (FINAL,), {"v7r2": (FINAL,)}, (PULL,), {"pulls": "e"})
    )
    held = store.certification.evidence(KEY)
    assert (held.milestones, held.issues, held.pulls, dict(held.validators)) == (
        (FINAL,),
        {"v7r2": (FINAL,)},
        (PULL,),
        {"pulls": "e"},
    )


def test_a_due_date_that_moved_is_added_to_those_before(store: Store) -> None:
    later = SEEN + timedelta(days=7)
    for seen, due in ((SEEN, MARCH_1), (SEEN + timedelta(days=1), MARCH_1), (later, MARCH_8)):
        store.certification.write_evidence(KEY, EvidenceAnswer("a/b", (replace(FINAL, dues=((seen, due),)),), {}, ()))
    assert store.certification.evidence(KEY).milestones[0].dues == ((SEEN, MARCH_1), (later, MARCH_8))


def test_lists_that_an_answer_says_nothing_of_stay(store: Store) -> None:
    store.certification.write_evidence(KEY, EvidenceAnswer("a/b", (FINAL,), {}, (PULL,), {"pulls": "e"}))
    store.certification.write_evidence(KEY, EvidenceAnswer("a/b", validators={"pulls": "e"}))
    assert store.certification.evidence(KEY).milestones == (FINAL,)
    store.certification.write_evidence(KEY, EvidenceAnswer("a/b", (), {}, (replace(PULL, number=8),), {"pulls": "f"}))
    held = store.certification.evidence(KEY)
    assert (held.milestones, [pull.number for pull in held.pulls]) == ((), [7, 8])


def test_a_pull_request_whose_title_changed_is_kept_once(store: Store) -> None:
    store.certification.write_evidence(KEY, EvidenceAnswer("a/b", (), {}, (PULL,)))
    store.certification.write_evidence(KEY, EvidenceAnswer("a/b", (), {}, (replace(PULL, title="[v7r3] x"),)))
    assert [pull.title for pull in store.certification.evidence(KEY).pulls] == ["[v7r3] x"]


def test_issues_are_kept_by_their_label(store: Store) -> None:
    other = replace(FINAL, number=9)
    store.certification.write_evidence(KEY, EvidenceAnswer("a/b", issues={"v7r2": (FINAL,), "v7r3": (other,)}))
    store.certification.write_evidence(KEY, EvidenceAnswer("a/b", issues={"v7r3": ()}))
    assert store.certification.evidence(KEY).issues == {"v7r2": (FINAL,)}


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
