"""The web application: each path at the address that belongs to it, one server for each address."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pytest
import requests

from bot.domain.errors import UsageError
from bot.web.app import Mount, served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HERE, THERE = ("127.0.0.1", 0), ("localhost", 0)


def saying(text: str) -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [text.encode(), environ["wsgi.input"].read()]

    return answer


def metrics(address: tuple[str, int]) -> Mount:
    return Mount("monitoring", "monitoring.address", address, {"/metrics": saying("a"), "/health": saying("b")})


def chat(address: tuple[str, int]) -> Mount:
    return Mount("chat", "slack.http_address", address, {"/slack/events": saying("c")}, longest_body=10)


def answers(port: int) -> dict[str, str]:
    paths = ("/metrics", "/health", "/slack/events", "/")
    return {path: requests.get(f"http://127.0.0.1:{port}{path}", timeout=5).text for path in paths}


def test_parts_with_one_address_are_served_by_one_server(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with served([metrics(HERE), chat(HERE)]) as ports:
        port = ports["monitoring.address"]
        assert ports["slack.http_address"] == port
        unknown = "not found; paths: /metrics, /health, /slack/events\n"
        assert answers(port) == {"/metrics": "a", "/health": "b", "/slack/events": "c", "/": unknown}
    assert [record.getMessage() for record in caplog.records if record.name.startswith("bot.")] == [
        f"monitoring listens on port {port}, paths /metrics and /health",
        f"chat listens on port {port}, path /slack/events",
    ]


def test_parts_with_addresses_of_their_own_have_their_own_paths_there() -> None:
    with served([metrics(HERE), chat(THERE)]) as ports:
        first, second = ports["monitoring.address"], ports["slack.http_address"]
        none, other = "not found; paths: /metrics, /health\n", "not found; paths: /slack/events\n"
        assert answers(first) == {"/metrics": "a", "/health": "b", "/slack/events": none, "/": none}
        assert answers(second) == {"/metrics": other, "/health": other, "/slack/events": "c", "/": other}


def test_a_path_may_have_any_letters() -> None:
    with served([Mount("chat", "web.address", HERE, {"/chats/équipe/command": saying("d")})]) as ports:
        address = f"http://127.0.0.1:{ports['web.address']}/chats/"
        assert requests.get(f"{address}%C3%A9quipe/command", timeout=5).text == "d"
        assert requests.get(f"{address}%E9quipe/command", timeout=5).status_code == 404


def test_a_body_that_is_too_long_is_refused() -> None:
    with served([chat(HERE)]) as ports:
        url = f"http://127.0.0.1:{ports['slack.http_address']}/slack/events"
        assert requests.post(url, b"x" * 9, timeout=5).text == "c" + "x" * 9
        assert requests.post(url, b"x" * 1000, timeout=5).status_code == 413


def test_the_longest_body_is_that_of_the_path_not_that_of_its_neighbours() -> None:
    large = Mount("webhooks", "web.address", HERE, {"/hooks/github": saying("d")}, longest_body=10_000)
    with served([chat(HERE), large]) as ports:
        address = f"http://127.0.0.1:{ports['web.address']}"
        assert requests.post(f"{address}/hooks/github", b"x" * 1000, timeout=5).text == "d" + "x" * 1000
        refused = requests.post(f"{address}/slack/events", b"x" * 1000, timeout=5)
        assert (refused.status_code, refused.text) == (413, "the body is too long\n")


def test_where_one_address_cannot_be_had_nothing_is_served() -> None:
    with served([metrics(HERE)]) as ports:
        taken = ("127.0.0.1", ports["monitoring.address"])
        with (
            pytest.raises(UsageError, match=r"^slack\.http_address 127\.0\.0\.1:\d+: cannot listen \(Address"),
            served([metrics(HERE), chat(taken)]),
        ):
            pytest.fail("it was taken")


def test_nothing_is_served_where_nothing_is_mounted() -> None:
    with served([]) as ports:
        assert ports == {}
