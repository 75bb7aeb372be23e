"""The numbers on the pages are those that the commands print for the same parameters."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from werkzeug.test import Client

from bot.app import open_app
from bot.worker.pages import mounts_of_pages
from tests.cli.conftest import Product
from tests.web.reading import read

PAGE = "/r/github:DIRACGrid/DIRAC"
AS_OF = "as_of=2021-02-22"
PAGES = (f"/?{AS_OF}&period=1m", f"/timeline?{AS_OF}", f"{PAGE}?{AS_OF}&by=quarter", f"{PAGE}/-/v7r1?{AS_OF}&by=year")
_OPTIONS = {"series": "--series", "kind": "--kind", "since": "--since", "until": "--until", "period": "--period"}


@pytest.fixture
def client(polled: Product) -> Iterator[Client]:
    polled.configure(f'{polled.config.read_text()}[web]\naddress = "127.0.0.1:0"\n')
    app = open_app(str(polled.config))
    with app.reading() as store:
        [mount] = mounts_of_pages(app.as_known(store), store, {})
        assert mount.otherwise is not None
        yield Client(mount.otherwise)


def counted(polled: Product, href: str) -> int:
    """Return what ``release-bot count`` prints for the parameters of a link."""
    asked = parse_qs(urlsplit(href).query)
    options = [part for name, option in _OPTIONS.items() for value in asked.get(name, ()) for part in (option, value)]
    said = polled("count", *asked.get("repository", ()), *options, "--as-of", asked["as_of"][0], "--format", "json")
    assert said.code == 0, (href, said.err)
    total: int = said.json["total"]
    return total


@pytest.mark.parametrize("page", PAGES)
def test_each_number_is_that_of_the_command(polled: Product, client: Client, page: str) -> None:
    found = {urljoin(page, href): number for href, number in read(client.get(page).text).numbers()}
    # The command takes one series.
    asked = [href for href in found if href.count("series=") < 2]
    some = asked[:: max(1, len(asked) // 12)]
    assert len(some) > 2
    assert {href: counted(polled, href) for href in some} == {href: found[href] for href in some}


@pytest.mark.parametrize(
    ("page", "key", "command"),
    [
        (f"/timeline.json?{AS_OF}&period=1m&kind=final", "count", ["count", "--kind", "final", "--period", "1m"]),
        (f"/how.json?{AS_OF}&series=v7r0&period=2020", "releases", ["count", "--series", "v7r0", "--period", "2020"]),
        (f"{PAGE}.json?{AS_OF}", "latest", ["latest", "DIRAC"]),
    ],
)
def test_the_data_of_a_page_is_that_of_the_command(
    polled: Product, client: Client, page: str, key: str, command: list[str]
) -> None:
    shown = client.get(page).get_json()[key]
    printed = polled(*command, "--as-of", "2021-02-22", "--format", "json").json
    same = [name for name in printed if name not in {"releases", "notes"}] if isinstance(printed, dict) else []
    assert ({name: shown[name] for name in same} or shown) == ({name: printed[name] for name in same} or printed)


def test_the_tags_of_a_page_are_those_of_the_command(polled: Product, client: Client) -> None:
    assert client.get(f"{PAGE}/-/tags.json").get_json()["tags"] == polled("tags", "DIRAC", "--format", "json").json
    shown = read(client.get(f"{PAGE}/-/tags?page=9").text)
    assert "v7r1p29" in {link.text for link in shown.links}
