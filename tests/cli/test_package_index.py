"""The package index on the command line: upload times, yanked releases, and versions without a tag."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.index import RecordedFile, RecordedIndex
from tests.cli.conftest import Product, configuration

UPLOADED = datetime(2022, 3, 4, 8, 0, 0, 500_000, tzinfo=UTC)
FILES = [
    RecordedFile("DIRAC-7.2.24.tar.gz", UPLOADED, yanked=True),
    RecordedFile("DIRAC-7.2.14.tar.gz", UPLOADED, "Minor bugs found"),
    RecordedFile("DIRAC-99.0.0.tar.gz", UPLOADED),
]


@pytest.fixture
def index() -> Iterator[RecordedIndex]:
    with RecordedIndex({"DIRAC": FILES}) as server:
        yield server


@pytest.fixture
def indexed(product: Product, github: RecordedGitHub, index: RecordedIndex) -> Product:
    configure(product, github, index)
    assert product("poll").code == 0
    return product


def configure(product: Product, github: RecordedGitHub, index: RecordedIndex, more: str = "") -> None:
    keys = f'index = "pypi:DIRAC"\n{more}[indexes.pypi]\nbase_url = "{index.base_url}"\n'
    product.configure(configuration(github, product.folder, more=keys))


def test_a_yanked_release_is_listed_with_its_reason_and_its_upload(indexed: Product) -> None:
    found = {each["version"]: each for each in indexed("releases", "--series", "v7r2", "--format", "json").json}
    release = found["v7r2p14"]
    assert (release["state"], release["yanked_reason"]) == ("yanked", "Minor bugs found")
    assert (release["date"], release["date_source"]) == ("2022-03-04T09:00:00+01:00", "index")
    assert (found["v7r2p24"]["state"], found["v7r2p24"]["yanked_reason"]) == ("yanked", None)
    assert "v7r2p14 (yanked: Minor bugs found)" in indexed("releases", "--series", "v7r2").out
    said = indexed("ask", "when was v7r2p14 released").out
    assert "(Europe/Paris; uploaded to the package index); yanked: Minor bugs found" in said


def test_a_yanked_release_is_never_the_latest(polled: Product, github: RecordedGitHub, index: RecordedIndex) -> None:
    [latest] = polled("latest", "--series", "v7r2", "--format", "json").json
    index.projects["dirac"] = [RecordedFile(f"DIRAC-{latest['normalized']}.tar.gz", UPLOADED, "Buggy")]
    configure(polled, github, index)
    polled("poll")
    [next_one] = polled("latest", "--series", "v7r2", "--format", "json").json
    assert next_one["normalized"] != latest["normalized"]
    [known] = polled("latest", "--series", "v7r2", "--known-at", "2099-01-01", "--format", "json").json
    assert known == next_one
    assert next_one["version"] in polled("ask", "latest v7r2").out


def test_yanked_releases_are_counted_unless_configured_otherwise(
    indexed: Product, github: RecordedGitHub, index: RecordedIndex
) -> None:
    count = ("count", "--series", "v7r2", "--format", "json")
    total = indexed(*count).json["total"]
    configure(indexed, github, index, "count_yanked = false\n")
    assert indexed(*count).json["total"] == total - 2
    assert "v7r2p14" in indexed("releases", "--series", "v7r2").out


def test_a_version_without_a_tag_is_a_note_of_the_poll_and_of_the_status(indexed: Product) -> None:
    note = "pypi:DIRAC: 99.0.0 has no tag"
    assert f"github:DIRACGrid/DIRAC: {note}" in indexed("status").out
    [repository] = indexed("status", "--format", "json").json["repositories"]
    assert repository["index"]["source"] == "pypi:DIRAC"
    assert (repository["index"]["yanked"], repository["index"]["untagged"]) == (["7.2.14", "7.2.24"], ["99.0.0"])
    [again] = indexed("poll", "--format", "json").json["repositories"]
    assert again["notice"] is None


def test_an_index_that_fails_is_a_note_and_the_tags_are_recorded(
    product: Product, github: RecordedGitHub, index: RecordedIndex
) -> None:
    del index.projects["dirac"]
    configure(product, github, index)
    said = product("poll", "--format", "json")
    [repository] = said.json["repositories"]
    assert (said.code, repository["status"], repository["tags"]) == (0, "ok", 1114)
    assert repository["notice"] == "pypi:DIRAC: no such project on the index; correct index in [[repositories]]"
    assert f"github:DIRACGrid/DIRAC: {repository['notice']}; failing since " in product("status").out
    [failing] = product("status", "--format", "json").json["repositories"]
    assert failing["index"]["failing_since"] < failing["index"]["next_try"]
    [check] = [each for each in product("doctor", "--format", "json").json["findings"] if "pypi" in each["what"]]
    assert check["where"] == "github:DIRACGrid/DIRAC"
    assert f"{repository['notice']}; failing since " in check["what"]
    assert ", next try " in check["what"]
    assert product("poll", "--format", "json").json["repositories"][0]["notice"] is None


def test_without_an_index_nothing_is_asked_and_nothing_is_said(polled: Product) -> None:
    [repository] = polled("status", "--format", "json").json["repositories"]
    assert repository["index"] is None


def test_tags_show_when_their_release_was_uploaded(indexed: Product) -> None:
    [tag] = [each for each in indexed("tags", "--format", "json").json if each["tag"] == "v7r2p14"]
    assert (tag["index"], tag["date_source"]) == ("2022-03-04T09:00:00+01:00", "index")
