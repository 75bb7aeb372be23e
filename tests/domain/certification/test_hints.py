"""Hints: DIRAC's real pull requests, gathered to the days of v7r2's hackathons."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.recorded.history import load
from bot.domain.certification.hints import PullRequest, hints_of, is_trace, open_hints, series_of
from bot.domain.certification.milestones import Milestone
from bot.domain.versions.dirac import DiracScheme
from tests.builders import PARIS, paris

DIRAC = DiracScheme()
PULLS = [PullRequest(p.number, p.title, p.branch, p.created) for p in load("DIRACGrid/DIRAC").pulls]


def a_pull(title: str, branch: str = "fix", created: str = "2021-02-18T12:00") -> PullRequest:
    return PullRequest(1, title, branch, paris(created))


def test_the_pull_requests_of_v7r2_speak_for_its_hackathons_before_the_slide() -> None:
    days = [hint.day for hint in hints_of(PULLS, "v7r2", DIRAC, PARIS) if hint.day <= date(2021, 2, 22)]
    assert days == [
        date(2020, 10, 29),
        date(2020, 11, 11),
        date(2020, 11, 26),
        date(2020, 12, 10),
        date(2021, 1, 7),
        date(2021, 1, 21),
        date(2021, 2, 4),
        date(2021, 2, 18),
    ]


def test_a_day_is_the_pull_requests_own_for_branch_names_lie() -> None:
    [march] = [hint for hint in hints_of(PULLS, "v7r2", DIRAC, PARIS) if hint.day.month == 3]
    assert march.day == date(2021, 3, 4)
    assert [(pull.number, pull.branch) for pull in march.pull_requests[:2]] == [
        (5016, "rel-v7r2_HACK_04.04.21"),
        (5017, "hack-fixes-2020-03-04"),
    ]


@pytest.mark.parametrize(
    "word", ["hackathon", "hackaton", "hackthon", "hachathon", "hackhathon", "hacktathon", "hackatlon", "Hackathon"]
)
def test_a_hackathon_is_known_in_each_of_its_spellings(word: str) -> None:
    assert is_trace(a_pull(f"[v7r2] {word} fixes"))


@pytest.mark.parametrize("branch", ["v7r2_HACK_29.10", "rel-v7r2_HACK_07.01", "hack-fixes-2020-03-04", "v7r2_hack_fix"])
def test_a_branch_can_name_it(branch: str) -> None:
    assert is_trace(a_pull("[v7r2] fix a script", branch))


@pytest.mark.parametrize(
    ("title", "branch"),
    [
        ("[v7r2] Fixes from LHCbDIRAC hackathon", "fix"),
        ("[v7r2] ObjectLoader", "rel-v7r2_HACK_LHCB_10.03.21"),
        ("[v7r3] show small values", "v7r3_hackfix_plot"),
        ("[v7r2] shack renamed", "whacky"),
    ],
)
def test_another_products_hackathon_and_other_words_are_no_trace(title: str, branch: str) -> None:
    assert not is_trace(a_pull(title, branch))


@pytest.mark.parametrize(
    ("title", "branch", "series"),
    [
        ("[v7r2] Hackathon fixes", "x", "v7r2"),
        ("[8.0] Hackathon fixes", "x", "v8r0"),
        ("[v7r2 pre39] Hackathon fixes", "x", "v7r2"),
        ("[sweep:integration] [v7r3] Hackathon", "x", "v7r3"),
        ("Hackathon fixes", "rel-v7r2_HACK", "v7r2"),
        ("Hackathon fixes", "my-branch", None),
    ],
)
def test_the_series_stands_in_brackets_or_at_the_head_of_the_branch(title: str, branch: str, series: str) -> None:
    assert series_of(a_pull(title, branch), DIRAC) == series


def test_a_certification_speaks_for_the_final_one() -> None:
    [hint] = hints_of([a_pull("[v7r2] fixes of the final certification")], "v7r2", DIRAC, PARIS)
    assert hint.kind == "final-certification"


def test_a_hint_of_a_day_that_a_milestone_tells_already_is_no_suggestion() -> None:
    hints = hints_of(PULLS, "v7r2", DIRAC, PARIS)
    told = [Milestone("hackathon", "Hackathon 1", date(2020, 11, 12))]
    assert date(2020, 11, 11) not in [hint.day for hint in open_hints(hints, told)]
    assert len(open_hints(hints, told)) == len(hints) - 1


@given(st.lists(st.builds(a_pull, st.text(max_size=40), st.text(max_size=40)), max_size=5))
def test_any_pull_requests_are_gathered_and_never_raise(pulls: list[PullRequest]) -> None:
    hints_of(pulls, "v7r2", DIRAC, PARIS)
