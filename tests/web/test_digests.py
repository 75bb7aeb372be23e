"""The archive of digests: listed, and each shown for ever as it was told."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from bot.domain.digests.archive import DigestId
from bot.domain.digests.delivery import Frozen
from bot.render.digest_content import digest_content
from bot.render.json_form import digest_json
from bot.store.store import Store
from bot.web import addresses
from tests.memory import store_in_memory
from tests.render.digests import DIRAC, dirac_digest
from tests.store.digests import CHANNEL, MONDAY, NEXT_WEEK, a_digest
from tests.web.sites import a_client

HOSTILE = '<img src=x onerror=alert(1)> \u202e"&'
NAMES = st.text(min_size=1, max_size=8) | st.sampled_from(["a/b", "#c", "~1", "x.json", "cern:a/b", "..", "x:", "//"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


@pytest.fixture
def store() -> Iterator[Store]:
    with store_in_memory() as opened:
        yield opened


@pytest.fixture
def client(store: Store) -> Client:
    return a_client(store, [DIRAC])


def kept(store: Store, headline: str = "", channel: str = CHANNEL) -> str:
    """Keep a digest with its content, and return the address of its page."""
    digest = dirac_digest()
    digest = replace(digest, headline=headline or digest.headline)
    store.deliveries.add(digest, channel, Frozen("{}", content=digest_content(digest)))
    return addresses.digest(store.archive.newest()[0].of)


def test_a_digest_stays_as_it_was_told(store: Store, client: Client) -> None:
    digest, page = dirac_digest(), client.get(kept(store))
    assert page.status_code == 200
    for release in digest.news:
        assert f'<a href="{release.url}">{release.version}</a>' in page.text
    assert page.text.count("<h2>") == len([each for each in digest_content(digest)["sections"] if each["heading"]])
    json = client.get(addresses.in_format(kept(store), "json")).get_json()
    assert json["digest"]["told"] == digest_json(digest)


def test_an_older_digest_shows_what_it_named_and_says_so(store: Store, client: Client) -> None:
    store.deliveries.add(a_digest(dates={"v7r1p1": "2021-02-16"}), CHANNEL, Frozen("{}"))
    page = client.get(addresses.digest(store.archive.newest()[0].of)).text
    assert "made before its whole text was kept" in page
    assert "<li>DIRAC 7.1.1 (16 Feb)</li>" in page


def test_one_that_was_posted_again_has_a_page_of_its_own(store: Store, client: Client) -> None:
    for headline in ("the first", "the second"):
        digest = replace(a_digest(slot=MONDAY), headline=headline)
        store.deliveries.add(digest, CHANNEL, Frozen("{}"), again=True)
    second, first = (addresses.digest(each.of) for each in store.archive.newest())
    assert first != second
    assert "<h1>the first</h1>" in client.get(first).text
    assert f'<a href="{second}">Posted again, 22 Feb 2021 00:00: the second</a>' in client.get(first).text
    assert f'<a href="{first}">Posted before, 22 Feb 2021 00:00: the first</a>' in client.get(second).text


def test_the_archive_is_listed_newest_first_by_audience_and_in_pages(store: Store, client: Client) -> None:
    begin = NEXT_WEEK.end
    for week in range(51):
        period = replace(NEXT_WEEK, start=begin + timedelta(days=7 * week), end=begin + timedelta(days=7 * week + 7))
        store.deliveries.add(replace(a_digest(period), headline=f"week {week}."), CHANNEL, Frozen("{}"))
    kept(store, "elsewhere", "cern:a/b")
    first = client.get("/digests").text
    assert first.index("week 50.") < first.index("week 2.")
    assert "week 0." not in first
    assert 'href="/digests?page=2"' in first
    assert "elsewhere" in client.get("/digests?page=2").text
    there = client.get(addresses.digests(dirac_digest().name, "cern:a/b"))
    assert there.status_code == 200
    assert "elsewhere" in there.text
    assert "week" not in there.text.partition("<table>")[2]


def test_a_page_links_to_itself_in_other_formats_whatever_its_channel_is_called(store: Store, client: Client) -> None:
    page = client.get(kept(store, channel="#a?b&c"))
    [json] = re.findall(r'href="([^"]*\.json)"', page.text)
    assert client.get(unescape(json)).get_json()["digest"]["channel"] == "#a?b&c"


@pytest.mark.parametrize(
    "path",
    [
        "/digests/weekly",
        "/digests/weekly/no",
        "/digests/weekly/c/2021-02-15T00:00:00Z",
        "/digests/weekly/c/x--y",
        "/digests/weekly/c/beginning--2021-02-15T00:00:00Z",
        "/digests/weekly/c/beginning--2021-02-15T00:00:00Z--copy-x",
        "/digests/a/b/c/d",
    ],
)
def test_what_was_never_made_is_not_there(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "²"])
def test_a_wrong_number_of_a_page_is_told(client: Client, page: str) -> None:
    assert client.get("/digests", query_string={"page": page}).status_code == 400


def test_hostile_texts_stay_texts(store: Store, client: Client) -> None:
    for address in (kept(store, HOSTILE, HOSTILE), "/digests"):
        page = client.get(address)
        assert page.status_code == 200
        assert "<img" not in page.text
        assert "\u202e" not in page.text


@given(NAMES, NAMES, MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS, st.integers(0, 3))
def test_an_address_means_one_digest(
    name: str, channel: str, end: datetime, start: datetime | None, slot: datetime | None, copy: int
) -> None:
    of = DigestId(name, channel, start, end, None if slot == end else slot, copy)
    address = addresses.digest(of)
    assert "#" not in address
    found = addresses.digest_in(addresses.name_in(unquote(address.removeprefix("/digests/"))))
    assert found == of
    rest = unquote(addresses.digests(name, channel).removeprefix("/digests/"))
    assert addresses.audience_in(addresses.name_in(rest)) == (name, channel)
