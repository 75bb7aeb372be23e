"""Socket Mode as Slack documents it: hello, envelopes, acknowledgements, and connections that come and go.

https://docs.slack.dev/apis/events-api/using-socket-mode/ says what is sent. It does not say
when an event that nobody acknowledged is sent again: here, when the connection that it went over
has ended and there is a next one, and on demand.
"""

import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from tests.chats.slack.fake.envelopes import COMMAND, EVENT, Acknowledgement, Envelope
from tests.chats.slack.fake.workspace import APP, Workspace

_HOST = "applink-1"


@dataclass
class Link:
    """The web socket server. While ``refusing``, it opens no connection: 503 instead.

    ``accepted`` counts the connections that were ever opened, ``strays`` holds what came and was no
    acknowledgement of something sent. ``on_response`` is told of what a command was acknowledged with.
    """

    workspace: Workspace
    on_response: Callable[[Envelope, dict[str, Any]], None]
    refusing: bool = False
    accepted: int = 0
    strays: list[str] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _open: list[ServerConnection] = field(default_factory=list)
    _leaving: list[ServerConnection] = field(default_factory=list)
    _envelopes: dict[str, Envelope] = field(default_factory=dict)
    _waiting: list[Envelope] = field(default_factory=list)
    _server: Server | None = None
    _thread: Thread | None = None

    def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._server = serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._admit,
            compression=None,
            ping_interval=None,
            close_timeout=1,
        )
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and listen no more."""
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._thread.join()

    def url(self) -> str:
        """Return an address that one connection may be opened at."""
        assert self._server is not None
        ticket = f"ticket-{self.workspace.number()}"
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link?ticket={ticket}"

    def wait(self, accepted: int = 1, seconds: float = 20) -> None:
        """Wait until so many connections were ever opened and the last of them is open."""
        assert self.workspace.wait(lambda: self.accepted >= accepted and bool(self._open), seconds), (
            f"{self.accepted} connections opened in {seconds} s instead of {accepted}"
        )

    def send(self, envelope: Envelope) -> None:
        """Send over the newest connection; an event waits for one, anything else is an error for who did it."""
        with self.workspace.changed:
            self._envelopes[envelope.id] = envelope
            if not self._sent(envelope):
                if envelope.kind != EVENT:
                    raise ConnectionError("dispatch_failed: the app is not connected")
                self._waiting.append(envelope)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask for a new connection; the old one is closed once there is a new one, on a ``warning`` it stays."""
        with self.workspace.changed:
            connection = self._open[-1]
            if reason != "warning":
                self._leaving.append(connection)
        connection.send(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}))

    def drop(self, *, reset: bool = False) -> None:
        """Break off every connection without a word, as a peer that ends, or with a reset as one that is gone.

        slack-sdk makes a reset connection anew at its next ping; an ended one may take it six pings.
        """
        with self.workspace.changed:
            connections = list(self._open)
            self._open.clear()
        for connection in connections:
            if reset:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # Before the connection's own thread ends it more politely.
                connection.socket.close()
            connection.close_socket()

    def _sent(self, envelope: Envelope) -> bool:
        for connection in reversed(self._open):
            envelope.connection, envelope.sent = connection, monotonic()
            try:
                connection.send(envelope.written())
            except ConnectionClosed:
                continue
            return True
        return False

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse whoever has no ticket, or used it; which status Slack gives is not documented."""
        address = urlsplit(request.path)
        ticket = parse_qs(address.query).get("ticket", [""])[0]
        if self.refusing:
            return connection.respond(503, "")
        if address.path != "/link" or ticket not in self._tickets:
            return connection.respond(403, "")
        self._tickets.discard(ticket)
        return None

    def _serve(self, connection: ServerConnection) -> None:
        self._welcome(connection)
        try:
            for written in connection:
                self._take(written)
        except ConnectionClosed:
            pass
        finally:
            self._forget(connection)

    def _welcome(self, connection: ServerConnection) -> None:
        with self.workspace.changed:
            connection.send(json.dumps(_hello(len(self._open) + 1)))
            self._open.append(connection)
            self.accepted += 1
            waiting, self._waiting = self._waiting, []
            leaving, self._leaving = self._leaving, []
            self.workspace.changed.notify_all()
            for envelope in waiting:
                self.send(envelope)
        for old in leaving:
            # It waits for the other side, which may wait for what this connection brings.
            Thread(target=old.close).start()

    def _take(self, written: str | bytes) -> None:
        """Take an acknowledgement; what is none, or the second of one envelope, is a stray."""
        told = _object(written)
        with self.workspace.changed:
            envelope = self._envelopes.get(str(told.get("envelope_id")))
            if envelope is None or envelope.acknowledged:
                self.strays.append(str(written))
            else:
                payload = told.get("payload")
                envelope.acknowledged = Acknowledgement(payload, monotonic() - envelope.sent)
                if envelope.kind == COMMAND and payload:
                    self.on_response(envelope, payload)
            self.workspace.changed.notify_all()

    def _forget(self, connection: ServerConnection) -> None:
        """Forget a connection that ended; what it was not acknowledged of waits for the next."""
        with self.workspace.changed:
            self._open = [each for each in self._open if each is not connection]
            for envelope in self._envelopes.values():
                if envelope.connection is connection and envelope.kind == EVENT and not envelope.acknowledged:
                    envelope.connection = None
                    envelope.attempt += 1
                    self._waiting.append(envelope)
            self.workspace.changed.notify_all()


def _object(written: str | bytes) -> dict[str, Any]:
    try:
        told = json.loads(written)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _hello(connections: int) -> dict[str, Any]:
    return {
        "type": "hello",
        "num_connections": connections,
        "connection_info": {"app_id": APP},
        "debug_info": {
            "host": _HOST,
            "started": "2021-02-22 09:00:00.000",
            "build_number": 54,
            "approximate_connection_time": 3600,
        },
    }
