"""What the pages show: the numbers of the queries, each with its list, on the recorded histories and on random data."""

import csv
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from urllib.parse import urljoin

import feedparser
import pytest
from icalendar import Calendar
from werkzeug.test import Client

from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import HACKATHON, Milestone
from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.periods.options import read_span
from bot.domain.periods.period import AsOf
from bot.queries.base import QueryContext, Watched
from bot.queries.certification import CertificationStatus
from bot.queries.latest import Latest
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.store.store import Store
from tests.builders import MONDAY, PARIS, a_repository, a_tag, days
from tests.digest_worlds import World
from tests.histories import write_history, write_tags
from tests.memory import store_in_memory
from tests.web.hostile import HOSTILE
from tests.web.reading import faults, read
from tests.web.sites import NOW, a_client

DIRAC = a_repository()
PAGE = "/r/github:DIRACGrid/DIRAC"
PLAN = Plan(
    DIRAC.key,
    "v7r2",
    configured=(
        Milestone(HACKATHON, "Hackathon 1", date(2021, 1, 7), done=date(2021, 1, 7)),
        Milestone("final-certification", "Final certification", date(2021, 3, 4), plans=(date(2021, 2, 25),)),
    ),
    configured_at=MONDAY - days(100),
)
PAGES = (
    "/",
    "/timeline",
    PAGE,
    f"{PAGE}/-/v7r1",
    f"{PAGE}/-/release/v7r1p29",
    f"{PAGE}/-/unclassified",
    f"{PAGE}/-/tags",
    "/certification",
    "/certification/v7r2",
    "/search?q=how+many+v7r1+patches+in+2020",
    "/how?period=1m",
    "/status",
)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with store_in_memory() as store:
        write_history(store, DIRAC)
        yield store


@pytest.fixture(scope="module")
def client(store: Store) -> Client:
    return a_client(store, [DIRAC], read_plans=lambda: [PLAN])


@pytest.fixture(scope="module")
def context(store: Store) -> QueryContext:
    return QueryContext(store, Watched([DIRAC]), NOW, timedelta(hours=2), read_plans=lambda: [PLAN])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_small_and_in_order(client: Client, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert len(answer.data) < 80_000
    assert faults(answer.text) == []
    tags = [tag for tag, _ in read(answer.text).tags]
    assert [tags.count(tag) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    levels = [int(tag[1]) for tag in tags if tag in {"h1", "h2", "h3", "h4"}]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert tags.count("caption") == tags.count("table")


@pytest.mark.parametrize("period", ["2y", "2020", "2021-02"])
def test_the_number_of_a_page_is_that_of_the_query(client: Client, context: QueryContext, period: str) -> None:
    span = read_span(period, NOW)
    counted = Count(Filters((DIRAC.key,), span=span), (GroupBy.MONTH,), most=0).run(context)
    numbers = list(read(client.get(f"{PAGE}?period={period}&by=month").text).numbers())
    assert numbers[0][1] == counted.total
    shown = [number for href, number in numbers if "series=" not in href]
    assert shown[-len(counted.groups) :] == [group.count for group in reversed(counted.groups)]


# How many of what; not a name ("v7r0 release"), nor how a release is dated or polled.
_COUNTED = re.compile(
    r"(?<![\w.-])\d[\d,]* (?:\S+ ){0,2}(?:releases?|pre-releases?|tags?|repositor(?:y|ies))\b|: \d+[,)]"
)


@pytest.mark.parametrize("page", [*PAGES, "/?period=1m", "/timeline?period=1m", f"{PAGE}?period=2020&kind=all"])
def test_no_number_is_without_its_list(client: Client, page: str) -> None:
    found = read(client.get(page).text)
    assert [line for line in found.unlinked if _COUNTED.search(line)] == []
    # Commits, which may be all digits, are longer.
    assert [line for line in found.unlinked if re.fullmatch(r"[\d,]{1,9}", line.strip())] == []


@pytest.mark.parametrize("asked", [DIRAC.key, "DIRAC", "DIRACGrid/DIRAC"])
def test_the_form_of_the_timeline_asks_for_the_repository_that_is_shown(asked: str) -> None:
    other = replace(DIRAC, path="DIRACGrid/Pilot", name="Pilot")
    with store_in_memory() as store:
        write_history(store, DIRAC)
        client = a_client(store, [DIRAC, other])
        page = client.get("/timeline", query_string={"repository": asked}).text
        again = client.get("/timeline", query_string={"repository": [asked, "Pilot"]}).text
    assert re.findall(r'<option value="([^"]*)" selected>', page) == [asked]
    assert re.findall(r'<input type="hidden" name="repository" value="([^"]*)">', again) == [asked, "Pilot"]


def test_of_a_series_that_has_ended_nothing_is_drawn_after_its_end(client: Client) -> None:
    numbers = [number for _, number in read(client.get(f"{PAGE}/-/v6r20?by=year").text).numbers()]
    assert 0 not in numbers


def assert_numbers_have_their_lists(client: Client, page: str, most: int = 1000) -> int:
    """Follow the link of each number, and count what it leads to."""
    found = dict(read(client.get(page).text).numbers())
    links = list(found.items())
    for href, number in links[:: max(1, len(links) // most)]:
        path, mark, parameters = urljoin(page, href).partition("?")
        made = client.get(f"{path}.json{mark}{parameters}")
        assert made.json is not None, href
        assert made.json["made"]["count"] == number, href
    return len(found)


@pytest.mark.parametrize("page", ["/?period=1m", PAGE, f"{PAGE}/-/v7r1?by=month", "/certification", "/timeline"])
def test_every_number_leads_to_its_list(client: Client, page: str) -> None:
    assert assert_numbers_have_their_lists(client, page, most=12) > 0


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_numbers_lead_to_their_lists_whatever_happened(seed: int) -> None:
    with store_in_memory() as store:
        world = World(store, random.Random(seed))
        for _ in world.live(6):
            pass
        client = a_client(store, world.repositories, AsOf.at(world.now, PARIS))
        for page in (
            "/?period=1y",
            "/timeline?period=2y",
            *(f"/r/{each.key}?by=quarter" for each in world.repositories),
        ):
            answer = client.get(page)
            assert answer.status_code == 200
            assert faults(answer.text) == []
            assert [line for line in read(answer.text).unlinked if _COUNTED.search(line)] == []
            assert_numbers_have_their_lists(client, page, most=6)


def test_the_same_results_are_offered_as_json(client: Client, context: QueryContext) -> None:
    given = client.get(f"{PAGE}.json?period=1y").json
    assert given is not None
    year = Filters((DIRAC.key,), span=read_span("1y", NOW))
    assert given["count"]["total"] == Count(year).run(context).total
    assert given["latest"] == Latest(Filters((DIRAC.key,))).run(context).data()
    board = client.get("/certification.json").json
    assert board is not None
    assert board["certification"] == CertificationStatus(with_closed=True).run(context).data()


def test_a_page_can_be_seen_as_of_any_moment(client: Client, context: QueryContext) -> None:
    then = client.get(f"{PAGE}.json?as_of=2020-06-01&period=1m").json
    assert then is not None
    assert then["count"]["as_of"].startswith("2020-06-02T00:00")
    assert "as_of=2020-06-01" in client.get(f"{PAGE}?as_of=2020-06-01").text
    del context


def test_a_series_has_one_colour_everywhere(client: Client) -> None:
    def colours(page: str) -> dict[str, str]:
        tags = read(client.get(page).text).tags
        at = [number for number, (tag, _) in enumerate(tags) if tag == "g"]
        hrefs = [next(given["href"] for tag, given in tags[number:] if tag == "a") for number in at]
        return {
            href.rpartition("/")[2].partition("p")[0]: tags[number][1]["class"]
            for number, href in zip(at, hrefs, strict=True)
        }

    on_page, on_timeline = colours(PAGE), colours("/timeline")
    assert on_page.items() >= on_timeline.items()
    assert len(set(on_page.values())) > 3


def test_a_release_tells_every_date_and_which_one_counts(client: Client) -> None:
    page = client.get(f"{PAGE}/-/release/v7r2-pre31").text
    assert "v7.2a31" in page
    assert "date of the commit" in page
    assert "<strong>counts</strong>" in page
    assert "there before the first poll" in page
    assert "v7r2-pre30" in page
    assert "v7r2-pre32" in page


def test_what_is_named_and_not_there_is_not_found(client: Client) -> None:
    for page in (f"{PAGE}/-/v9r9", f"{PAGE}/-/release/v9r9", "/certification/v9r9", "/r/github:no/no/-/v7r1"):
        assert client.get(page).status_code == 404


def test_the_board_tells_steps_slips_and_what_comes(client: Client) -> None:
    page = client.get("/certification").text
    assert "Next: Final certification, 4 Mar 2021 (in 10 days)" in page
    assert "planned for 25 Feb 2021" in page


def test_search_answers_and_names(client: Client) -> None:
    assert "23 patch releases" in client.get("/search?q=how+many+v7r1+patches+in+2020").text
    assert "Sorry" in client.get("/search?q=what+about+the+weather").text
    assert "only maintainers" in client.get("/search?q=undo").text
    assert f'href="{PAGE[1:]}/-/release/v7r1p29"' in client.get("/search?q=v7r1p29").text
    assert "v7r1p29" in client.get("/search?q=7r1p29").text


_OF_AN_EVENT = {
    "UID",
    "DTSTAMP",
    "SEQUENCE",
    "DTSTART",
    "SUMMARY",
    "DESCRIPTION",
    "CATEGORIES",
    "STATUS",
    "TRANSP",
    "URL",
}


def assert_formats_hold(client: Client, page: str) -> None:
    """Read a page back in each format that it has, with a reader of that format."""
    sheet = client.get(f"{page}.csv").text
    for row in csv.reader(StringIO(sheet)):
        assert not any(cell.startswith(("=", "+", "-", "@")) or not cell.isprintable() for cell in row), page
    assert json.loads(client.get(f"{page}.json").data)
    feed, calendar = client.get(f"{page}.atom"), client.get(f"{page}.ics")
    if feed.status_code == 200:
        found = feedparser.parse(feed.data)
        assert (found.bozo, len(found.entries), {each.title[:4] for each in found.entries} & {""}) == (False, 1, set())
        assert all(link.href.startswith("http://localhost/r/") for each in found.entries for link in each.links)
    if calendar.status_code == 200:
        events = list(Calendar.from_ical(calendar.data).walk("VEVENT"))
        assert (len(events), {"stolen"} & {str(each["UID"]) for each in events}) == (2, set())
        assert {name for each in events for name in each} <= _OF_AN_EVENT


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_no_name_escapes(hostile: str) -> None:
    repository = replace(a_repository("lab/A"), name=hostile, aliases=(hostile,))
    milestone = Milestone(HACKATHON, hostile, date(2021, 3, 4), note=hostile, url=None)
    plan = Plan(repository.key, "v7r1", (hostile,), (milestone,), configured_at=MONDAY - days(9))
    notes = f"# {hostile}\n[a](javascript:alert(1)) ![b](https://evil.example/i.png)\n<b onclick=x>{hostile}</b>"
    with store_in_memory() as store:
        write_tags(store, repository, [a_tag("v7r1p1", MONDAY), a_tag(hostile.replace("\x00", ""), MONDAY)])
        store.notes.write(
            NotesRecord(repository.key, "7.1.1").found(NotesSource.RELEASE, "release", notes.replace("\0", ""), MONDAY)
        )
        client = a_client(store, [repository], read_plans=lambda: [plan])
        own = "/r/github:lab/A"
        for page in ("/", "/timeline", own, f"{own}/-/v7r1", f"{own}/-/release/v7r1p1", f"{own}/-/unclassified"):
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert faults(answer.text) == [], page
            if page != "/":
                assert_formats_hold(client, page)
        assert_formats_hold(client, "/certification")
        for page in ("/certification", "/status", f"{own}/-/tags"):
            assert faults(client.get(page).text) == []
        for name in ("q", "period", "as_of", "series", "repository", "page", "kind"):
            answer = client.get("/search", query_string={name: hostile})
            assert answer.status_code in {200, 400}
            assert faults(answer.text) == []
        assert faults(client.get(f"/r/{hostile}").text) == []


def test_all_kinds_are_shown_where_one_is_asked_for(client: Client, context: QueryContext) -> None:
    shown = client.get(f"{PAGE}.json?kind=pre-release&period=1y").json
    asked = Filters((DIRAC.key,), kinds=(KindWord.PRE_RELEASE,), span=read_span("1y", NOW))
    assert shown is not None
    assert shown["count"]["total"] == Count(asked).run(context).total
