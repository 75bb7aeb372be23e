"""An HTTP server that idle and slow clients cannot block.

Waitress limits the number of connections and their idle time. A client that sends a byte
now and then is never idle, and a client that holds all connections locks out everybody
else: so a request must be complete in time, and with too many connections the one that
has waited longest is closed.
"""

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from bot.domain.errors import UsageError
from bot.domain.values import dataclass

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_THREADS = 4
# How long closing waits for running requests, in seconds.
_ENDING = 5.0
# The maximum sleep of the loop before it checks the clock, in seconds: beside clients, and without any.
_GLANCE, _AT_REST = 1.0, 60.0
# Waitress counts the listening socket and its own trigger as connections.
_OTHERS = 8
# An IPv6 client has all addresses of its /64 network.
_NETWORK_BYTES = 8


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Limits for clients of a server.

    ``patience`` is how many seconds a client may take for a whole request, headers and
    body, and be idle between two; ``per_client`` and ``total`` are the maximum numbers of
    connections.
    """

    patience: float = 5.0
    per_client: int = 40
    total: int = 200


class _Channel(HTTPChannel):
    """A connection that records since when the server waits for it: for a request, or for its response to be read."""

    def __init__(self, server: "HttpServer", sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002
        self.waiting_since = time.monotonic()
        super().__init__(server, sock, addr, adj, map=map)

    def service(self) -> None:
        """Answer a request; the time for reading the response starts then."""
        super().service()
        self.waiting_since = time.monotonic()

    @property
    def client(self) -> str | bytes:
        """Return the client's address; for IPv6 its network."""
        host = str(self.addr[0]).partition("%")[0]
        return socket.inet_pton(socket.AF_INET6, host)[:_NETWORK_BYTES] if ":" in host else host


_LIMITS = ClientLimits()


class HttpServer(TcpWSGIServer):
    """Serves a WSGI application at an address in its own threads, from ``start`` until ``close``.

    ``key`` names the address in errors, ``longest_body`` is the maximum size of a request's body in bytes.
    Raises UsageError for an address that cannot be bound.
    """

    channel_class = _Channel
    _map: dict[int, Any]

    def __init__(
        self,
        app: "WSGIApplication",
        key: str,
        address: tuple[str, int],
        *,
        longest_body: int,
        limits: ClientLimits = _LIMITS,
    ) -> None:
        listening = _listening(key, *address)
        self.port = int(listening.getsockname()[1])
        self._limits = limits
        self._is_closing = False
        self._is_over = False
        self._waking = Lock()
        self._serving = Thread(target=self.run, name=f"serving-{self.port}", daemon=True)
        super().__init__(
            app,
            _sock=listening,
            bind_socket=False,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            adj=Adjustments(
                connection_limit=limits.total + _OTHERS,
                threads=_THREADS,
                ident="release-bot",
                max_request_body_size=longest_body,
                clear_untrusted_proxy_headers=True,
            ),
        )

    def start(self) -> None:
        """Start serving, and return at once."""
        self._serving.start()

    def run(self) -> None:
        """Serve until the server is closed and every request is answered."""
        glance = min(_GLANCE, self._limits.patience / 2)
        while not self._is_closing or self._channels():
            # Connections are closed only between two iterations: within one, their descriptors are being polled.
            pause = glance if self._channels() else _AT_REST
            wasyncore.loop(timeout=pause, use_poll=True, map=self._map, count=1)
            for channel in self._to_be_cut(time.monotonic()):
                channel.handle_close()
        # The threads first: they wake the loop, which is closed next.
        self.task_dispatcher.shutdown()
        with self._waking:
            self._is_over = True
            super().close()

    def close(self) -> None:
        """Stop listening once running requests are answered; any other thread may call it, and more than one."""
        self._wake(self._stop_listening)
        self._serving.join(_ENDING)

    def pull_trigger(self) -> None:
        """Wake the loop; after its end do nothing: a request that outlived it wakes nobody."""
        self._wake()

    def _wake(self, task: Callable[[], None] | None = None) -> None:
        # The loop may take the task and end before the trigger is pulled: its pipe is closed then, and another file may
        # have its number.
        with self._waking:
            if not self._is_over:
                trigger: Any = self.trigger  # of which the stubs say that it is a number
                trigger.pull_trigger(task)

    def _stop_listening(self) -> None:
        # In the thread that serves: a socket that is closed while it is polled is an error there.
        self._is_closing = True
        wasyncore.dispatcher.close(self)

    def add_task(self, task: Any) -> None:
        """Pass a complete request to a thread; the time for the next one starts now."""
        task.waiting_since = time.monotonic()
        super().add_task(task)

    def maintenance(self, now: float) -> None:
        """Do nothing: ``run`` closes slow clients, which waitress would never find idle."""

    def _channels(self) -> list[_Channel]:
        active: Any = self.active_channels  # of which the stubs say that it is one of them
        return list(active.values())

    def _to_be_cut(self, now: float) -> list[_Channel]:
        channels = self._channels()
        for channel in channels:
            if channel.requests:
                channel.waiting_since = now
        waiting = sorted(
            (channel for channel in channels if not channel.requests), key=lambda channel: channel.waiting_since
        )
        if self._is_closing:
            return [channel for channel in waiting if not channel.total_outbufs_len]
        begun = now - self._limits.patience
        late = [channel for channel in waiting if channel.waiting_since <= begun]
        return [*late, *self._surplus(waiting[len(late) :], Counter(channel.client for channel in channels), late)]

    def _surplus(self, waiting: list[_Channel], held: Counter[str | bytes], late: Iterable[_Channel]) -> list[_Channel]:
        """Return which waiting connections to close, the longest waiting first, until no limit is exceeded."""
        held.subtract(channel.client for channel in late)
        surplus = []
        for channel in waiting:
            if held[channel.client] > self._limits.per_client:
                held[channel.client] -= 1
                surplus.append(channel)
        excess = max(0, held.total() - self._limits.total)
        kept = [channel for channel in waiting if channel not in surplus]
        return [*surplus, *sorted(kept, key=lambda channel: -held[channel.client])[:excess]]


def _listening(key: str, host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        what = f"cannot listen ({error.strerror or type(error).__name__})"
        raise UsageError(
            f"{key} {host}:{port}", what, "choose another address, or stop the program that uses it"
        ) from error
