"""Serving: idle and slow clients keep nobody else from being answered."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
import requests

from bot.web.server import ClientLimits, HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEAD = b"POST /told HTTP/1.1\r\nHost: bot\r\nContent-Length: 5\r\n\r\n"
# Patient beyond the end of every test, so that only the numbers count.
PATIENT = ClientLimits(patience=600)
HASTY = ClientLimits(patience=0.3)


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    """Answer with the body that was sent."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read() or b"fine"]


@contextmanager
def serving(limits: ClientLimits, app: Any = echo) -> Iterator[int]:
    server = HttpServer(app, "here", ("127.0.0.1", 0), longest_body=100, limits=limits)
    server.start()
    try:
        yield server.port
    finally:
        server.close()


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))


def answer(port: int) -> str:
    return requests.get(f"http://127.0.0.1:{port}/", timeout=5).text


def answer_in_the_end(port: int) -> str:
    """Ask until the connection is not refused because the others are busy."""
    while True:
        with suppress(requests.ConnectionError):
            return answer(port)


def was_cut(client: socket.socket) -> bool:
    """Wait until the server ends the connection without a word."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def is_open(client: socket.socket) -> bool:
    """Whether a request on the connection is answered."""
    client.sendall(HEAD + b"hello")
    return is_answered(client)


def is_answered(client: socket.socket) -> bool:
    read = b""
    while not read.endswith(b"hello"):
        part = client.recv(4096)
        if not part:
            return False
        read += part
    return read.startswith(b"HTTP/1.1 200")


def test_idle_connections_make_room_for_others() -> None:
    with serving(PATIENT) as port, ExitStack() as idle:
        clients = [idle.enter_context(connected(port)) for _ in range(150)]
        assert answer(port) == "fine"
        assert was_cut(clients[0])
        assert is_open(clients[-1])


def test_a_connection_each_client_may_have_is_kept() -> None:
    limits = ClientLimits(patience=600, per_client=3, total=100)
    with serving(limits) as port, ExitStack() as idle:
        clients = [idle.enter_context(connected(port)) for _ in range(3)]
        assert all(is_open(client) for client in clients)


def test_one_client_costs_another_no_connection() -> None:
    limits = ClientLimits(patience=600, per_client=3, total=100)
    with serving(limits) as port, ExitStack() as idle:
        other = idle.enter_context(connected(port, "127.0.0.2"))
        many = [idle.enter_context(connected(port)) for _ in range(10)]
        assert all(was_cut(client) for client in many[:7])
        assert all(is_open(client) for client in [other, *many[7:]])


def test_of_too_many_connections_those_of_the_client_that_has_most_are_cut() -> None:
    limits = ClientLimits(patience=600, per_client=50, total=5)
    with serving(limits) as port, ExitStack() as idle:
        others = [idle.enter_context(connected(port, f"127.0.0.{number}")) for number in (2, 3)]
        many = [idle.enter_context(connected(port)) for _ in range(6)]
        assert all(was_cut(client) for client in many[:3])
        assert all(is_open(client) for client in [*others, *many[3:]])


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: b", HEAD + b"hel"], ids=["nothing", "head", "body"])
def test_a_client_that_says_no_more_is_cut_in_time(said: bytes) -> None:
    with serving(HASTY) as port, connected(port) as client:
        client.sendall(said)
        assert was_cut(client)


@contextmanager
def dripping(client: socket.socket, drop: bytes) -> Iterator[None]:
    """Send a drop every 20 ms for as long as the connection takes it."""
    done = Event()

    def drip() -> None:
        with suppress(OSError):
            while not done.wait(0.02):
                client.sendall(drop)

    dripper = Thread(target=drip)
    dripper.start()
    try:
        yield
    finally:
        done.set()
        dripper.join()


@pytest.mark.parametrize(
    ("said", "drop"),
    [
        (b"GET / HTTP/1.1\r\n", b"x: y\r\n"),
        (b"POST / HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 2),
        (b"", b"\r\n\r\n"),
    ],
    ids=["head", "body", "empty lines"],
)
def test_a_client_that_drips_is_cut_in_time(said: bytes, drop: bytes) -> None:
    with serving(HASTY) as port, connected(port) as client:
        client.sendall(said)
        with dripping(client, drop):
            assert was_cut(client)


def test_a_client_that_reads_no_answer_makes_room_too() -> None:
    size = 8_000_000

    def long(_environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [])
        return [b"x" * size]

    with serving(ClientLimits(patience=600, per_client=1), long) as port, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert len(client.recv(1)) == 1
        assert len(answer_in_the_end(port)) == size
        assert sum(map(len, iter(lambda: client.recv(65_536), b""))) < size


def test_a_slow_answer_is_waited_for() -> None:
    asked, go_on = Event(), Event()

    def slow(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        asked.set()
        go_on.wait(10)
        return echo(environ, start_response)

    with serving(HASTY, slow) as port, connected(port) as client, connected(port) as idle:
        client.sendall(HEAD + b"hello")
        asked.wait(10)
        assert was_cut(idle)
        go_on.set()
        assert is_answered(client)


def test_a_connection_is_used_again() -> None:
    with serving(PATIENT) as port, connected(port) as client:
        assert all(is_open(client) for _ in range(3))


def test_a_connection_that_is_not_used_again_is_cut_in_time() -> None:
    with serving(HASTY) as port, connected(port) as client:
        assert is_open(client)
        assert was_cut(client)


def test_closing_waits_for_no_idle_client() -> None:
    server = HttpServer(echo, "here", ("127.0.0.1", 0), longest_body=100, limits=PATIENT)
    server.start()
    with connected(server.port) as client:
        assert is_open(client)
        ended = Thread(target=server.close)
        ended.start()
        ended.join(4)
        assert not ended.is_alive()
        assert was_cut(client)


def closed_by(server: HttpServer, threads: int) -> list[BaseException]:
    """Close a server in several threads at once, and return what they raised."""
    start, raised = Barrier(threads), list[BaseException]()

    def close() -> None:
        start.wait()
        try:
            server.close()
        except OSError as error:
            raised.append(error)

    closing = [Thread(target=close) for _ in range(threads)]
    for thread in closing:
        thread.start()
    for thread in closing:
        thread.join(10)
    return raised


def test_whoever_closes_late_disturbs_nobody() -> None:
    for _ in range(20):
        server = HttpServer(echo, "here", ("127.0.0.1", 0), longest_body=100, limits=PATIENT)
        server.start()
        assert closed_by(server, threads=4) == []
        assert closed_by(server, threads=1) == []


def test_an_answer_that_outlives_the_server_wakes_nobody() -> None:
    server = HttpServer(echo, "here", ("127.0.0.1", 0), longest_body=100, limits=PATIENT)
    server.start()
    server.close()
    server.pull_trigger()
