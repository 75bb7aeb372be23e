"""Feeds, calendars and badges of a site, and its pages as JSON and CSV."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from werkzeug.test import Client

from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import ChangeKind, Milestone, MilestoneChange
from bot.domain.counts import GroupBy
from bot.domain.package_index import IndexListing, IndexVersion
from bot.domain.periods.options import read_span
from bot.domain.releases import releases_of
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import TagDetails
from bot.queries.base import run
from bot.queries.release_list import FOLD
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.render.csv_form import csv_text
from bot.services.rebuild import refresh_releases
from bot.store.store import Store
from bot.web import addresses
from bot.web.site import Site
from tests.builders import a_commit, a_repository, days
from tests.histories import write_history
from tests.memory import store_in_memory
from tests.services.test_announce import LIBRARY, Lab
from tests.web.sites import NOW, a_client, a_source

DIRAC = a_repository()
PLAN = Plan(
    DIRAC.key,
    "v7r2",
    configured=(
        Milestone("hackathon", "Hackathon 1", date(2021, 2, 18), date(2021, 2, 18)),
        Milestone("final-certification", "Final certification", date(2021, 3, 4)),
    ),
    changes=(
        MilestoneChange(
            1, datetime(2021, 2, 20, tzinfo=UTC), "ann", ChangeKind.MOVE, "Final certification", day=date(2021, 3, 16)
        ),
    ),
    configured_at=NOW.end,
)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def recorded() -> Iterator[Store]:
    with store_in_memory() as store:
        write_history(store, DIRAC)
        yield store


@pytest.fixture(scope="module")
def client(recorded: Store) -> Client:
    return a_client(recorded, [DIRAC], read_plans=lambda: [PLAN])


@pytest.fixture
def lab() -> Iterator[Lab]:
    with store_in_memory() as store:
        lab = Lab(store, watched=(replace(DIRAC, index="pypi:DIRAC"), LIBRARY))
        lab.tag("v7r1p28", "v7r1p27")
        lab.tag("1.0.0", repository="library")
        lab.poll()
        lab.tag("v7r1p29")
        lab.now += days(1)
        lab.poll()
        yield lab


Entries = Mapping[str, tuple[str, str]]


def entries(lab: Lab, path: str = "/releases.atom", **changed: Any) -> Entries:
    """Return the titles of a feed's entries, each with its id and the moment that it was updated."""
    watched = [replace(each, **changed) for each in lab.watched]
    client = a_client(lab.store, watched, now=replace(NOW, end=lab.now, day=lab.now.date()))
    root = ET.fromstring(client.get(path).data)
    return {
        each.findtext(f"{ATOM}title") or "": (each.findtext(f"{ATOM}id") or "", each.findtext(f"{ATOM}updated") or "")
        for each in root.iter(f"{ATOM}entry")
    }


def test_each_repository_and_series_has_a_feed(lab: Lab) -> None:
    of_dirac = {"DIRAC v7r1p27", "DIRAC v7r1p28", "DIRAC v7r1p29"}
    assert entries(lab).keys() == of_dirac | {"library 1.0.0"}
    assert entries(lab, "/r/github:DIRACGrid/DIRAC.atom").keys() == of_dirac
    assert entries(lab, "/r/github:DIRACGrid/DIRAC/-/v7r1.atom").keys() == of_dirac
    assert entries(lab, "/r/github:DIRACGrid/DIRAC.atom?kind=pre-release") == {}


def test_polls_and_rules_leave_the_entries_of_a_feed_as_they_are(lab: Lab) -> None:
    before = entries(lab)
    lab.now += days(100)
    lab.poll()
    assert entries(lab) == before
    changed: list[Repository] = [replace(each, counts=Counts.FINAL, name="other") for each in lab.watched]
    refresh_releases(changed, lab.store)
    after = entries(lab, counts=Counts.FINAL, name="other")
    assert {*after.values()} == {*before.values()}


def test_a_moved_and_a_deleted_tag_update_their_entries_for_good(lab: Lab) -> None:
    before = entries(lab)
    lab.now += days(1)
    lab.tags["DIRAC"]["v7r1p29"] = TagDetails(a_commit("elsewhere"), committed=lab.now)
    del lab.tags["DIRAC"]["v7r1p27"]
    at = lab.now.astimezone(UTC).isoformat(timespec="seconds")
    lab.poll()
    after = entries(lab)
    assert after["DIRAC v7r1p29 (tag moved)"] == (before["DIRAC v7r1p29"][0], at)
    assert after["DIRAC v7r1p27 (withdrawn)"] == (before["DIRAC v7r1p27"][0], at)
    assert after["DIRAC v7r1p28"] == before["DIRAC v7r1p28"]
    lab.now += days(365)
    lab.poll()
    assert entries(lab) == after


def test_a_yanked_release_updates_its_entry(lab: Lab) -> None:
    before = entries(lab)
    [dirac, _] = lab.watched
    seen = IndexListing("pypi:DIRAC").updated(
        [IndexVersion("7.1.28"), IndexVersion("7.1.27", None, "")], lab.now - days(1)
    )
    listing = seen.updated([IndexVersion("7.1.28", None, "broken"), IndexVersion("7.1.27", None, "")], lab.now)
    lab.store.polls.write_listing(dirac.key, listing)
    record = lab.store.tags.record(dirac.key)
    made = releases_of(dirac, record.tags.values(), {listing.source: listing})
    lab.store.polls.write_releases(record, "", made)
    after = entries(lab)
    at = lab.now.astimezone(UTC).isoformat(timespec="seconds")
    assert after["DIRAC v7r1p28 (yanked)"] == (before["DIRAC v7r1p28"][0], at)
    # It was yanked before anybody looked: that is no news.
    assert after["DIRAC v7r1p27 (yanked)"] == before["DIRAC v7r1p27"]


def test_addresses_in_a_feed_are_whole(recorded: Store) -> None:
    client = a_client(recorded, [DIRAC])
    root = ET.fromstring(client.get("/r/github:DIRACGrid/DIRAC.atom?kind=all", base_url="https://x.example/bot").data)
    links = [each.get("href") for each in root.iter(f"{ATOM}link")]
    assert links[:2] == [
        "https://x.example/bot/r/github:DIRACGrid/DIRAC.atom?kind=all",
        "https://x.example/bot/r/github:DIRACGrid/DIRAC",
    ]
    assert "https://x.example/bot/r/github:DIRACGrid/DIRAC/-/release/v7r1p29" in links


def test_the_public_address_is_that_of_the_configuration(recorded: Store) -> None:
    client = Client(Site(replace(a_source(recorded, [DIRAC]), public_url="https://releases.example")))
    found = client.get("/r/github:DIRACGrid/DIRAC.atom", base_url="http://evil.example").text
    assert "evil.example" not in found
    assert 'href="https://releases.example/r/github:DIRACGrid/DIRAC"' in found


@pytest.mark.parametrize("path", ["/releases.atom", "/certification.ics"])
def test_names_for_programs_do_not_depend_on_where_the_pages_are(recorded: Store, path: str) -> None:
    def names(base: str, public: str) -> list[str]:
        source = a_source(recorded, [DIRAC], read_plans=lambda: [PLAN])
        client = Client(Site(replace(source, public_url=public)))
        return re.findall(r"<id>.+?</id>|UID:.+", client.get(path, base_url=base).text)

    found = names("http://127.0.0.1:8080", "")
    assert len(found) > 1
    assert names("https://elsewhere.example/bot", "https://releases.example") == found


@pytest.mark.parametrize("path", ["/certification.ics", "/certification/v7r2.ics", "/certification/7.2.ics"])
def test_a_calendar_has_the_milestones(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    found: list[Any] = list(Calendar.from_ical(answer.data).walk("VEVENT"))
    assert [(each["SUMMARY"], each["DTSTART"].dt, each["SEQUENCE"]) for each in found] == [
        ("v7r2: Hackathon 1", date(2021, 2, 18), 0),
        ("v7r2: Final certification", date(2021, 3, 16), 1),
    ]
    assert {str(each["URL"]) for each in found} == {"http://localhost/certification/v7r2"}


@pytest.mark.parametrize(
    ("path", "label", "message"),
    [
        ("newest/github:DIRACGrid/DIRAC", "DIRAC", "v7r1p29"),
        ("newest/github:DIRACGrid/DIRAC/-/v7r0", "v7r0", "v7r0p49"),
        ("newest/github:DIRACGrid/DIRAC/-/v7r2", "v7r2", "no release"),
        ("newest/github:DIRACGrid/DIRAC/-/v7r2?kind=pre-release", "v7r2", "v7r2-pre34"),
        ("count?period=1m", "releases", "6 in the last month"),
        ("count/github:DIRACGrid/DIRAC?since=2021-02-08", "DIRAC releases", "4 since 2021-02-08"),
        ("count/github:DIRACGrid/DIRAC/-/v7r1", "v7r1 releases", "29 in all"),
        ("certification/v7r2", "v7r2 certification", "Final certification in 22 days"),
        ("certification/v7r2?as_of=2021-04-01", "v7r2 certification", "released: v7r2"),
    ],
)
def test_a_badge_says_what_the_same_question_is_answered_with(
    client: Client, path: str, label: str, message: str
) -> None:
    address, mark, asked = path.partition("?")
    shown = json.loads(client.get(f"/badge/{address}.json{mark}{asked}").data)
    assert (shown["label"], shown["message"]) == (label, message)
    image = client.get(f"/badge/{address}.svg{mark}{asked}")
    assert image.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert ET.fromstring(image.data).get("aria-label") == f"{label}: {message}"


@pytest.mark.parametrize("path", ["/badge/newest/github:a/b.svg", "/r/github:a/b.atom", "/r/github:a/b/-/v1.atom"])
def test_what_is_not_watched_is_not_there(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_page_is_offered_as_data_with_all_that_it_folds(client: Client, recorded: Store) -> None:
    source = a_source(recorded, [DIRAC])
    query = Count(Filters(("DIRAC",), span=read_span("2020", NOW)), (GroupBy.MONTH,))
    folded, every = (run(replace(query, most=most), source.context(NOW)) for most in (FOLD, None))
    assert len(every.data()["releases"]) > len(folded.data()["releases"])
    page = "/r/github:DIRACGrid/DIRAC"
    assert json.loads(client.get(f"{page}.json?period=2020").data)["count"] == every.data()
    sheet = client.get(f"{page}.csv?period=2020")
    assert sheet.text == csv_text(every.sheet())
    assert sheet.headers["Content-Type"].startswith("text/csv")


def test_the_board_as_csv_has_every_certification(recorded: Store) -> None:
    other = replace(
        PLAN, series="v8r0", configured=(Milestone("hackathon", "Hackathon A", date(2021, 6, 1)),), changes=()
    )
    client = a_client(recorded, [DIRAC], read_plans=lambda: [PLAN, other])
    rows = list(csv.DictReader(StringIO(client.get("/certification.csv").text)))
    assert {(row["repository"], row["series"], row["what"]) for row in rows} >= {
        (DIRAC.key, "v7r2", "Final certification"),
        (DIRAC.key, "v8r0", "Hackathon A"),
    }


@pytest.mark.parametrize(
    "path", ["/api/v1/count", "/api/v1/releases", "/r/github:DIRACGrid/DIRAC.csv?since=2010-01-01"]
)
def test_more_releases_than_an_answer_may_have_are_refused(recorded: Store, path: str) -> None:
    answer = Client(Site(replace(a_source(recorded, [DIRAC]), most=100))).get(path)
    assert answer.status_code == 400
    assert "more than 100 releases" in answer.text


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/timeline",
        "/r/github:DIRACGrid/DIRAC",
        "/r/github:DIRACGrid/DIRAC/-/v7r1",
        "/r/github:DIRACGrid/DIRAC/-/release/v7r1p29",
        "/r/github:DIRACGrid/DIRAC/-/unclassified",
        "/certification",
        "/certification/v7r2",
        "/search?q=latest",
        "/how?period=1m",
        "/status",
        "/digests",
    ],
)
def test_what_a_page_is_offered_as_is_there(client: Client, page: str) -> None:
    root, links = f"http://localhost{page}", Links()
    links.feed(client.get(page).text)
    offered = [urljoin(root, each) for each in links.found if re.search(r"\.(json|csv|atom|ics)(\?|$)", each)]
    assert {"json", "csv"} <= {urlsplit(each).path.rpartition(".")[2] for each in offered}
    for address in offered:
        answer = client.get(address.removeprefix("http://localhost"))
        assert (address, answer.status_code) == (address, 200)


@pytest.mark.parametrize("path", ["me/site.json", "me/x.atom", "a/b/c.svg", "a/-/csv"])
def test_a_repository_that_is_named_like_a_format_has_all_of_them(recorded: Store, path: str) -> None:
    odd = replace(a_repository(path), product="p.csv")
    client = a_client(recorded, [DIRAC, odd])
    page, series = addresses.repository(odd.key), addresses.series(odd.key, "v1.json")
    offered = [addresses.in_format(page, form) for form in ("json", "csv", "atom")]
    offered += [addresses.badge("newest", odd.key), addresses.badge("count", odd.key, form="json")]
    assert [client.get(each).status_code for each in offered] == [200] * len(offered)
    assert json.loads(client.get(offered[-1]).data)["label"] == f"{odd.name} releases"
    # It has no such series, which is another answer than that there is no such page.
    unknown = [addresses.in_format(series, "atom"), addresses.badge("newest", odd.key, "v1.json")]
    assert [client.get(each).status_code for each in unknown] == [400, 400]


class Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value or "" for name, value in attrs if name == "href"]
