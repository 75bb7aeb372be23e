"""Web sockets by websocket-client, over bounded connections: one that has died without a word is noticed."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import unquote, urlsplit

import websocket
from requests.utils import get_environ_proxies, select_proxy
from urllib3.util import make_headers, wait_for_read

from bot.network.certificates import tls_context
from bot.network.exchange import Exchange, Limits, TooLarge
from bot.network.http import BoundedConnection, BoundedTlsConnection

# Seconds in which a connection has to be made, and in which a message has to go out.
_CONNECTING, _SENDING = 20.0, 10.0
# Far above what a chat says at once.
_LARGEST = 4_000_000
# A connection is pinged every so many seconds, and given up after as many without a word.
_SILENCE = 6
# How long a read may hold up what is to be sent, in seconds.
_STEP = 0.25


class WebSocketLost(OSError):
    """The connection is gone, or as good as gone."""


class BoundedWebSocket:
    """One web socket: one thread reads its ``messages``, any thread sends.

    ``ping`` is how often it is looked after, in seconds.
    """

    def __init__(self, connection: websocket.WebSocket, ping: float) -> None:
        self._connection = connection
        self._ping = ping
        # TLS is not to be read and written at the same time (OpenSSL, SSL_read).
        self._guard = Lock()
        self._unfinished = 0
        self._ends: float | None = None
        self._is_stopped = False
        # Nothing that is sent after the answer to a close is heard.
        self._is_closed = False

    @classmethod
    def open(
        cls, url: str, *, ping: float, ca_file: Path | None = None, timeout: float = _CONNECTING
    ) -> "BoundedWebSocket":
        """Connect to that address, without redirects. Raises OSError and the errors of websocket-client."""
        with Exchange(Limits(timeout, timeout)).active():
            connection = websocket.WebSocket()
            connection.connect(url, socket=_stream(url, ca_file), redirect_limit=0)  # type: ignore[no-untyped-call]
        return cls(connection, ping)

    def messages(self) -> Iterator[str]:
        """Return the messages as they come, until it is closed or stopped. Raises WebSocketLost."""
        heard = pinged = monotonic()
        while not self._is_over():
            if monotonic() - pinged >= self._ping:
                self._send_ping()
                pinged = monotonic()
            read = self._read() if self._is_readable() else None
            if read is None and monotonic() - heard > _SILENCE * self._ping:
                raise WebSocketLost("no message and no pong from the server")
            if read is None:
                continue
            heard = monotonic()
            if read[0] == websocket.ABNF.OPCODE_CLOSE:
                return
            if read[0] == websocket.ABNF.OPCODE_TEXT:
                yield read[1].decode()

    def send(self, text: str) -> None:
        """Send a message. Raises OSError and websocket-client's errors."""
        with self._guard, Exchange(Limits(_SENDING, _SENDING)).active():
            if self._is_closed:
                raise WebSocketLost("the connection was closed")
            self._connection.send(text)

    def stop(self) -> None:
        """Let the reading end at once; what is still to be sent can be sent."""
        self._is_stopped = True
        stream = self._connection.sock
        if stream is not None:
            with suppress(OSError):
                socket.socket.shutdown(stream, socket.SHUT_RD)

    def leave(self, seconds: float) -> None:
        """Read on for so many seconds at most."""
        self._ends = monotonic() + seconds

    def close(self) -> None:
        """Close it; nobody reads any more."""
        with self._guard:
            if self._connection.sock is not None:
                with suppress(OSError, websocket.WebSocketException), Exchange(Limits(_STEP, _STEP)).active():
                    self._connection.send_close()
                self._connection.shutdown()  # type: ignore[no-untyped-call]

    def _is_over(self) -> bool:
        return self._is_stopped or (self._ends is not None and monotonic() >= self._ends)

    def _send_ping(self) -> None:
        with self._guard, Exchange(Limits(_SENDING, _SENDING)).active():
            self._connection.ping()

    def _is_readable(self) -> bool:
        stream = self._connection.sock
        if stream is None:
            raise WebSocketLost("the connection was closed")
        # What TLS has unpacked already is not to be waited for.
        is_pending = isinstance(stream, ssl.SSLSocket) and stream.pending() > 0
        return is_pending or wait_for_read(stream, timeout=self._ping)

    def _read(self) -> tuple[int, bytes] | None:
        """Read a message or a control frame; None where not the whole of it came in a step, which can be read on."""
        exchange = Exchange(Limits(_STEP, _STEP, largest_head=_LARGEST))
        try:
            with self._guard, exchange.active():
                opcode, data = self._connection.recv_data(control_frame=True)
                self._is_closed = opcode == websocket.ABNF.OPCODE_CLOSE
        except websocket.WebSocketTimeoutException:
            self._count(exchange)
            return None
        except TooLarge as error:
            raise WebSocketLost("the message is too large") from error
        self._count(exchange)
        if opcode == websocket.ABNF.OPCODE_TEXT:
            self._unfinished = 0
        return opcode, data

    def _count(self, exchange: Exchange) -> None:
        """Count the bytes of an unfinished message. Raises WebSocketLost for one that is too large."""
        self._unfinished += exchange.size
        if self._unfinished > _LARGEST:
            raise WebSocketLost("the message is too large")


def _stream(url: str, ca_file: Path | None) -> socket.socket:
    """Connect to where a web socket's address leads, through the proxy of the surroundings where there is one."""
    address = urlsplit(url)
    is_tls = address.scheme == "wss"
    web = address._replace(scheme="https" if is_tls else "http").geturl()
    host, port = address.hostname or "", address.port or (443 if is_tls else 80)
    proxy = select_proxy(web, get_environ_proxies(web))
    through = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
    to = (through.hostname or "", through.port or 80) if through else (host, port)
    connection = BoundedTlsConnection(*to, ssl_context=tls_context(ca_file)) if is_tls else BoundedConnection(*to)
    if through:
        connection.set_tunnel(host, port, _credentials(through.username, through.password))
    connection.connect()
    return connection.sock


def _credentials(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    return dict(make_headers(proxy_basic_auth=f"{unquote(user)}:{unquote(password or '')}"))
