"""Dates that cannot be, from the forge to every answer: no release is missed, and none is dated by chance."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.app import now
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from tests.cli.conftest import Product
from tests.forges.git_places import Repository

DAY = timedelta(days=1)
# What was first seen in this very second has not happened before it.
# Later than any run of the tests ends.
SOON = ("--as-of", (now() + timedelta(hours=9)).isoformat())
YEAR_2038, YEAR_2099 = 2_147_483_647, 4_078_166_400


class Box:
    """A product that watches one bare git repository, whose objects are written unchecked."""

    def __init__(self, product: Product, *, more: str = "") -> None:
        self.product = product
        self.made = Repository.make(product.folder / "git" / "tool.git")
        product.configure(
            f'time_zone = "UTC"\n[database]\nurl = "sqlite:///{product.folder}/bot.db"\n'
            f'[forges.box]\nkind = "git"\nbase_url = "file://{product.folder}/git/"\n'
            '[[repositories]]\nforge = "box"\npath = "tool.git"\nname = "tool"\nscheme = "semver"\ncounts = "final"\n'
            f"{more}"
        )

    def tag(self, name: str, stamp: str, *, tagger: str | None = None) -> None:
        who = f"A <a@example.org> {stamp}"
        text = f"tree {self.made.tree(name)}\nauthor {who}\ncommitter {who}\n\n{name}\n"
        oid = self.made.write("commit", text)
        if tagger is not None:
            oid = self.made.write("tag", f"object {oid}\ntype commit\ntag x\ntagger A <a@example.org> {tagger}\n\nm\n")
        self.made.put_all({name: oid})

    def poll(self) -> None:
        assert self.product("poll").code == 0

    def releases(self) -> dict[str, tuple[str | None, str | None]]:
        found = self.product("releases", "--kind", "all", "--format", "json", *SOON).json
        return {each["version"]: (each["date"], each["date_source"]) for each in found}

    def undated(self) -> int:
        said = self.product("count", "--kind", "all", "--format", "json")
        return int(said.json["undated"])


@pytest.fixture
def box(product: Product) -> Box:
    return Box(product)


def at(moment: datetime) -> str:
    return f"{int(moment.timestamp())} +0000"


def test_a_release_of_the_future_is_there_at_once_dated_by_what_is_believable(box: Box) -> None:
    made = now() - 9 * DAY
    box.tag("v1.0.0", at(made))
    box.poll()
    box.tag("v1.0.1", at(made), tagger=f"{YEAR_2099} +0000")
    box.tag("v1.0.2", f"{YEAR_2038} +0000")
    box.tag("v1.0.3", "0 +0000", tagger="0 +0000")
    box.poll()
    found = box.releases()
    assert found["v1.0.1"] == (made.isoformat(), "commit")
    assert [found[name][1] for name in ("v1.0.2", "v1.0.3")] == ["first_seen"] * 2
    assert "v1.0.3" in box.product("latest", *SOON).out
    assert "of tool was released on" in box.product("ask", "when was v1.0.2 released?", *SOON).out
    assert (box.undated(), box.product("count", "--period", "2d", "--format", "json", *SOON).json["total"]) == (0, 2)


@pytest.mark.parametrize("zone", ["+051800", "+2400", "-3407", "-13068837"])
def test_the_first_poll_dates_by_the_seconds_whatever_the_zone(box: Box, zone: str) -> None:
    box.tag("v1.0.0", f"1312735823 {zone}")
    box.tag("v1.0.1", "1312735823 +0000", tagger=f"1312822223 {zone}")
    box.poll()
    assert box.releases() == {
        "v1.0.0": ("2011-08-07T16:50:23+00:00", "commit"),
        "v1.0.1": ("2011-08-08T16:50:23+00:00", "tagger"),
    }


def test_what_was_there_at_the_first_poll_without_a_believable_date_is_in_no_period_and_said(box: Box) -> None:
    box.tag("v1.0.0", "-5 +0000")
    box.tag("v1.0.1", "0 +0000")
    box.tag("v1.0.2", f"{YEAR_2099} +0000")
    box.made.put_all({"v1.0.3": box.made.tree("files"), "v1.0.4": box.made.blob("logo")})
    box.tag("v1.0.5", at(now() - DAY))
    box.poll()
    assert list(box.releases()) == ["v1.0.5"]
    assert box.undated() == 5
    line = "5 releases without a known date"
    for command in (("count", "--kind", "all"), ("releases", "--period", "2d"), ("latest",)):
        assert line in box.product(*command).out
    for question, what in (("how many releases?", "not counted"), ("latest tool", "not considered")):
        assert f"{what}: {line}" in box.product("ask", question).out
    assert "has no known date" in box.product("ask", "when was v1.0.3 released?").out
    said = box.product("count", "--since", "v1.0.3")
    assert (said.code, said.err) == (2, 'error: release "v1.0.3": date unknown; give a date instead\n')


def test_the_same_tags_seen_while_watching_are_dated_by_that(box: Box) -> None:
    box.tag("v1.0.0", at(now() - 9 * DAY))
    box.poll()
    box.made.put_all({"v1.0.3": box.made.tree("files"), "v1.0.4": box.made.blob("logo")})
    box.poll()
    found = box.releases()
    assert [found[name][1] for name in ("v1.0.3", "v1.0.4")] == ["first_seen"] * 2


def test_a_fixed_source_that_cannot_be_gives_way(product: Product) -> None:
    box = Box(product, more='date = "tagger"\n')
    made = now() - 9 * DAY
    box.tag("v1.0.0", at(made), tagger="0 +0000")
    box.tag("v1.0.1", at(made), tagger=at(made + DAY))
    box.poll()
    assert box.releases() == {
        "v1.0.0": (made.isoformat(), "commit"),
        "v1.0.1": ((made + DAY).isoformat(), "tagger"),
    }


def test_tags_show_what_was_not_believed_and_what_counts(box: Box) -> None:
    made = now() - 9 * DAY
    box.tag("v1.0.0", at(made), tagger="0 +0000")
    box.tag("v1.0.1", f"{YEAR_2099} +0000")
    box.tag("v1.0.2", at(made))
    box.poll()
    first, second, third = box.product("tags", "--format", "json").json
    assert first["tagger"] == "1970-01-01T00:00:00+00:00"
    assert (first["date"], first["date_source"]) == (made.isoformat(), "commit")
    assert first["not_believed"] == {"tagger": "in 1970 or before"}
    assert (second["date"], second["date_source"]) == (None, None)
    assert second["commit_date"].startswith("2099-")
    assert second["not_believed"] == {"commit": "after the tag was first seen on its commit"}
    assert third["not_believed"] == {}
    shown = box.product("tags").out
    assert "1970-01-01 00:00 ?" in shown
    words = " ".join(shown.split())
    assert f"v1.0.0: tagger date not used (in 1970 or before); using commit: {made:%Y-%m-%d %H:%M}" in words
    assert "v1.0.1: commit date not used (after the tag was first seen on its commit); no date is used" in words
    assert "v1.0.2: " not in words


@pytest.fixture
def announced(product: Product) -> Iterator[Product]:
    """A project on GitLab that announces a release for the next month, polled once."""
    made, repository = now() - 9 * DAY, RecordedRepository("team/tool")
    repository.put(RecordedTag("v1.0.0", "1" * 40, made), RecordedTag("v1.0.1", "2" * 40, made + DAY))
    repository.releases["v1.0.1"] = RecordedRelease("v1.0.1", now() + 30 * DAY)
    with RecordedGitLab([repository], now=now) as server:
        product.configure(
            f'time_zone = "UTC"\n[database]\nurl = "sqlite:///{product.folder}/bot.db"\n'
            f'[forges.lab]\nkind = "gitlab"\nbase_url = "{server.url}"\n'
            '[[repositories]]\nforge = "lab"\npath = "team/tool"\nscheme = "semver"\ncounts = "final"\n'
        )
        assert product("poll").code == 0
        yield product


def test_a_release_that_is_announced_is_known_and_named_as_upcoming(announced: Product) -> None:
    day, made = now() + 30 * DAY, now() - 8 * DAY
    [newest] = announced("latest", "--format", "json").json
    assert (newest["version"], newest["date_source"]) == ("v1.0.1", "commit")
    assert newest["date"][:10] == f"{made:%Y-%m-%d}"
    assert newest["upcoming"][:10] == f"{day:%Y-%m-%d}"
    assert f"commit, upcoming {day:%Y-%m-%d}" in " ".join(announced("releases").out.split())
    said = announced("ask", "when was v1.0.1 released?")
    assert "of tool was released on" in said.out
    assert f"the forge announces it for {day.day} {day:%b}" in said.out
    assert announced("tags", "--format", "json").json[1]["not_believed"] == {
        "published": "announced, not published yet"
    }
