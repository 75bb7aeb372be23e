"""The bounded connection: whatever a server does, an exchange ends in time, and has a largest size."""

import gzip
import socket
from pathlib import Path
from time import monotonic

import pytest
import requests

from bot.network.exchange import DeadlinePassed, Exchange, Limits, connected, ending_by
from bot.network.http import BoundedAdapter, reading_at_most
from tests.network.servers import ATTACKS, OK, Authority, Manner, answering, authority

LIMITS = Limits(total=0.4, pause=0.2, largest_head=20_000, largest_body=300_000)
# For exchanges that succeed, on a busy machine too.
PATIENT = Limits(total=30, pause=30, largest_head=20_000, largest_body=300_000)
SLACK = 0.6
ANSWER = OK + b"content-length: 2\r\n\r\n{}"


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def get(url: str, limits: Limits = LIMITS, ca_file: Path | None = None) -> requests.Response:
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, BoundedAdapter(limits, ca_file))
        return session.get(url, headers={"Authorization": "Bearer t0ken"})


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("manner", ATTACKS.values(), ids=ATTACKS)
def test_an_exchange_ends_whatever_the_server_does(manner: Manner, own: Authority, is_tls: bool) -> None:  # noqa: FBT001
    with answering(manner, own.server if is_tls else None) as server:
        begun = monotonic()
        with pytest.raises((requests.Timeout, requests.exceptions.ContentDecodingError)):
            get(server.url, ca_file=own.file)
        assert monotonic() - begun < LIMITS.total + SLACK


def test_a_small_body_that_unpacks_to_a_large_one_is_not_read() -> None:
    body = gzip.compress(b" " * 50_000_000)
    head = OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(body)
    with answering(Manner(head + body)) as server, pytest.raises(requests.exceptions.ContentDecodingError):
        get(server.url)


def test_a_server_that_takes_the_connection_and_shakes_no_hands_is_left(own: Authority) -> None:
    with answering(Manner()) as server:
        begun = monotonic()
        with pytest.raises((requests.Timeout, requests.ConnectionError)):
            get(server.url.replace("http:", "https:"), ca_file=own.file)
        assert monotonic() - begun < LIMITS.total + SLACK


def test_a_certificate_is_trusted_by_its_authoritys_file_alone(own: Authority) -> None:
    with answering(Manner(ANSWER), own.server) as server:
        assert get(server.url, PATIENT, own.file).json() == {}
        with pytest.raises(requests.exceptions.SSLError):
            get(server.url)
        assert server.data.count(b"t0ken") == 1


def test_nothing_is_sent_after_the_deadline_and_nothing_outlasts_it() -> None:
    with answering(Manner()) as server:
        with ending_by(monotonic() - 1), pytest.raises(requests.Timeout):
            get(server.url)
        begun = monotonic()
        with ending_by(monotonic() + 0.1), pytest.raises(requests.Timeout):
            get(server.url, Limits(total=9, pause=9))
        assert monotonic() - begun < 0.1 + SLACK
        assert server.data.count(b"t0ken") == 1


def test_it_is_known_whether_the_request_went_out() -> None:
    with answering(Manner()) as server:
        for deadline, is_sent in ((monotonic() - 1, False), (monotonic() + 0.1, True)):
            with ending_by(deadline):
                exchange = Exchange(LIMITS)
            with exchange.active(), pytest.raises(requests.Timeout):
                get(server.url)
            assert exchange.is_sent == is_sent


def test_nothing_is_sent_after_a_deadline_that_has_passed_since_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ending_by(monotonic() + 0.05):
        exchange = Exchange(LIMITS)
        with exchange.active(), connected(*server.getsockname()) as connection:
            assert 0 < connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 50
            while not exchange.is_over:
                pass
            with pytest.raises(DeadlinePassed):
                connection.sendall(b"POST / HTTP/1.1\r\n\r\n")
        peer, _ = server.accept()
        with peer:
            assert peer.recv(100) == b""


def test_a_connection_that_is_not_made_is_waited_for_by_its_own_limit() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, socket.socket() as first:
        # The one place to wait in is taken: the next one is not answered.
        first.connect(listener.getsockname())
        port = listener.getsockname()[1]
        begun = monotonic()
        with pytest.raises(requests.Timeout):
            get(f"http://127.0.0.1:{port}", Limits(total=9, pause=9, connecting=0.2))
        assert monotonic() - begun < 0.2 + SLACK


def test_a_body_that_is_longer_than_wanted_is_cut_and_the_next_request_is_answered() -> None:
    body = b"x" * 200_000
    manner = Manner(OK + b"content-length: %d\r\n\r\n" % len(body) + body)
    with answering(manner) as server:
        with reading_at_most(1_000):
            assert get(server.url, PATIENT).content == b"x" * 1_000
        assert len(get(server.url, PATIENT).content) == len(body)
