"""``release-bot ask``: the answers of the chat, in a terminal and as JSON."""

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.store.store import Store
from tests.cli.conftest import Product, configuration

SLIDE = "2021-02-22T14:00"


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("how many patch releases in the last month?", "6 patch releases of DIRAC, 22 Jan to 22 Feb 2021 14:00"),
        ("how many v7r0 patches in 2020?", "34 patch releases of v7r0 of DIRAC, 1 Jan to 31 Dec 2020"),
        ("releases since v7r1p25", "8 patch releases of DIRAC, 18 Jan 20:19 to 22 Feb 2021 14:00"),
        ("when was v7r0p49 released?", "v7r0p49 of DIRAC was released on 15 Feb 2021 20:19 (Europe/Paris; "),
        ("is v7r2 certified?", "v7r2 is not certified yet"),
        ("what about tomorrow's weather?", 'Sorry, I do not know "weather"\n  Try:'),
    ],
)
def test_a_question_is_answered_as_in_chat(polled: Product, question: str, begins: str) -> None:
    said = polled("ask", "--as-of", SLIDE, question)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(begins)


def test_a_question_needs_no_quotes(polled: Product) -> None:
    said = polled("ask", "--as-of", SLIDE, "how", "many", "v7r1", "patches", "in", "January")
    assert said.out.startswith("3 patch releases of v7r1 of DIRAC, 1 Jan to 31 Jan 2021")


def test_json_has_what_was_understood_the_answer_and_its_data(polled: Product) -> None:
    said = polled("ask", "--as-of", SLIDE, "--format", "json", "how many v7r0 patches in 2020?").json
    assert list(said) == ["question", "understood", "answer", "data"]
    assert said["question"] == "how many v7r0 patches in 2020?"
    assert said["understood"] == {
        "intent": "count",
        "repositories": [],
        "series": ["v7r0"],
        "kinds": ["patch"],
        "interval": "in 2020",
        "by": [],
        "mended": [],
    }
    assert said["answer"].startswith("34 patch releases of v7r0")
    assert said["data"]["total"] == 34


def test_a_refusal_has_no_intent_and_its_reason_as_data(polled: Product) -> None:
    said = polled("ask", "--format", "json", "what about tomorrow's weather?")
    assert said.code == 0
    assert said.json["understood"] == {"intent": None, "mended": []}
    assert "weather" in said.json["data"]["reason"]
    assert said.json["data"]["examples"]


def test_a_follow_up_is_asked_after_another_question(polled: Product) -> None:
    said = polled("ask", "--as-of", SLIDE, "--after", "how many v7r0 patches in 2020?", "and", "v7r1?")
    assert said.out.startswith("23 patch releases of v7r1 of DIRAC, 1 Jan to 31 Dec 2020")
    assert "understood as: “how many patch releases of v7r1 in 2020”" in said.out
    alone = polled("ask", "and v7r0?").out
    assert alone.startswith("Sorry, there is no earlier question here that this could follow. Did you mean: “how many ")


def test_a_series_that_another_repository_does_not_have_is_named_with_the_question_without_it(
    product: Product, github: RecordedGitHub
) -> None:
    product.configure(configuration(github, product.folder, "DIRACGrid/DIRAC", "DIRACGrid/COMDIRAC"))
    assert product("poll").code == 0
    said = product("ask", "--as-of", SLIDE, "--after", "how many v7r0 patches in 2020?", "and for COMDIRAC?").out
    assert said.startswith('Sorry, series "v7r0"')
    assert "Did you mean: “how many patch releases of github:DIRACGrid/COMDIRAC in 2020”?" in said


def test_refused_questions_are_listed_and_those_of_a_terminal_are_not_kept(polled: Product) -> None:
    assert polled("ask", "how many foos?").code == 0
    assert polled("ask", "--refused").out.startswith("no question is kept")
    assert polled("ask", "--refused", "--format", "json").json == []
    with Store.open(f"sqlite:///{polled.folder}/bot.db") as store:
        for text in ("how many foos", "bars", "how many foos"):
            store.conversations.write_refused(text)
    assert [(each["text"], each["times"]) for each in polled("ask", "--refused", "--format", "json").json] == [
        ("how many foos", 2),
        ("bars", 1),
    ]
    assert polled("ask", "--refused").out.split()[:4] == ["times", "question", "first", "last"]
    assert polled("ask", "--refused", "how many").code == 2


def test_no_question_tells_what_can_be_asked(polled: Product) -> None:
    assert polled("ask").out.startswith("I count releases and track certifications")


def test_no_forge_is_asked(polled: Product, github: RecordedGitHub) -> None:
    before = len(github.requests)
    polled("ask", "--as-of", SLIDE, "how many releases this year by week?")
    assert len(github.requests) == before


def test_who_has_the_configuration_may_change_and_take_back(polled: Product) -> None:
    assert polled("ask", "add hackathon v7r2 2030-03-11").out.startswith("v7r2: Hackathon 1 is planned for 11 Mar")
    assert "Hackathon 1" in polled("certification", "v7r2").out
    assert polled("ask", "undo").out.startswith("v7r2: change 1 (Hackathon 1 planned) undone")


def test_a_moment_of_the_past_changes_nothing(polled: Product) -> None:
    said = polled("ask", "--as-of", SLIDE, "add hackathon v7r2 2030-03-11")
    assert said.out.startswith("Sorry, ")
    assert polled("certification", "--format", "json").json == []


def test_control_characters_of_a_question_are_shown_as_text(polled: Product) -> None:
    said = polled("ask", "how many \x1b[31mfoos\x1b[0m")
    assert said.code == 0
    assert "\x1b" not in said.out


def test_a_channels_alias_names_a_repository(product: Product, github: RecordedGitHub) -> None:
    text = configuration(github, product.folder, "DIRACGrid/DIRAC", "DIRACGrid/COMDIRAC")
    product.configure(
        text.replace('path = "DIRACGrid/COMDIRAC"', 'path = "DIRACGrid/COMDIRAC"\naliases = ["commands"]')
    )
    assert product("poll").code == 0
    assert "of COMDIRAC" in product("ask", "--as-of", SLIDE, "how many releases of commands in 2019").out
