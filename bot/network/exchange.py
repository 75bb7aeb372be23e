"""Exchanges: everything that is sent and read for one request has one absolute deadline and one largest size.

The time-outs of urllib3, requests, urllib and websocket-client are those of a single read: a server that sends a byte
now and then, or ``100 Continue`` for ever, never meets them. So the sockets themselves keep to the exchange under way.
Only the look-up of a host's name is outside of it: the machine's resolver bounds that (``timeout`` and ``attempts`` in
resolv.conf).
"""

import math
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

from bot.domain.values import dataclass


class DeadlinePassed(TimeoutError):
    """The exchange has lasted as long as it may."""


class TooLarge(OSError):
    """The other side has sent more than it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an exchange may take: ``total`` seconds in all, ``pause`` seconds without a byte; sizes are in bytes.

    A connection may take ``connecting`` seconds to be made; None means ``pause``.
    """

    total: float
    pause: float
    largest_head: int = 1_000_000
    largest_body: int = 100_000_000
    connecting: float | None = None


class Exchange:
    """One request and its answer, or one message of a web socket."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ends = min(monotonic() + limits.total, _ends.get())
        self._most = limits.largest_head
        self._received = 0
        # Whether the whole request has gone out: until then the other side cannot have acted on it.
        self.is_sent = False

    @property
    def is_over(self) -> bool:
        """Return whether the deadline has passed."""
        return monotonic() >= self._ends

    @property
    def size(self) -> int:
        """Return how many bytes came."""
        return self._received

    @property
    def is_too_large(self) -> bool:
        """Return whether more came than may come."""
        return self._received > self._most

    @contextmanager
    def active(self) -> Iterator[None]:
        """Bind the sockets that this thread uses to the exchange."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def patience(self, *, is_connecting: bool = False) -> float:
        """Return for how many seconds the next step may wait. Raises DeadlinePassed where none are left."""
        left = self._ends - monotonic()
        if left <= 0:
            raise DeadlinePassed
        most = self._limits.connecting if is_connecting else None
        return min(left, self._limits.pause if most is None else most)

    def sent(self) -> None:
        """Record that the request has gone out."""
        self.is_sent = True

    def head_read(self) -> None:
        """Start the limits of the body."""
        self._most += self._limits.largest_body

    def received(self, count: int) -> None:
        """Count bytes that came. Raises TooLarge."""
        self._received += count
        if self.is_too_large:
            raise TooLarge


_current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
_ends: ContextVar[float] = ContextVar("ends", default=math.inf)


@contextmanager
def ending_by(moment: float) -> Iterator[None]:
    """Let no exchange that this thread begins meanwhile last beyond a moment of ``time.monotonic``.

    What has not been sent by then is not sent any more: the deadline is looked at immediately before.
    """
    token = _ends.set(min(moment, _ends.get()))
    try:
        yield
    finally:
        _ends.reset(token)


def current() -> Exchange | None:
    """Return the exchange that this thread is in."""
    return _current.get()


def _ready(connection: socket.socket) -> Exchange | None:
    """Let the next step of a socket wait no longer than its exchange may. Raises DeadlinePassed."""
    exchange = _current.get()
    if exchange is not None:
        connection.settimeout(exchange.patience())
    return exchange


class BoundedSocket(socket.socket):
    """A socket that keeps to the exchange under way."""

    def connect(self, address: Any) -> None:
        """Connect; what is sent later and does not arrive is not sent on for longer than the exchange may last."""
        exchange = _ready(self)
        if exchange is not None:
            self.settimeout(exchange.patience(is_connecting=True))
        if exchange is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            patience = max(int(exchange.patience() * 1000), 1)
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)
        super().connect(address)

    def send(self, *args: Any) -> int:
        """Send some bytes."""
        _ready(self)
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        """Send all bytes."""
        _ready(self)
        super().sendall(*args)

    def recv(self, *args: Any) -> bytes:
        """Receive bytes."""
        exchange = _ready(self)
        data = super().recv(*args)
        if exchange is not None:
            exchange.received(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        """Receive bytes into a buffer."""
        exchange = _ready(self)
        count = super().recv_into(*args)
        if exchange is not None:
            exchange.received(count)
        return count


class BoundedTlsSocket(ssl.SSLSocket):
    """A socket with TLS; SSLContext makes it in place of its own kind (``sslsocket_class``)."""

    def do_handshake(self, *args: Any) -> None:
        """Run the TLS handshake."""
        _ready(self)
        super().do_handshake(*args)

    def send(self, *args: Any) -> int:
        """Send some bytes; ``sendall`` sends by this."""
        _ready(self)
        return super().send(*args)

    def recv(self, *args: Any) -> bytes:
        """Receive bytes."""
        exchange = _ready(self)
        data = super().recv(*args)
        if exchange is not None:
            exchange.received(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        """Receive bytes into a buffer."""
        exchange = _ready(self)
        count = super().recv_into(*args)
        if exchange is not None:
            exchange.received(count)
        return count


def connected(host: str, port: int, options: Any = ()) -> BoundedSocket:
    """Connect to a host, one address after the other, within the exchange. Raises OSError."""
    failed: OSError = OSError(f"{host} does not resolve to an address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = BoundedSocket(family, kind, protocol)
        try:
            for option in options:
                connection.setsockopt(*option)
            connection.connect(address)
        except OSError as error:
            connection.close()
            failed = error
        else:
            return connection
    raise failed
