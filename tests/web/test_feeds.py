"""Feeds in Atom, read back by a parser of their own."""

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from bot.domain.releases import Release, ReleaseState, key_of
from bot.web.feed_entries import ReleaseEntries
from bot.web.feeds import Entry, Feed, atom
from tests.builders import PARIS, a_repository, paris, releases
from tests.web.hostile import HOSTILE

ATOM = "{http://www.w3.org/2005/Atom}"
DIRAC = a_repository()
[V7R1P30] = releases(DIRAC, {"v7r1p30": paris("2021-02-20T10:00")})


def entry(release: Release, changed: datetime | None = None) -> Entry:
    changes = {} if changed is None else {key_of(release): changed}
    names = {DIRAC.key: "DIRAC"}
    page = "https://bot.example/r/github:DIRACGrid/DIRAC/-/release/v7r1p30"
    [made] = ReleaseEntries(names, PARIS, lambda _: page, changes).of([release])
    return made


def read(*entries: Entry) -> ET.Element:
    feed = Feed("tag:x", "https://bot.example/feed.atom", "https://bot.example/", "All releases", entries)
    return ET.fromstring(atom(feed))


def test_an_entry_names_its_release_and_where_its_date_comes_from() -> None:
    found = read(entry(V7R1P30))
    assert found.findtext(f"{ATOM}entry/{ATOM}title") == "DIRAC v7r1p30"
    assert found.findtext(f"{ATOM}entry/{ATOM}id") == ("urn:uuid:8c8da2a5-d8e8-5c8c-8dd8-6f556ee3254a")
    assert found.findtext(f"{ATOM}entry/{ATOM}published") == "2021-02-20T09:00:00+00:00"
    content = found.findtext(f"{ATOM}entry/{ATOM}content") or ""
    assert content.splitlines()[:2] == [
        "patch release of series v7r1",
        "20 Feb 2021 10:00 (Europe/Paris; date of the commit)",
    ]


def test_an_entry_of_the_first_poll_is_as_old_as_its_release() -> None:
    assert entry(V7R1P30).updated == paris("2021-02-20T10:00")
    seen = replace(V7R1P30, backfilled=False)
    assert entry(seen).updated == V7R1P30.first_seen


@pytest.mark.parametrize(
    ("state", "said"),
    [(ReleaseState.MOVED, "tag moved"), (ReleaseState.WITHDRAWN, "withdrawn"), (ReleaseState.YANKED, "yanked")],
)
def test_what_became_of_a_release_updates_its_entry(state: ReleaseState, said: str) -> None:
    at = datetime(2021, 3, 1, tzinfo=UTC)
    before, after = entry(V7R1P30), entry(replace(V7R1P30, state=state, commit="0" * 40), at)
    assert (after.id, after.updated, after.published) == (before.id, at, before.published)
    assert after.title == f"DIRAC v7r1p30 ({said})"


def test_the_entry_that_changed_last_comes_first_and_dates_the_feed() -> None:
    [older] = releases(DIRAC, {"v7r1p29": paris("2021-02-15T10:00")})
    found = read(entry(V7R1P30), entry(older, paris("2021-03-01T00:00")))
    titles = [each.text for each in found.iter(f"{ATOM}title")]
    assert titles == ["All releases", "DIRAC v7r1p29", "DIRAC v7r1p30"]
    assert found.findtext(f"{ATOM}updated") == "2021-02-28T23:00:00+00:00"


def test_a_feed_without_entries_has_a_date_all_the_same() -> None:
    assert read().findtext(f"{ATOM}updated") == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_escapes(text: str) -> None:
    hostile = replace(V7R1P30, version=text, normalized=text, series=text, tags=(text,), yanked=text, commit=text)
    found = read(replace(entry(replace(hostile, state=ReleaseState.YANKED)), author=text))
    names = {each.tag.removeprefix(ATOM) for each in found.iter()}
    assert names == {"feed", "id", "title", "updated", "author", "name", "link", "entry", "published", "content"}
    assert all(line.isprintable() for text in found.itertext() for line in text.splitlines())
    assert len(found.findtext(f"{ATOM}entry/{ATOM}title") or "") <= 300
