"""Socket Mode over the web socket of the tests' Slack, and over sockets that misbehave."""

import logging
import socket
import struct
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from hashlib import sha1
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from websocket import WebSocketException

from bot.demo.recorded.server import Response
from bot.network.websocket import BoundedWebSocket, WebSocketLost
from bot.store.store import Store
from tests.chats.slack.fake import payloads
from tests.chats.slack.fake.envelopes import EVENT, Envelope
from tests.chats.slack.fake_slack import APP_TOKEN, TOKEN, Failure, FakeSlack
from tests.chats.slack.hosts import listening
from tests.network.servers import ATTACKS, Manner, Received, answering, serving

BURST = 1_000


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        yield store


def event(number: int) -> Envelope:
    """Something that Slack tells and nobody answers."""
    inner = {"type": "reaction_added", "user": "U0ASK3R", "event_ts": "1.0"}
    return Envelope(f"burst-{number}", EVENT, payloads.event(inner, number))


def are_acknowledged(sent: list[Envelope]) -> bool:
    return all(each.acknowledged for each in sent)


def test_bursts_of_events_arrive_whole(slack: FakeSlack, store: Store) -> None:
    with listening(slack, store):
        slack.link.wait()
        for burst in range(2):
            sent = [event(burst * BURST + number) for number in range(BURST)]
            for each in sent:
                slack.link.send(each)
            assert slack.workspace.wait(partial(are_acknowledged, sent), 60)
    assert slack.link.accepted == 1
    assert slack.link.strays == []


def test_events_that_come_while_the_connection_is_replaced_arrive(slack: FakeSlack, store: Store) -> None:
    with listening(slack, store):
        slack.link.wait()
        slack.link.disconnect()
        sent = [event(number) for number in range(100)]
        for each in sent:
            slack.link.send(each)
        slack.link.wait(2)
        # What was under way when the old connection closed is delivered again over the next.
        slack.link.drop()
        slack.link.wait(3)
        assert slack.workspace.wait(partial(are_acknowledged, sent), 20)


@pytest.mark.parametrize("manner", ATTACKS.values(), ids=ATTACKS)
def test_a_handshake_ends_in_time_whatever_the_server_does(manner: Manner) -> None:
    with answering(manner) as server:
        begun = monotonic()
        with pytest.raises((OSError, WebSocketException)):
            BoundedWebSocket.open(server.url.replace("http", "ws"), ping=1, timeout=0.3)
        assert monotonic() - begun < 2


def test_a_handshake_is_not_led_elsewhere() -> None:
    with answering(Manner()) as other:
        location = f"location: {other.url.replace('http', 'ws')}/link\r\n".encode()
        with (
            answering(Manner(b"HTTP/1.1 302 Found\r\n" + location + b"\r\n")) as server,
            pytest.raises(WebSocketException),
        ):
            BoundedWebSocket.open(server.url.replace("http", "ws"), ping=1)
        assert other.data == b""


@contextmanager
def speaking(again: bytes, every: float, first: bytes = b"") -> Iterator[str]:
    """Shake hands, then send what is no message, again and again; pings are not answered."""

    def talk(connection: socket.socket, done: Event, _received: Received) -> None:
        asked = connection.recv(65_536).decode()
        key = next(line.split(": ")[1] for line in asked.splitlines() if line.lower().startswith("sec-websocket-key"))
        accept = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        head = f"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        connection.sendall(head.encode() + first)
        while not done.wait(every):
            connection.sendall(again)

    with serving(talk) as server:
        yield server.url.replace("http", "ws")


# Frames by RFC 6455, 5.2: fin and opcode, length, payload.
LONG_TEXT = b"\x81\x7e" + struct.pack("!H", 60_000)
PIECE, MORE = (bytes([opcode]) + b"\x7e" + struct.pack("!H", 60_000) + b"x" * 60_000 for opcode in (0x01, 0x00))


@pytest.mark.parametrize(
    ("first", "again", "every"),
    [(b"", b"", 0.02), (LONG_TEXT, b"x", 0.02), (PIECE, MORE, 0), (PIECE, MORE + b"\x89\x00", 0)],
    ids=["silent", "a message that drips", "a message without end", "a message without end, with pings between"],
)
def test_a_connection_that_brings_nothing_is_given_up(first: bytes, again: bytes, every: float) -> None:
    with speaking(again, every, first) as url, closing(BoundedWebSocket.open(url, ping=0.05)) as connection:
        begun = monotonic()
        with pytest.raises(WebSocketLost):
            next(connection.messages())
        assert monotonic() - begun < 5


def test_a_connection_that_died_without_a_word_is_made_anew(slack: FakeSlack, store: Store) -> None:
    with speaking(b"", 0.02) as url:
        dead = Response.json(200, {"ok": True, "url": url})
        slack.fail_next(Failure(dead, path="/apps.connections.open"))
        # A busy machine must not seem silent for six pings: the live connection would be given up too.
        with listening(slack, store, ping=0.5):
            slack.link.wait()
            assert slack.mention("help").answers()


def test_neither_tokens_nor_addresses_are_logged(
    slack: FakeSlack, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refusing = Manner(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")
    with answering(refusing) as server, listening(slack, store):
        address = f"{server.url.replace('http', 'ws')}/link?ticket=s3cret"
        slack.fail_next(Failure(Response.json(200, {"ok": True, "url": address}), path="/apps.connections.open"))
        slack.link.wait()
        slack.link.drop()
        slack.link.wait(2)
    assert "chat is not connected (WebSocketBadStatusException)" in caplog.text
    assert "chat is connected" in caplog.text
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("websockets"))
    for secret in (APP_TOKEN, TOKEN, "ticket"):
        assert secret not in ours
