"""``release-bot notes``: what changed, from the database, and from the forge what is not recorded yet."""

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from bot.demo.recorded.server import Response
from tests.cli.conftest import Product, configuration

NOTES = 'notes = { file = "release.notes", format = "dirac" }\n'
KEYS = {"repository", "version", "source", "url", "entries", "propagated", "cut"}


@pytest.fixture
def noted(polled_by: Callable[..., Product]) -> Product:
    """DIRAC with its file of release notes, polled once: a backfill."""
    return polled_by(plan=NOTES)


def test_notes_that_are_not_recorded_are_read_with_one_request_and_kept(noted: Product, github: RecordedGitHub) -> None:
    said = noted("notes", "7.1.29")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "v7r1p29 of DIRAC: 1 new, 3 changes, 3 fixes"
    assert "getting CE information" in said.out
    assert len(github.requests) == 1
    again = noted("notes", "v7r1p29", "--format", "json").json
    assert len(github.requests) == 1
    [found] = again
    assert found.keys() == KEYS
    assert (found["repository"], found["version"], found["source"]) == ("github:DIRACGrid/DIRAC", "v7r1p29", "file")
    assert found["url"].endswith("/DIRACGrid/DIRAC/blob/v7r1p29/release.notes")
    assert found["entries"][1]["url"].endswith("/DIRACGrid/DIRAC/pull/4957")
    assert (len(found["entries"]), found["propagated"]) == (7, 1)


def test_the_six_releases_of_the_slide_have_their_own_entries(noted: Product) -> None:
    counts = {}
    for version in ("v7r0p47", "v7r0p48", "v7r0p49", "v7r1p27", "v7r1p28", "v7r1p29"):
        [found] = noted("notes", version, "--format", "json").json
        counts[version] = (len(found["entries"]), found["propagated"])
    assert counts == {
        "v7r0p47": (1, 0),
        "v7r0p48": (2, 0),
        "v7r0p49": (2, 0),
        "v7r1p27": (14, 1),
        "v7r1p28": (5, 0),
        "v7r1p29": (7, 1),
    }


def test_between_two_releases_the_notes_of_each_are_shown(noted: Product) -> None:
    said = noted("notes", "v7r1p29", "--since", "v7r1p26", "--format", "json")
    assert [each["version"] for each in said.json] == ["v7r1p27", "v7r1p28", "v7r1p29"]
    header, first, *_ = csv.reader(noted("notes", "v7r1p29", "--since", "v7r1p26", "--format", "csv").out.splitlines())
    assert header == ["release", "kind", "change", "pull request"]
    assert first[0] == "v7r1p27"


def test_questions_are_answered_from_the_database_alone(noted: Product, github: RecordedGitHub) -> None:
    before = noted("ask", "what changed in v7r1p29?").out
    assert before.startswith("v7r1p29 of DIRAC: its release notes are not recorded\n")
    assert github.requests == []
    noted("notes", "v7r1p29", "--since", "v7r1p27")
    github.requests.clear()
    assert noted("ask", "release notes of v7r1p29").out.startswith("v7r1p29 of DIRAC: 1 new, 3 changes, 3 fixes\n")
    between = noted("ask", "what is new between v7r1p27 and v7r1p29?").out
    assert between.startswith("2 releases of DIRAC after v7r1p27, up to v7r1p29, in the series of the latter\n")
    data = noted("ask", "what changed in v7r1p29?", "--format", "json").json
    assert (data["understood"]["intent"], data["data"][0]["version"]) == ("notes", "v7r1p29")
    assert github.requests == []


def test_a_file_that_is_not_there_is_no_notes(noted: Product) -> None:
    said = noted("notes", "v6r22p35")
    assert (said.code, said.out.splitlines()[0]) == (0, "v6r22p35 of DIRAC: no release notes")


def test_a_forge_that_fails_is_an_error_after_what_is_known(noted: Product, github: RecordedGitHub) -> None:
    github.interceptor = lambda _: Response(500, {"content-type": "application/json"}, b"{}")
    said = noted("notes", "v7r1p29")
    assert said.code == 1
    assert said.out.startswith("v7r1p29 of DIRAC: its release notes could not be read: GitHub returned HTTP 500")
    assert said.err.startswith("error: github:DIRACGrid/DIRAC: GitHub returned HTTP 500")


def test_a_new_release_has_its_notes_after_the_poll(
    product: Product, github: RecordedGitHub, dirac: RecordedRepository
) -> None:
    product.configure(configuration(github, product.folder))
    assert product("poll").code == 0
    made = now() - timedelta(minutes=5)
    dirac.put(RecordedTag("v8.0.99", "9" * 40, made))
    dirac.releases["v8.0.99"] = RecordedRelease("v8.0.99", made, body="* Fix it by @ann in https://x.example/pull/7")
    github.requests.clear()
    assert product("poll").code == 0
    asked = [request.path for request in github.requests]
    assert asked.count("/repos/DIRACGrid/DIRAC/releases/tags/v8.0.99") == 1
    [found] = product("notes", "v8.0.99", "--format", "json").json
    assert (found["source"], [entry["text"] for entry in found["entries"]]) == ("release", ["Fix it by @ann"])
    assert found["entries"][0]["url"].endswith("/DIRACGrid/DIRAC/pull/7")


def test_mistakes_are_refused(noted: Product) -> None:
    for arguments, error in (
        (("v7r1p9999",), 'error: release "v7r1p9999": not found in github:DIRACGrid/DIRAC; nearest: '),
        (("v7r1p29", "--repository", "NOPE"), 'error: repository "NOPE": not watched; '),
        (("v7r1p26", "--since", "v7r1p27"), 'error: release "v7r1p26": is not later than v7r1p27; '),
        ((), "error: release-bot notes: Missing argument 'RELEASE'"),
    ):
        said = noted("notes", *arguments)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(error)
