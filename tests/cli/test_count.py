"""Counting, listing and the newest, on DIRAC's recorded history."""

from typing import Any

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.server import Response
from tests.cli.conftest import Product, configuration


def groups(said: Any) -> dict[str, int]:
    [key] = set(said.json["groups"][0]) - {"count"}
    return {group[key]: group["count"] for group in said.json["groups"]}


def test_patch_releases_by_series_never_double_twins(polled: Product) -> None:
    counted = groups(polled("count", "DIRAC", "--by", "series", "--format", "json"))
    assert {series: counted[series] for series in ("v7r0", "v7r1", "v7r2", "v7r3")} == {
        "v7r0": 57,
        "v7r1": 47,
        "v7r2": 52,
        "v7r3": 38,
    }


def test_a_series_by_year_in_utc(product: Product, github: RecordedGitHub) -> None:
    product.configure(configuration(github, product.folder, zone="UTC"))
    product("poll")
    said = product("count", "--series", "v7r2", "--by", "year", "--as-of", "2024-05-01", "--format", "json")
    assert groups(said) == {"2021": 38, "2022": 14, "2023": 0, "2024": 0}
    assert said.json["kinds"] == ["patch"]


def test_the_month_of_the_slide_is_six_and_lists_them(polled: Product) -> None:
    said = polled("count", "--period", "1m", "--as-of", "2021-02-22", "--format", "json").json
    assert said["total"] == 6
    assert [release["version"] for release in said["releases"]] == [
        *("v7r0p47", "v7r0p48", "v7r0p49"),
        *("v7r1p27", "v7r1p28", "v7r1p29"),
    ]
    assert said["period"]["start"] == "2021-01-22T00:00:00+01:00"
    assert said["period"]["end"] == "2021-02-23T00:00:00+01:00"
    assert said["period"]["time_zone"] == "Europe/Paris"
    assert said["complete_until"] is not None
    first = said["releases"][0]
    assert first["date"] == "2021-02-03T10:54:00+01:00" or first["date"].startswith("2021-02-03T10:54")
    assert (first["date_source"], first["tags"], len(first["commit"])) == ("commit", ["v7r0p47"], 40)


def test_since_and_until_say_the_same_month(polled: Product) -> None:
    said = polled("count", "--since", "2021-01-22", "--until", "2021-02-22", "--format", "json")
    assert said.json["total"] == 6


def test_v7r0_patches_of_2020(polled: Product) -> None:
    assert polled("count", "--series", "7.0", "--period", "2020", "--format", "json").json["total"] == 34


@pytest.mark.parametrize("series", ["7.0", "v7r0", "V7_0"])
def test_a_series_of_dirac_is_shown_in_its_own_spelling(polled: Product, series: str) -> None:
    said = polled("count", "--series", series, "--period", "2020").out
    assert said.startswith("34 patch releases of v7r0 of DIRAC, ")
    newest = polled("latest", "--series", series).out
    assert newest.startswith("The newest v7r0 of DIRAC is v7r0p")
    nothing = polled("latest", "--series", series, "--as-of", "2010-01-01").out
    assert nothing.startswith("No final release of v7r0, as of ")
    assert "v7r0 had not started by " in nothing


def test_releases_since_a_release(polled: Product) -> None:
    said = polled("releases", "--since", "V7r1p25", "--as-of", "2021-02-22", "--format", "json")
    versions = [release["version"] for release in said.json]
    assert versions[:2] == ["v7r0p46", "v7r0p47"]
    assert "v7r1p25" not in versions
    assert "v7r1p26" in versions


def test_the_newest_of_a_series_goes_by_version(polled: Product) -> None:
    said = polled("latest", "--series", "v7r1", "--as-of", "2021-02-22", "--format", "json")
    assert [release["version"] for release in said.json] == ["v7r1p29"]
    newest = {r["series"]: r["version"] for r in polled("latest", "--format", "json").json}
    assert newest["v8r0"] == "v8.0.55"
    assert newest["v7r2"] == "v7r2p52"


def test_two_units_group_by_both(polled: Product) -> None:
    said = polled(
        "count", "--period", "1m", "--as-of", "2021-02-22", "--by", "month", "--by", "series", "--format", "json"
    )
    assert said.json["groups"] == [
        {"month": "2021-02", "series": "v7r0", "count": 3},
        {"month": "2021-02", "series": "v7r1", "count": 3},
    ]


def test_before_the_first_poll_nothing_was_known(polled: Product) -> None:
    assert polled("count", "--known-at", "2021-02-22", "--format", "json").json["total"] == 0


def test_unclassified_tags_are_listed(polled: Product) -> None:
    said = polled("tags", "--unclassified", "--format", "json")
    assert [tag["tag"] for tag in said.json] == ["grep", "v6e7p27"]
    assert said.json[0]["release"] is None


def test_a_repository_that_counts_final_releases(product: Product, github: RecordedGitHub) -> None:
    more = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/COMDIRAC"\ncounts = "final"\n'
    product.configure(configuration(github, product.folder, more=more))
    product("poll")
    said = product("count", "COMDIRAC", "--by", "kind", "--format", "json")
    assert said.json["kinds"] == ["final"]
    assert set(groups(said)) == {"minor", "major", "patch"} or set(groups(said)) == {"minor", "patch"}


def test_tables_for_people_state_number_interval_and_completeness(polled: Product) -> None:
    said = polled("count", "--period", "1m", "--as-of", "2021-02-22", "--by", "series", "--list")
    assert said.out.startswith("6 patch releases of DIRAC, 22 Jan to 22 Feb 2021 (Europe/Paris): v7r0: 3, v7r1: 3\n")
    assert "data as of" in said.out
    assert "v7r1p29" in said.out
    assert all(polled(*words).code == 0 for words in (["releases", "--period", "2021"], ["latest"], ["tags"]))


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ([], "6 patch releases of DIRAC, "),
        (["--kind", "pre-release"], "3 pre-releases of DIRAC, "),
        (["--kind", "all"], "9 releases of any kind of DIRAC, "),
        (["--kind", "final"], "6 final releases of DIRAC, "),
        (["--kind", "patch", "--kind", "pre-release"], "9 releases (patch and pre-release) of DIRAC, "),
        (["--kind", "major"], "0 major releases of DIRAC, "),
    ],
)
def test_the_number_says_what_was_counted(polled: Product, kinds: list[str], words: str) -> None:
    said = polled("count", "--period", "1m", "--as-of", "2021-02-22", *kinds, "--by", "series")
    assert said.out.startswith(words)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["count", "--period", "soon"], 'error: period: invalid period "soon"; examples: 7d'),
        (
            ["count", "--period", "7d", "--since", "2021-01-01"],
            "error: --period: cannot be combined with --since or --until",
        ),
        (
            ["count", "--since", "2021-02-22", "--until", "2021-01-22"],
            "error: period: would end (2021-01-23",
        ),
        (["count", "Pilot"], 'error: repository "Pilot": not watched; watched: github:DIRACGrid/DIRAC'),
        (["count", "--series", "newest"], 'error: series "newest": not found in github:DIRACGrid/DIRAC; nearest: v'),
        (
            ["count", "--since", "v9r9p9"],
            'error: release "v9r9p9": not found in github:DIRACGrid/DIRAC; nearest: v',
        ),
        (["count", "--by", "fortnight"], "error: release-bot count: Invalid value for '--by'"),
        (["count", "--as-of", "v7r1"], 'error: --as-of: invalid date "v7r1"'),
        (["conut"], "error: release-bot: No such command 'conut'"),
        (["digest", "weekly"], 'error: digest "weekly": not configured'),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(polled: Product, arguments: list[str], line: str) -> None:
    said = polled(*arguments)
    assert said.code == 2
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["count", "--series", "v7r9"], 'series "v7r9": not found in github:DIRACGrid/DIRAC; nearest: v7r4, v7r3, '),
        (["releases", "--series", "v7r9"], 'series "v7r9": not found in'),
        (["latest", "--series", "v7r9"], 'series "v7r9": not found in'),
        (["certification", "v7r9"], 'series "v7r9": not found in'),
        (["count", "--since", "v7r1p99"], 'release "v7r1p99": not found in github:DIRACGrid/DIRAC; nearest: v7r1p'),
        (["count", "--until", "v7r1p99"], 'release "v7r1p99": not found in'),
        (["releases", "DIRAX"], 'repository "DIRAX": not watched; watched: github:DIRACGrid/DIRAC'),
        (["tags", "DIRAX"], 'repository "DIRAX": not watched'),
        (["latest", "DIRAX"], 'repository "DIRAX": not watched'),
        (
            ["count", "--since", "02/03/2021"],
            'date "02/03/2021": can be 2 March 2021 or 3 February 2021; write 2021-03-02',
        ),
        (["latest", "--as-of", "02/03/2021"], 'date "02/03/2021": can be 2 March 2021 or 3 February 2021'),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest(polled: Product, arguments: list[str], said: str) -> None:
    told = polled(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"error: {said}")


@pytest.mark.parametrize("question", ["how many v7r9 releases in 2020?", "latest v7r9", "status of v7r9"])
def test_ask_refuses_an_unknown_series_with_the_same_words(polled: Product, question: str) -> None:
    told = polled("ask", question)
    assert told.code == 0
    assert told.out.startswith('Sorry, series "v7r9": not found in github:DIRACGrid/DIRAC; nearest: v7r4, v7r3, ')
    assert polled("ask", "how many releases of DIRAX in 2020?").out.startswith(
        'Sorry, repository "DIRAX": not watched; watched: github:DIRACGrid/DIRAC'
    )


def test_before_a_series_began_nought_is_an_answer_that_says_so(polled: Product) -> None:
    words = ["--series", "v9r0", "--kind", "all", "--as-of", "2015-01-01"]
    told = polled("count", *words)
    assert told.code == 0
    assert told.out.startswith("0 releases of any kind of v9r0 of DIRAC, ")
    assert "v9r0 had not started by 2 Jan 2015 00:00 (Europe/Paris)\n" in told.out
    assert polled("count", *words, "--format", "json").json["total"] == 0
    assert "v9r0 had not started by" in polled("latest", "--series", "v9r0", "--as-of", "2015-01-01").out
    asked = polled("ask", "how many v9r0 releases", "--as-of", "2015-01-01").out
    assert "(v9r0 had not started by 2 Jan 2015 00:00 (Europe/Paris))" in asked


def test_every_answer_says_how_many_unclassified_tags_its_period_has(polled: Product) -> None:
    tagged = {tag["tag"]: tag["commit_date"][:4] for tag in polled("tags", "--unclassified", "--format", "json").json}
    assert set(tagged) == {"grep", "v6e7p27"}
    assert polled("count", "--format", "json").json["unclassified"] == 2
    year = tagged["v6e7p27"]
    one = polled("count", "--period", year, "--format", "json").json
    assert one["unclassified"] == list(tagged.values()).count(year)
    assert polled("count", "--period", "2021", "--format", "json").json["unclassified"] == 0
    assert polled("count", "--known-at", "2021-01-01", "--format", "json").json["unclassified"] == 0
    note = "2 unclassified tags are not counted"
    assert all(
        note in polled(*words).out for words in (["count"], ["releases"], ["latest"], ["ask", "how many releases"])
    )
    assert "unclassified" not in polled("count", "--period", "2021").out


def test_a_repository_that_is_mostly_unread_never_answers_with_a_bare_nought(
    product: Product, github: RecordedGitHub
) -> None:
    unread = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/COMDIRAC"\nprefix = "comdirac-"\n'
    product.configure(configuration(github, product.folder, more=unread))
    assert product("poll").code == 0
    said = "41 of the 41 tags of COMDIRAC match no version scheme"
    assert said in product("ask", "how many releases of COMDIRAC in 2019?").out.partition("\n")[0]
    assert said in product("count", "COMDIRAC", "--period", "2019").out
    assert said in product("latest", "COMDIRAC").out
    assert said not in product("ask", "how many releases of DIRAC in 2019?").out
    assert "github:DIRACGrid/COMDIRAC: 41 of 41 tags match no version scheme" in product("status").out
    doctor = product("doctor").out
    assert "warning  github:DIRACGrid/COMDIRAC: 41 of 41 tags match no version scheme; find a scheme" in doctor


def test_an_outage_is_told_once_and_not_of_the_past(product: Product, github: RecordedGitHub) -> None:
    more = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/COMDIRAC"\n'
    product.configure(configuration(github, product.folder, more=more))
    assert product("poll").code == 0
    github.interceptor = lambda _: Response(404, {"content-type": "application/json"}, b"{}")
    assert product("poll").code == 1
    for words in (["count"], ["latest"], ["ask", "how many releases this year?"]):
        # What looks from the very second of the last good poll lacks nothing.
        told = product(*words, "--as-of", "2999-01-01").out
        assert told.count("not checked since") == 1, words
        assert "DIRAC and COMDIRAC not checked since" in told
        assert "not checked" not in product(*words, "--as-of", "2021-02-22").out
    assert product("count", "--period", "2020", "--format", "json").json["notes"] == []


def test_a_claim_lists_the_readings_that_give_it(polled: Product) -> None:
    month = ("count", "DIRAC", "--period", "1m", "--as-of", "2021-02-22")
    said = polled(*month, "--claim", "7")
    assert "; 1 other reading gives 7\n" in said.out
    assert "DIRAC, since v7r0p46 (20 Jan)  v7r1p26 (20 Jan, dated by its commit only)" in said.out
    assert "The count does not prove any of these.\n" in said.out
    found = polled(*month, "--claim", "7", "--format", "json").json
    assert (found["claim"], found["count"], len(found["readings"])) == (7, 6, 1)


def test_a_claim_has_no_breakdown(polled: Product) -> None:
    for more in (("--by", "series"), ("--list",)):
        said = polled("count", "--claim", "7", *more)
        assert (said.code, said.err) == (2, "error: --claim: cannot be combined with --by or --list; leave them out\n")
