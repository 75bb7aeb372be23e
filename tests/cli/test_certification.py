"""``release-bot certification``: shown, changed, undone; in the digest as of any day."""

import pytest

from bot.recorded.github import RecordedGitHub
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
def certified(product: Product, github: RecordedGitHub) -> Product:
    product.configure(configuration(github, product.folder, more=PLAN))
    assert product("poll").code == 0
    return product


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
    assert "hackathons: 2 done (4 Feb, 18 Feb); the last one: quite conclusive\n" in said.out
    after = certified("digest", "slide", "--as-of", "2021-03-18")
    assert "v7r2 came out on 17 Mar, 13 days after the final certification" in after.out
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
    assert [change["change"] for change in shown["changes"]] == ["add", "add", "move", "done", "drop", "undo"]
    assert all(change["who"] and change["at"] for change in shown["changes"])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["done", "v7r2", "hackathon"], 'error: milestone "hackathon": means 2 of them; say one of "Hackathon 1", '),
        (["done", "v7r2", "party"], 'error: milestone "party": is not known; there are: "Hackathon 1", '),
        (["done", "v7r2", "final", "--on", "2999-01-01"], 'error: milestone "Final certification": cannot be done on'),
        (["move", "v7r2", "final", "2021-02-30"], 'error: date: "2021-02-30" is no date'),
        (["move", "v7r2", "final", "soon"], 'error: date: "soon" is no date; say for example 2021-03-04'),
        (["add", "v9r9", "hackathon", "2031-01-01"], 'error: series "v9r9": has no release and no milestone'),
        (["add", "new", "hackathon", "2031-01-01"], 'error: series "new": has no release and no milestone'),
        (["add", "v7r2", "party", "2031-01-01"], 'error: kind "party": is no known kind; say hackathon, '),
        (
            ["add", "v7r2", "hackathon", "2031-01-01", "--title", "hackathon 1"],
            'error: milestone "hackathon 1": is there already',
        ),
        (["undo", "99"], "error: change 99: is not there to be undone"),
        (["undo"], "error: the last change: is not there to be undone"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(certified: Product, arguments: list[str], line: str) -> None:
    said = certified("certification", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1
    [shown] = certified("certification", "--format", "json").json
    assert shown["changes"] == []
