"""Answers as people read them, in a terminal and in Slack, whole."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given

from bot.dialogue import Reply, Understanding, ask
from bot.domain.filters import KindWord
from bot.queries.base import Result, answer_of, answer_text
from bot.queries.selection import Filters
from bot.render.markup import TEXT
from tests.builders import a_repository
from tests.chats.slack.hosts import COMDIRAC, DIRAC, SlideHost
from tests.histories import write_history
from tests.memory import store_in_memory
from tests.render.answers import a_basis, answers, many_releases, releases_answer

Say = Callable[[str], str]


@pytest.fixture(scope="module")
def host() -> Iterator[SlideHost]:
    with store_in_memory() as store:
        write_history(store, DIRAC)
        write_history(store, COMDIRAC)
        yield SlideHost(store)


@pytest.fixture
def say(host: SlideHost) -> Say:
    """What a terminal shows as the answer to a question on the day of the slide."""

    def said(text: str) -> str:
        reply = ask(text, host.context((), is_maintainer=False), host.vocabulary(), None)
        return answer_text(reply.answer(TEXT))

    return said


def text_of(result: Result) -> str:
    return answer_text(answer_of(result, TEXT))


def test_the_slides_question(say: Say) -> None:
    assert (
        say("how many patch releases of DIRAC in the last month?")
        == """\
6 patch releases of DIRAC, 22 Jan to 22 Feb 2021 14:00 (Europe/Paris): v7r0: 3, v7r1: 3
  v7r0: v7r0p47 (3 Feb), v7r0p48 (8 Feb), v7r0p49 (15 Feb)
  v7r1: v7r1p27 (3 Feb), v7r1p28 (8 Feb), v7r1p29 (15 Feb)
  (data as of 22 Feb 2021 13:55)"""
    )


def test_more_than_ten_are_folded_with_the_question_that_lists_all(say: Say) -> None:
    folded = say("how many v7r0 patches in 2020?")
    assert folded.startswith(
        "34 patch releases of v7r0 of DIRAC, 1 Jan to 31 Dec 2020 (Europe/Paris)\n  newest 10: v7r0p43"
    )
    question = "list all patch releases of v7r0 in 2020"
    assert f"(List all 34: “{question}”)" in folded
    assert say(question).count("v7r0p") == 34


def test_a_trend_is_drawn_and_its_months_without_a_release_are_points(say: Say) -> None:
    assert say("releases of COMDIRAC by quarter in 2019").split("\n")[:5] == [
        "1 final release of COMDIRAC, 1 Jan to 31 Dec 2019 (Europe/Paris)",
        "  2019-Q1 · 0",
        "  2019-Q2 · 0",
        "  2019-Q3 ▇ 1",
        "  2019-Q4 · 0",
    ]


def test_one_release_and_one_that_nobody_knows(say: Say) -> None:
    told = say("when was v7r0p49 released?")
    assert told.startswith("v7r0p49 of DIRAC was released on 15 Feb 2021 20:19 (Europe/Paris; date of the commit)\n")
    assert "a patch of v7r0, tag v7r0p49, commit 3c37450826" in told
    both = "github:DIRACGrid/DIRAC or github:DIRACGrid/COMDIRAC"
    refused = f'Sorry, release "v7r0p99": not found in {both}; nearest: v7r0p49, v7r0p57, '
    assert say("when was v7r0p99 released?").startswith(refused)
    assert say("when was v7r1p30 released?").startswith(
        "v7r1p30 had not been released by 22 Feb 2021 14:00 (Europe/Paris)"
    )


def test_certification_begins_with_what_was_asked(say: Say) -> None:
    assert say("is v7r2 certified?").startswith(
        "v7r2 is not certified yet; its final certification is planned for 4 Mar (in 10 days)\n"
    )
    assert say("how many hackathons are done for v7r2?").startswith("1 hackathon of v7r2 is done (18 Feb)")


def test_a_refusal_is_polite_names_the_word_and_gives_examples(say: Say) -> None:
    told = say("what about tomorrow's weather?")
    assert told.startswith('Sorry, I do not know "weather"\n  Try:\n')
    assert "    how many patch releases in the last month?" in told


def test_a_mended_word_is_told(say: Say) -> None:
    assert say("how many relases in the last month").startswith("Assuming you meant “releases” (not “relases”): 6 ")


def test_an_interval_that_may_be_meant_otherwise_is_told_with_the_other(say: Say) -> None:
    told = say("how many releases last month")
    assert "1 Jan to 31 Jan 2021" in told
    assert "“last month” is the previous calendar month; for the month up to now, ask “in the last month”" in told


@pytest.mark.parametrize(
    ("count", "who"), [(1, "extension0"), (2, "extension0 and extension1"), (900, "github: 900 repositories")]
)
def test_what_may_be_missing_is_told_once_for_its_cause(count: int, who: str) -> None:
    names = [a_repository(f"site/extension{number}") for number in range(count)]
    told = text_of(releases_answer([], basis=a_basis(*names, error="GitHub answered 502")))
    assert f"(possibly incomplete: {who} not checked since 22 Feb 2021 08:00: GitHub answered 502)" in told
    assert told.count("not checked since") == 1
    assert "data as of" not in told


def test_releases_without_a_date_are_told_beside_the_number() -> None:
    undated = replace(releases_answer(many_releases(3)), undated=2)
    assert "(not counted: 2 releases without a known date)" in text_of(undated)


def test_very_many_bars_are_summed_at_the_beginning(say: Say) -> None:
    lines = say("releases of COMDIRAC by week").split("\n")
    assert lines[1].startswith("  before: ")
    bars = [line for line in lines if line.startswith("  20")]
    assert len(bars) == 60


def test_many_series_are_summed_beyond_the_newest_six() -> None:
    [first, *_] = text_of(releases_answer(many_releases(16))).split("\n")
    assert first.endswith(": 2 older series: 4, v7r2: 2, v7r3: 2, v7r4: 2, v7r5: 2, v7r6: 2, v7r7: 2")


def test_an_answer_in_json_has_the_data_of_the_commands(host: SlideHost) -> None:
    reply = ask("how many v7r1 patches since Feb 1st?", host.context((), is_maintainer=False), host.vocabulary(), None)
    understood = reply.understanding.data()
    assert (understood["intent"], understood["series"], understood["kinds"]) == ("count", ["v7r1"], ["patch"])
    data = reply.result.data()
    assert (data["total"], [release["version"] for release in data["releases"]]) == (
        3,
        ["v7r1p27", "v7r1p28", "v7r1p29"],
    )
    assert data["period"]["start"] == "2021-02-01T00:00:00+01:00"


def test_the_kinds_are_named_where_several_were_asked_for() -> None:
    filters = Filters(kinds=(KindWord.PATCH, KindWord.PRE_RELEASE))
    found = replace(releases_answer(many_releases(2)), filters=filters, kinds=("patch", "pre-release"))
    assert text_of(found).startswith("2 releases (patch and pre-release) of DIRAC")


@given(answers())
def test_no_text_from_outside_steers_the_terminal(result: Result) -> None:
    reply = Reply("", Understanding(None, None, (("\x1b[31m", "releases"),)), result)
    assert all(line.isprintable() for line in answer_text(reply.answer(TEXT)).split("\n"))


@given(answers())
def test_every_answer_has_data(result: Result) -> None:
    assert json.dumps(result.data()) != ""
