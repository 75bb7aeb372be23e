import socket
import struct
from http.client import HTTPConnection

import pytest
import requests

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.server import Drip, Drop, LoopbackServer, Request, Response, Truncate
from tests.demo.recorded.support import Client


class PlainServer(LoopbackServer):
    def answer(self, request: Request) -> Response:
        return Response.json(200, {"path": request.path})


TAGS = "/repos/lab/tool/git/matching-refs/tags/"


def test_requests_are_logged_as_they_came(client: Client, github: RecordedGitHub) -> None:
    client.get("/repos/lab%2Ftool/tags?page=2&per_page=1")
    asked = github.requests[-1]
    assert (asked.method, asked.path) == ("GET", "/repos/lab%2Ftool/tags")
    assert asked.query == {"page": "2", "per_page": "1"}
    assert asked.headers["authorization"] == "Bearer made-up-token"


def test_one_connection_serves_many_requests(github: RecordedGitHub) -> None:
    connection = HTTPConnection("127.0.0.1", int(github.url.rpartition(":")[2]), timeout=5)
    connection.connect()
    held = connection.sock
    for _ in range(3):
        connection.request("GET", TAGS)
        assert connection.getresponse().read()
    assert connection.sock is held
    connection.close()


def test_a_head_request_is_answered_without_a_body(client: Client) -> None:
    answer = client.session.head(client.base + TAGS, timeout=5)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


def test_an_intercepted_answer_is_sent_in_place_of_the_real_one(client: Client, github: RecordedGitHub) -> None:
    github.interceptor = lambda request: Response.text(502, "<html>") if "refs" in request.path else None
    assert client.get(TAGS).status_code == 502
    assert client.get("/repos/lab/tool/tags").status_code == 200


def test_a_dropped_request_takes_no_effect(client: Client, github: RecordedGitHub) -> None:
    github.interceptor = lambda _request: Drop()
    with pytest.raises(requests.ConnectionError):
        client.get(TAGS)
    github.interceptor = None
    assert client.get("/rate_limit").json()["rate"]["used"] == 0


def test_a_request_dropped_after_its_effect_has_been_answered_within(client: Client, github: RecordedGitHub) -> None:
    github.interceptor = lambda _request: Drop(after=True)
    with pytest.raises(requests.ConnectionError):
        client.get(TAGS)
    github.interceptor = None
    assert client.get("/rate_limit").json()["rate"]["used"] == 1


def test_a_truncated_body_ends_before_its_announced_length(client: Client, github: RecordedGitHub) -> None:
    github.interceptor = lambda _request: Truncate(keep=10)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get(TAGS)


def test_a_dripping_body_arrives_whole_in_pieces(client: Client, github: RecordedGitHub) -> None:
    whole = client.get("/repos/lab/tool/git/ref/tags/v1").json()
    pieces: list[Request] = []

    def drip(request: Request) -> Drip:
        pieces.append(request)
        return Drip(pause=0.001, size=100)

    github.interceptor = drip
    answer = client.get("/repos/lab/tool/git/ref/tags/v1")
    assert pieces
    assert answer.json() == whole
    assert answer.elapsed.total_seconds() < 5


def test_latency_is_slept_before_an_answer() -> None:
    with PlainServer(latency=0.03) as server:
        assert requests.get(server.url, timeout=5).elapsed.total_seconds() >= 0.03


def test_a_closed_server_ends_its_connections() -> None:
    with PlainServer() as server:
        connection = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(8) == b"HTTP/1.1"
    while connection.recv(4096):
        pass
    connection.close()


def test_a_client_that_goes_away_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainServer() as server:
        connection = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4096)
        connection.close()
        while server._server._open:
            pass
    assert capsys.readouterr().err == ""


def test_a_defect_in_an_interceptor_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(request: Request) -> Response:
        raise ZeroDivisionError(request.path)

    with PlainServer() as server:
        server.interceptor = broken
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url, timeout=5)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_is_no_http_is_refused() -> None:
    with PlainServer() as server:
        connection = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5)
        connection.sendall(b"one two three four\r\n\r\n")
        assert b"400" in connection.recv(4096)
        connection.close()
        assert server.requests == []
