"""``release-bot certification``: shown, changed, undone; in the digest as of any day."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedMilestone, RecordedRepository
from bot.demo.recorded.server import Response
from tests.builders import paris
from tests.cli.conftest import Product, configuration

PLAN = """
[[digests]]
name = "slide"
channel = "#c"
schedule = "0 9 * * mon"
period = "1m"

[[certifications]]
repository = "DIRAC"
series = "v7r2"
highlights = ["Python 3 support on the client side"]
milestones = [
  { kind = "hackathon", planned = 2021-02-04, done = 2021-02-04 },
  { kind = "hackathon", planned = 2021-02-18, done = 2021-02-18, note = "quite conclusive" },
  { kind = "final-certification", planned = 2021-03-04, done = 2021-03-04 },
]
"""


@pytest.fixture
def certified(polled_by: Callable[..., Product]) -> Product:
    return polled_by(plan=PLAN)


def test_certification_stands_as_it_stood_on_the_day(certified: Product) -> None:
    [shown] = certified("certification", "v7r2", "--as-of", "2021-02-22", "--format", "json").json
    assert shown["series"] == "v7r2"
    assert [(m["kind"], m["status"], m["note"]) for m in shown["milestones"]] == [
        ("hackathon", "done", ""),
        ("hackathon", "done", "quite conclusive"),
        ("final-certification", "planned", ""),
    ]
    assert (shown["next"]["kind"], shown["next"]["planned"], shown["next"]["days"]) == (
        "final-certification",
        "2021-03-04",
        10,
    )
    assert shown["pre_releases"][-1]["version"] == "v7r2-pre34"
    assert shown["highlights"] == ["Python 3 support on the client side"]


def test_every_certification_is_shown_where_none_is_named(certified: Product) -> None:
    assert [each["series"] for each in certified("certification", "--format", "json").json] == ["v7r2"]
    said = certified("certification", "7.2", "--as-of", "2021-02-22")
    assert "next: Final certification on 4 Mar (in 10 days)" in said.out


def test_the_digest_has_a_section_for_it(certified: Product) -> None:
    said = certified("digest", "slide", "--as-of", "2021-02-22")
    assert "v7r2 of DIRACGrid/DIRAC: in certification\n" in said.out
    assert "hackathons: 2 done (4 Feb, 18 Feb); last: quite conclusive\n" in said.out
    after = certified("digest", "slide", "--as-of", "2021-03-18")
    assert "v7r2 was released on 17 Mar, 13 days after the final certification" in after.out
    [told] = certified("digest", "slide", "--as-of", "2021-02-22", "--format", "json").json["certifications"]
    assert {"series", "pre_releases", "milestones", "next", "highlights"} <= set(told)


def test_milestones_are_added_moved_done_dropped_and_each_change_undone(certified: Product) -> None:
    def title_and_status() -> list[tuple[str, str]]:
        [shown] = certified("certification", "v7r3", "--format", "json").json
        return [(m["title"], m["status"]) for m in shown["milestones"] if m["source"] == "command"]

    assert certified("certification", "add", "v7r3", "hackathon", "2031-01-09").code == 0
    assert certified("certification", "add", "7.3", "hackathon", "2031-01-23", "--note", "in Lyon").code == 0
    assert certified("certification", "move", "v7r3", "hackathon 2", "2031-01-30").code == 0
    assert certified("certification", "done", "v7r3", "hackathon 1", "--on", "2021-01-09").code == 0
    assert certified("certification", "drop", "v7r3", "hackathon 2").code == 0
    assert title_and_status() == [("Hackathon 1", "done"), ("Hackathon 2", "dropped")]
    assert certified("certification", "undo").out.startswith("undone: Hackathon 2 dropped")
    assert title_and_status() == [("Hackathon 1", "done"), ("Hackathon 2", "planned")]
    [shown] = certified("certification", "v7r3", "--format", "json").json
    assert shown["milestones"][1]["plans"] == ["2031-01-23"]
    assert [change["change"] for change in shown["changes"]] == ["add", "add", "move", "done"]
    kept = certified("certification", "changes", "--format", "json").json
    assert [(change["change"], change["undoes"]) for change in kept] == [
        *(("add", None), ("add", None), ("move", None), ("done", None), ("drop", None), ("undo", 5))
    ]
    assert all(change["who"] and change["at"] and change["series"] == "v7r3" for change in kept)
    assert "change 6: github:DIRACGrid/DIRAC v7r3: change 5 undone" in certified("certification", "changes").out


MOMENTS = ("2015-01-01", "2021-02-22", "2022-06-01", None)


def everything_said(product: Product) -> list[str]:
    """Say all about certifications, from the past and from now."""
    said = []
    for moment in MOMENTS:
        looking = [] if moment is None else ["--as-of", moment]
        said += [product(*words, *looking).out for words in COMMANDS]
    # The moment that "now" is stands in some of it.
    return [re.sub(r"\b[0-9]{2}:[0-9]{2}(:[0-9]{2})?", "", text) for text in said]


COMMANDS = (
    ["certification"],
    ["certification", "--format", "json"],
    ["certification", "v7r2", "--format", "json"],
    ["certification", "v7r4"],
    ["digest", "slide"],
    ["ask", "how is certification going?"],
    ["ask", "status of v7r4"],
    ["ask", "help"],
)


@pytest.mark.long
def test_an_undo_leaves_everything_as_if_the_change_had_not_been_made(certified: Product) -> None:
    before = everything_said(certified)
    for words in (["add", "v7r4", "hackathon", "2031-01-09"], ["drop", "v7r2", "hackathon 2"]):
        assert certified("certification", *words).code == 0
    assert "v7r4" in certified("certification").out
    assert "v7r4" not in certified("digest", "slide", "--as-of", "2021-02-22").out
    assert everything_said(certified) != before
    assert certified("certification", "undo").code == certified("certification", "undo").code == 0
    assert everything_said(certified) == before


def test_a_certification_that_had_not_begun_is_not_under_way(certified: Product) -> None:
    said = certified("certification", "v9r0", "--as-of", "2015-01-01")
    assert said.code == 0
    assert said.out == "The certification of v9r0 had not started by 2 Jan 2015 00:00 (Europe/Paris)\n"
    assert certified("certification", "v9r0", "--as-of", "2015-01-01", "--format", "json").json == []
    asked = certified("ask", "status of v9r0", "--as-of", "2015-01-01")
    assert asked.out.startswith("The certification of v9r0 had not started by 2 Jan 2015")
    assert certified("certification", "--as-of", "2015-01-01", "--format", "json").json == []
    assert certified("certification", "--as-of", "2015-01-01").out.startswith("No certification had started by 2 Jan")
    assert certified("digest", "slide", "--as-of", "2015-01-01", "--format", "json").json["certifications"] == []


@pytest.mark.parametrize("series", ["v9r7", "v9r8"])
def test_a_series_that_is_known_by_its_status_alone_has_an_answer(
    product: Product, github: RecordedGitHub, series: str
) -> None:
    in_file = '[[repositories.series]]\nname = "9.7"\nstatus = "maintained"\n'
    product.configure(configuration(github, product.folder, more=in_file))
    assert product("series", "DIRAC", "9.8", "--status", "recommended").code == 0
    assert product("poll").code == 0
    said = product("certification", series)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"The certification of {series} had not started by ")
    assert product("certification", series, "--format", "json").json == []
    assert product("ask", f"status of {series}").out.startswith(f"The certification of {series} had not started by ")
    assert product("certification", "add", series, "hackathon", "2031-01-09").code == 0
    [shown] = product("certification", series, "--format", "json").json
    assert (shown["series"], len(shown["milestones"])) == (series, 1)


def test_a_plan_that_was_made_later_is_not_told_of_the_past_though_its_tags_are_older(certified: Product) -> None:
    assert certified("certification", "add", "v7r4", "hackathon", "2031-01-09").code == 0
    listed = certified("certification", "--as-of", "2022-12-31", "--format", "json").json
    assert [each["series"] for each in listed] == ["v7r2"]
    [asked] = certified("certification", "v7r4", "--as-of", "2031-01-01", "--format", "json").json
    assert [milestone["planned"] for milestone in asked["milestones"]] == ["2031-01-09"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["done", "v7r2", "hackathon"],
            'error: milestone "hackathon": matches 2 milestones; choose one of "Hackathon 1", ',
        ),
        (["done", "v7r2", "party"], 'error: milestone "party": not found; milestones: "Hackathon 1", '),
        (
            ["done", "v7r2", "final", "--on", "2999-01-01"],
            'error: milestone "Final certification": done date 2999-01-01 is in the future',
        ),
        (["move", "v7r2", "final", "2021-02-30"], 'error: date: invalid date "2021-02-30"'),
        (["move", "v7r2", "final", "soon"], 'error: date: invalid date "soon"; example: 2021-03-04'),
        (
            ["add", "v9r9", "hackathon", "2031-01-01"],
            'error: series "v9r9": not found in github:DIRACGrid/DIRAC; nearest: v',
        ),
        (
            ["add", "new", "hackathon", "2031-01-01"],
            'error: series "new": not found in github:DIRACGrid/DIRAC; nearest: v',
        ),
        (["add", "v7r2", "party", "2031-01-01"], 'error: kind "party": unknown kind; known: hackathon, '),
        (
            ["add", "v7r2", "hackathon", "2031-01-01", "--title", "hackathon 1"],
            'error: milestone "hackathon 1": already exists',
        ),
        (["undo", "99"], "error: change 99: not found"),
        (["undo"], "error: the last change: not found"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(certified: Product, arguments: list[str], line: str) -> None:
    said = certified("certification", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1
    [shown] = certified("certification", "--format", "json").json
    assert shown["changes"] == []


@pytest.fixture
def with_forge(product: Product, github: RecordedGitHub, dirac: RecordedRepository) -> Product:
    begun = paris("2021-01-04T10:00")
    dirac.milestones = [
        RecordedMilestone(1, "v7r2 Final certification", begun, date(2021, 3, 1)),
        RecordedMilestone(2, "v7r3 hackathon", begun, date(2021, 4, 15)),
    ]
    dirac.issues = [RecordedMilestone(3, "Review of the docs", begun, date(2021, 2, 26), None, ("v7r2",))]
    plan = (
        '[[certifications]]\nrepository = "DIRAC"\nseries = "v7r2"\nforge_milestones = "^v7r2 "\nissue_label = "v7r2"\n'
        '[[digests]]\nname = "slide"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "1m"\n'
    )
    product.configure(configuration(github, product.folder, more=plan))
    assert product("poll").code == 0
    return product


def test_the_forges_milestones_and_labelled_issues_are_steps_with_their_source(with_forge: Product) -> None:
    [shown] = with_forge("certification", "v7r2", "--as-of", "2021-02-22", "--format", "json").json
    assert [(m["kind"], m["title"], m["planned"], m["source"]) for m in shown["milestones"]] == [
        ("other", "Review of the docs", "2021-02-26", "forge"),
        ("final-certification", "v7r2 Final certification", "2021-03-01", "forge"),
    ]
    assert shown["milestones"][1]["url"].endswith("/milestone/1")


def test_people_have_the_last_word_over_the_forge(with_forge: Product) -> None:
    assert with_forge("certification", "done", "v7r2", "final", "--on", "2021-03-04").code == 0
    [shown] = with_forge("certification", "v7r2", "--format", "json").json
    [final] = [m for m in shown["milestones"] if m["kind"] == "final-certification"]
    assert (final["done"], final["source"]) == ("2021-03-04", "command")


def test_pull_requests_are_hints_that_count_for_nothing_until_accepted(with_forge: Product) -> None:
    [shown] = with_forge("certification", "v7r2", "--as-of", "2021-02-22", "--format", "json").json
    assert [hint["day"] for hint in shown["hints"]][-2:] == ["2021-02-04", "2021-02-18"]
    assert [pull["number"] for pull in shown["hints"][-1]["pull_requests"]] == [4977]
    assert shown["hints"][-1]["pull_requests"][0]["url"].endswith("/DIRACGrid/DIRAC/pull/4977")
    said = with_forge("digest", "slide", "--as-of", "2021-02-22").out
    assert "hackathons: none done" in said
    # Suggestions are for the maintainers, not for a channel.
    assert "#4977" not in said
    assert "18 Feb (#4977)" in with_forge("certification", "v7r2", "--as-of", "2021-02-22").out
    assert with_forge("certification", "accept", "v7r2", "2021-02-18").code == 0
    [after] = with_forge("certification", "v7r2", "--format", "json").json
    [hackathon] = [m for m in after["milestones"] if m["kind"] == "hackathon"]
    assert (hackathon["title"], hackathon["done"], hackathon["note"]) == ("Hackathon 1", "2021-02-18", "from #4977")
    assert "2021-02-18" not in [hint["day"] for hint in after["hints"]]
    assert with_forge("certification", "undo").code == 0
    [undone] = with_forge("certification", "v7r2", "--format", "json").json
    assert [m for m in undone["milestones"] if m["kind"] == "hackathon"] == []


def test_a_hint_that_is_not_there_cannot_be_accepted(with_forge: Product) -> None:
    said = with_forge("certification", "accept", "v7r2", "2021-02-17")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error: suggested date 2021-02-17: not found; suggested dates: ")


def test_traces_that_cannot_be_read_are_a_note_and_the_tags_are_recorded(
    product: Product, github: RecordedGitHub
) -> None:
    product.configure(configuration(github, product.folder, more=PLAN))
    broken = Response(502, {"content-type": "text/html"}, b"<html>")
    github.interceptor = lambda request: broken if request.path.endswith("/pulls") else None
    said = product("poll", "--format", "json")
    assert said.code == 0
    assert said.json["repositories"][0]["tags"] == 1114
    assert "note: github:DIRACGrid/DIRAC: cannot read certification evidence: GitHub returned HTTP 502" in said.err


def test_of_a_series_that_is_released_the_traces_are_asked_for_once(product: Product, github: RecordedGitHub) -> None:
    product.configure(configuration(github, product.folder, more=PLAN))
    cold, warm = product("poll", "--format", "json").json, product("poll", "--format", "json").json
    assert (cold["requests"], warm["requests"]) == (7, 1)
