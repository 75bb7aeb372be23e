"""The feeds of digests, with what each told."""

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from werkzeug.test import Client

from bot.domain.digests.delivery import DeliveryState, Frozen
from bot.render.digest_content import digest_content
from bot.store.store import Store
from bot.web import addresses
from tests.memory import store_in_memory
from tests.render.digests import DIRAC, dirac_digest
from tests.web.hostile import HOSTILE
from tests.web.sites import a_client

ATOM = "{http://www.w3.org/2005/Atom}"
CHANNEL = "slack:cern/#releases"


@pytest.fixture
def store() -> Iterator[Store]:
    with store_in_memory() as opened:
        yield opened


@pytest.fixture
def client(store: Store) -> Client:
    return a_client(store, [DIRAC])


def kept(store: Store, headline: str, state: DeliveryState = DeliveryState.SENT, channel: str = CHANNEL) -> None:
    """Keep a digest, whose delivery came to a state."""
    digest = replace(dirac_digest(), headline=headline)
    frozen = Frozen("{}", content=digest_content(digest))
    store.deliveries.add(digest, channel, frozen, state=state, again=True)


def read(client: Client, address: str) -> dict[str, ET.Element]:
    """Return the entries of a feed by their titles."""
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return {each.findtext(f"{ATOM}title") or "": each for each in ET.fromstring(answer.data).iter(f"{ATOM}entry")}


def test_a_feed_has_each_digest_that_was_told_with_its_text(store: Store, client: Client) -> None:
    for headline, state in (("one", DeliveryState.SENT), ("never", DeliveryState.DROPPED)):
        kept(store, headline, state)
    kept(store, "later", DeliveryState.PENDING)
    kept(store, "there", channel="#other")
    assert read(client, "/digests.atom").keys() == {"one", "there"}
    name = dirac_digest().name
    found = read(client, addresses.in_format(addresses.digests(name, CHANNEL), "atom"))
    assert found.keys() == {"one"}
    entry = found["one"]
    link = entry.find(f"{ATOM}link")
    assert link is not None
    page = client.get(str(link.get("href")).removeprefix("http://localhost"))
    assert "<h1>one</h1>" in page.text
    text = entry.findtext(f"{ATOM}content") or ""
    assert all(release.version in text for release in dirac_digest().news)
    assert (entry.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")


@pytest.mark.parametrize("path", ["/digests/weekly.atom", "/digests/weekly/no.atom", "/digests/a/b/c.atom"])
def test_what_was_never_made_has_no_feed(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_hostile_headlines_stay_texts(store: Store, client: Client) -> None:
    for text in HOSTILE:
        kept(store, text)
    assert len(read(client, "/digests.atom")) == len(HOSTILE)
