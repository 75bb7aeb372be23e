"""What every answer of the site has in common."""

from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from tests.builders import a_repository
from tests.histories import write_history
from tests.memory import store_in_memory
from tests.web.sites import a_client

DIRAC = a_repository()
PAGE = "/r/github:DIRACGrid/DIRAC"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with store_in_memory() as store:
        write_history(store, DIRAC)
        yield a_client(store, [DIRAC])


def test_a_page_has_strict_headers(client: Client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_reading_is_allowed(client: Client, method: str) -> None:
    answer = client.open(PAGE, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_head_is_get_without_a_body(client: Client) -> None:
    head, get = client.head(PAGE), client.get(PAGE)
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


@pytest.mark.parametrize("path", ["/no", "/r/github:DIRACGrid/no", "/r/", "/static/no", "/r/github:DIRACGrid/DIRAC.no"])
def test_what_is_not_there_is_a_page_that_says_so(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<h1>Not there</h1>" in answer.text


@pytest.mark.parametrize("query", ["period=soon", "as_of=x", "kind=big", "since=2021-13-01", f"q={'x' * 2000}"])
def test_a_wrong_parameter_is_told_in_one_line(client: Client, query: str) -> None:
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    told = client.get(f"{PAGE}.json?{query}")
    assert told.status_code == 400
    assert told.json is not None
    assert "\n" not in told.json["error"]


def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    tag = client.get(PAGE).headers["ETag"]
    again = client.get(PAGE, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{PAGE}?period=1y", headers={"If-None-Match": tag}).status_code == 200


def test_a_page_is_packed_for_those_who_unpack(client: Client) -> None:
    answer = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
