"""An HTTP server that idle and slow clients cannot keep from serving the others.

Waitress bounds the number of connections and how long one is silent. A client that
sends a byte now and then is never silent, and who holds all connections keeps everybody
else out: so a request has to be complete in time, and where there are too many
connections, the one that has waited longest makes room.
"""

import socket
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# How long the loop sleeps at most before it looks at the clock, in seconds.
_GLANCE = 1.0
# Of the connections waitress accepts, the listening socket and its own trigger take some.
_OTHERS = 8
# An IPv6 client has all addresses of its /64 network.
_NETWORK_BYTES = 8


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """What clients may take of a server.

    ``patience`` is how many seconds a client may take for a whole request, headers and
    body, and be idle between two; ``per_client`` how many connections it may have, and
    ``total`` how many all have.
    """

    patience: float = 5.0
    per_client: int = 40
    total: int = 200


class _Channel(HTTPChannel):
    """A connection that knows since when the server waits for it: for a request, or for its answer to be read."""

    def __init__(self, server: "HttpServer", sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002
        self.waiting_since = time.monotonic()
        super().__init__(server, sock, addr, adj, map=map)

    def service(self) -> None:
        """Answer a request; the time to read the answer begins at its end."""
        super().service()
        self.waiting_since = time.monotonic()

    @property
    def client(self) -> str | bytes:
        """Whose connection it is."""
        host = str(self.addr[0]).partition("%")[0]
        return socket.inet_pton(socket.AF_INET6, host)[:_NETWORK_BYTES] if ":" in host else host


class HttpServer(TcpWSGIServer):
    """Serves a WSGI application on a listening socket within ``limits``; ``adjustments`` are waitress's own."""

    channel_class = _Channel
    _map: dict[int, Any]

    def __init__(
        self, app: "WSGIApplication", listening: socket.socket, limits: ClientLimits, **adjustments: Any
    ) -> None:
        self._limits = limits
        self._is_closing = False
        super().__init__(
            app,
            _sock=listening,
            bind_socket=False,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            adj=Adjustments(connection_limit=limits.total + _OTHERS, **adjustments),
        )

    def run(self) -> None:
        """Serve until it is closed and everything that was asked is answered."""
        glance = min(_GLANCE, self._limits.patience / 2)
        while not self._is_closing or self._channels():
            # Connections are closed between two turns alone: within one, their numbers are being polled.
            wasyncore.loop(timeout=glance, use_poll=True, map=self._map, count=1)
            for channel in self._to_be_cut(time.monotonic()):
                channel.handle_close()
        # First the threads, which wake the loop by what is closed then.
        self.task_dispatcher.shutdown()
        super().close()

    def close(self) -> None:
        """Accept no more connections, so that ``run`` returns; may be called by any thread."""
        trigger: Any = self.trigger  # of which the stubs say that it is a number
        trigger.pull_trigger(self._stop_listening)

    def _stop_listening(self) -> None:
        # In the thread that serves: a socket that is closed while it is polled is an error there.
        self._is_closing = True
        wasyncore.dispatcher.close(self)

    def add_task(self, task: Any) -> None:
        """Give a complete request to a thread: the time for the next one begins now."""
        task.waiting_since = time.monotonic()
        super().add_task(task)

    def maintenance(self, now: float) -> None:
        """Leave it to ``run``: waitress asks how long a client is silent, which a slow one never is."""

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
        """Return whom to cut of those that wait, the longest waiting first, until no limit is exceeded."""
        held.subtract(channel.client for channel in late)
        surplus = []
        for channel in waiting:
            if held[channel.client] > self._limits.per_client:
                held[channel.client] -= 1
                surplus.append(channel)
        excess = max(0, held.total() - self._limits.total)
        kept = [channel for channel in waiting if channel not in surplus]
        return [*surplus, *sorted(kept, key=lambda channel: -held[channel.client])[:excess]]
