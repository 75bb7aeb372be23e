"""``release-bot series``: the status of series, shown and set; undone as in chat."""

import csv

from bot.demo.recorded.github import RecordedGitHub
from tests.cli.conftest import Product, configuration

KEYS = {"repository", "series", "status", "note", "who", "when", "newest"}


def statuses(product: Product, *arguments: str) -> dict[str, str]:
    return {each["series"]: each["status"] for each in product("series", *arguments, "--format", "json").json}


def test_no_series_has_a_status_at_first(polled: Product) -> None:
    said = polled("series")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("No series of DIRAC has a status; the newest final release is ")
    assert polled("series", "--format", "json").json == []


def test_a_status_is_set_in_any_spelling_and_shown_with_who_when_and_the_newest_release(polled: Product) -> None:
    said = polled("series", "7.2", "--status", "recommended", "--note", "long-term line")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "v7r2 of github:DIRACGrid/DIRAC is recommended (long-term line)"
    assert polled("series", "DIRAC", "v7r1", "--status", "end-of-life").code == 0
    marked, other = polled("series", "--format", "json").json
    assert marked.keys() == KEYS
    assert (marked["repository"], marked["series"], marked["note"]) == (
        "github:DIRACGrid/DIRAC",
        "v7r2",
        "long-term line",
    )
    assert marked["newest"]["series"] == "v7r2"
    assert marked["who"]
    assert marked["when"]
    assert (other["series"], other["status"]) == ("v7r1", "end-of-life")
    header, first, _ = csv.reader(polled("series", "DIRAC", "--format", "csv").out.splitlines())
    assert header == ["repository", "series", "status", "note", "who", "when", "newest release"]
    assert first[:4] == ["github:DIRACGrid/DIRAC", "v7r2", "recommended", "long-term line"]


def test_one_series_is_shown_whether_it_has_a_status_or_not(polled: Product) -> None:
    assert polled("series", "v7r1", "--status", "last").code == 0
    assert polled("series", "v7r1").out.startswith("v7r1 of DIRAC has had its last release; newest release: v7r1p")
    assert polled("series", "DIRAC", "7.0").out.startswith("v7r0 of DIRAC has no status; newest release: v7r0p")
    assert statuses(polled, "v7r0") == {"v7r0": None}


def test_the_last_word_wins_over_the_file_until_it_is_undone(product: Product, github: RecordedGitHub) -> None:
    in_file = '[[repositories.series]]\nname = "7.1"\nstatus = "maintained"\n'
    product.configure(configuration(github, product.folder, more=in_file))
    assert product("poll").code == 0
    assert statuses(product) == {"v7r1": "maintained"}
    assert product("series", "v7r1", "--status", "end-of-life").code == 0
    assert statuses(product) == {"v7r1": "end-of-life"}
    assert (
        product("ask", "undo", "series", "1").out == "v7r1 of github:DIRACGrid/DIRAC: change 1 (end-of-life) undone\n"
    )
    assert statuses(product) == {"v7r1": "maintained"}
    [shown] = product("series", "--format", "json").json
    assert (shown["who"], shown["when"]) == (None, None)


def test_a_status_makes_a_series_known(polled: Product) -> None:
    assert polled("count", "--series", "v99r0").code == 2
    assert polled("series", "DIRAC", "v99r0", "--status", "maintained").out.splitlines()[1] == "no release of v99r0 yet"
    assert polled("count", "--series", "v99r0", "--format", "json").json["total"] == 0


def test_mistakes_are_refused_with_what_to_do(polled: Product) -> None:
    for arguments, error in (
        (("v99r0", "--status", "last"), 'error: series "v99r0": not found in github:DIRACGrid/DIRAC; nearest: '),
        (("v99r0",), 'error: series "v99r0": not found in github:DIRACGrid/DIRAC; nearest: '),
        (("DIRACX",), 'error: repository "DIRACX": not watched; '),
        (("DIRAC", "--status", "last"), "error: --status: requires SERIES; "),
        (("v7r1", "--note", "x"), "error: --note: requires --status; "),
        (("v7r1", "--status", "last", "--as-of", "2021-01-01"), "error: --as-of: cannot be combined with --status; "),
    ):
        said = polled("series", *arguments)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(error)


def test_questions_are_answered_from_it(polled: Product) -> None:
    assert polled("ask", "v7r2 is recommended: the stable one").code == 0
    assert polled("ask", "mark v7r1 as end-of-life").code == 0
    for question, begins in (
        ("which series is recommended?", "v7r2 of DIRAC is recommended (the stable one); newest release: v7r2p"),
        ("which version should I use?", "v7r2 of DIRAC is recommended"),
        ("is v7r1 still maintained?", "No, v7r1 of DIRAC is end-of-life; newest release: v7r1p"),
        ("is v7r2 supported?", "Yes, v7r2 of DIRAC is recommended"),
        ("is v7r0 still maintained?", "v7r0 of DIRAC has no status"),
        ("which series are eol?", "v7r1 of DIRAC is end-of-life"),
        ("which series are maintained?", "No series of DIRAC is marked as maintained"),
    ):
        assert polled("ask", question).out.startswith(begins), question


def test_latest_shows_the_status_beside_each_series_and_names_the_recommended_one_first(polled: Product) -> None:
    before = polled("latest")
    assert "status" not in before.out.splitlines()[1]
    assert {each["status"] for each in polled("latest", "--format", "json").json} == {None}
    assert polled("series", "v7r2", "--status", "recommended").code == 0
    assert polled("series", "v6r22", "--status", "end-of-life").code == 0
    said = polled("latest").out
    assert said.startswith("Recommended: v7r2 (v7r2p")
    assert "; the newest release of DIRAC is v8." in said.splitlines()[0]
    header, *rows = said.splitlines()[1:]
    assert header.split()[:4] == ["repository", "release", "series", "status"]
    assert [row.split()[3] for row in rows if " v7r2 " in row] == ["recommended"]
    shown = polled("latest", "--format", "json").json
    found = {each["series"]: each["status"] for each in shown if each["status"]}
    assert found == {"v7r2": "recommended", "v6r22": "end-of-life"}
    answer = polled("ask", "what is the latest release of DIRAC?").out
    assert answer.startswith("Recommended: v7r2 (v7r2p")
    assert "other series: v7r2p" in answer
    [one] = polled("latest", "--series", "v6r22").out.splitlines()[:1]
    assert ", end-of-life), as of " in one


def test_a_digest_as_of_before_a_status_was_set_does_not_show_it(polled: Product) -> None:
    more = '[[digests]]\nname = "d"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "1m"\n'
    polled.configure(polled.config.read_text() + more)
    assert polled("series", "7.1", "--status", "recommended").code == 0
    assert "v7r1p29, v7r0p49" in polled("digest", "d", "--as-of", "2021-02-22").out
    [part] = polled("digest", "d", "--format", "json").json["repositories"]
    assert all("status" in each for each in part["latest"])
