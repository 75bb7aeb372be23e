"""Answers about what is planned, which hackathons fell into an interval, and what a certification took or lacks."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest

from bot.dialogue import ask
from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import Milestone
from bot.queries.base import answer_text
from bot.render.markup import TEXT
from bot.services.certification import plans_as_known
from bot.store.store import Store
from tests.builders import paris
from tests.chats.slack.hosts import COMDIRAC, DIRAC, PLAN, SlideHost
from tests.histories import write_history
from tests.memory import store_in_memory

Say = Callable[..., str]
HACKATHONS = tuple(
    Milestone("hackathon", f"Hackathon {number}", day, day)
    for number, day in enumerate([date(2021, 1, 7), date(2021, 1, 21), date(2021, 2, 4), date(2021, 2, 18)], 1)
)
CERTIFIED = Milestone("final-certification", "Final certification", date(2021, 3, 4), date(2021, 3, 4))
V7R2 = replace(PLAN, configured=(*HACKATHONS, CERTIFIED))


@pytest.fixture(scope="module")
def history() -> Iterator[Store]:
    with store_in_memory() as store:
        write_history(store, DIRAC)
        yield store


@pytest.fixture
def say(history: Store) -> Say:
    """What a terminal shows as the first line of an answer, by default on the day of the slide."""

    def said(text: str, at: str = "2021-02-22T14:00", plan: Plan = V7R2) -> str:
        host = SlideHost(history, at=paris(at))
        context = host.context((), is_maintainer=False)
        plans = plans_as_known([plan], [DIRAC, COMDIRAC], history.certification, context.as_of)
        reply = ask(text, replace(context, read_plans=lambda: plans), host.vocabulary(), None)
        return answer_text(reply.answer(TEXT)).splitlines()[0]

    return said


def test_a_release_to_come_is_answered_with_the_plan_and_not_a_prediction(say: Say) -> None:
    planned = "v7r2 of DIRAC is not released yet; its final certification is planned for 4 Mar 2021 (in 10 days)"
    for text in ("when will v7r2 be released?", "when v7r2 final is expected?", "when is the next release of DIRAC"):
        assert say(text) == planned
    undated = replace(V7R2, configured=HACKATHONS)
    assert say("when will v7r2 be released?", plan=undated) == "v7r2 of DIRAC has no planned date for its release"


def test_a_series_or_repository_without_a_plan_has_no_date(say: Say) -> None:
    assert say("when will v7r3 come out?") == "No date is planned for v7r3"
    assert say("when is the next release of COMDIRAC") == "No release of COMDIRAC is planned"
    assert say("when will v7r1 be released") == "v7r1 of DIRAC is released already: v7r1 on 24 Apr 2020"


def test_a_release_milestone_is_preferred_to_the_certification(say: Say) -> None:
    released = Milestone("release", "Release", date(2021, 3, 15))
    plan = replace(V7R2, configured=(*HACKATHONS, CERTIFIED, released))
    assert say("when will v7r2 be released?", plan=plan).endswith("its Release is planned for 15 Mar 2021 (in 21 days)")
    assert say("how many days until the final certification?", plan=plan).startswith("10 days until")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2021-02-22T14:00", "10 days until the final certification of v7r2 of DIRAC, planned for 4 Mar 2021"),
        ("2021-03-04T12:00", "The final certification of v7r2 of DIRAC was done on 4 Mar 2021"),
        ("2021-03-10T12:00", "The final certification of v7r2 of DIRAC was done on 4 Mar 2021"),
        ("2021-04-10T12:00", "No final certification of DIRAC and COMDIRAC is planned"),
    ],
)
def test_the_days_until_the_final_certification(say: Say, at: str, said: str) -> None:
    assert say("how many days until the final certification?", at) == said


def test_what_is_overdue_is_not_called_to_come(say: Say) -> None:
    late = replace(V7R2, configured=(*HACKATHONS, replace(CERTIFIED, planned=date(2021, 2, 20), done=None)))
    assert say("how many days until v7r2", plan=late) == (
        "The final certification of v7r2 of DIRAC was planned for 20 Feb 2021 (2 days ago), and is not done yet"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hackathons in January", "2 hackathons of v7r2 of DIRAC, 1 Jan to 31 Jan 2021 (Europe/Paris): 2 done"),
        (
            "how many hackathons since 1 feb",
            "2 hackathons of v7r2 of DIRAC, 1 Feb to 22 Feb 2021 14:00 (Europe/Paris): 2 done",
        ),
        (
            "hackathons from 21 jan to 4 feb",
            "2 hackathons of v7r2 of DIRAC, 21 Jan to 4 Feb 2021 (Europe/Paris): 2 done",
        ),
        ("hackathons next month", "0 hackathons of v7r2 of DIRAC, 1 Mar to 31 Mar 2021 (Europe/Paris)"),
        ("milestones next month", "1 milestone of v7r2 of DIRAC, 1 Mar to 31 Mar 2021 (Europe/Paris): 1 planned"),
        (
            "how many milestones are there?",
            "5 milestones of v7r2 of DIRAC, as of 22 Feb 2021 14:00 (Europe/Paris): 1 planned, 4 done",
        ),
        ("milestones in March", "1 milestone of v7r2 of DIRAC, 1 Mar to 31 Mar 2021 (Europe/Paris): 1 planned"),
        ("when was hackathon 3?", "1 hackathon of v7r2 of DIRAC, as of 22 Feb 2021 14:00 (Europe/Paris): 1 done"),
        ("when was hackathon 7?", "Sorry, hackathon 7: not recorded; ask which hackathons there are"),
        ("is anything overdue?", "0 overdue milestones of v7r2 of DIRAC, as of 22 Feb 2021 14:00 (Europe/Paris)"),
        ("hackathons of COMDIRAC in 2021", "0 hackathons of COMDIRAC, 1 Jan to 31 Dec 2021 (Europe/Paris)"),
    ],
)
def test_hackathons_and_milestones_are_counted_within_an_interval(say: Say, text: str, said: str) -> None:
    assert say(text) == said


def test_how_long_a_certification_took(say: Say) -> None:
    asked = "how long took the v7r2 certification"
    begun = "has taken 46 days so far, since its first milestone on 7 Jan 2021"
    assert say(asked).endswith(begun)
    assert say(asked, "2021-04-10T12:00").endswith("took 56 days: from its first milestone on 7 Jan 2021 to 4 Mar 2021")
    # The tag of a release alone does not say when its certification began.
    assert say("how long took the v7r1 certification").endswith("so its duration is not known")


def test_what_a_certification_waits_for(say: Say) -> None:
    asked = "what is blocking v7r2?"
    assert say(asked) == (
        "1 of 5 milestones of v7r2 of DIRAC is still to do: Final certification, planned for 4 Mar 2021 (in 10 days)"
    )
    assert say(asked, "2021-03-10T12:00") == "No milestone of v7r2 of DIRAC is still to do; it is not released yet"
    assert say(asked, "2021-04-10T12:00") == "Nothing: v7r2 of DIRAC is released (v7r2)"


def test_what_is_not_recorded_of_a_released_series_is_not_called_to_come(say: Say) -> None:
    assert say("when was the final certification of v7r1?") == (
        "v7r1 is released; no final certification is recorded as done"
    )
    assert say("how many hackathons of v7r1?") == "No hackathon of v7r1 is recorded as done"
    assert say("status of COMDIRAC").startswith("No certification of COMDIRAC had started by")
