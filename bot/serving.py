"""Serving: a WSGI application at an address, in threads of its own."""

import socket
from threading import Thread
from typing import TYPE_CHECKING, Any

from waitress.server import create_server

from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_THREADS = 4


class Serving:
    """Serves from ``start`` until ``close``; ``key`` names the address in errors.

    ``longest_body`` is the most bytes of a request's body. Raises UsageError for an address that cannot be had.
    """

    def __init__(self, app: "WSGIApplication", key: str, host: str, port: int, *, longest_body: int) -> None:
        self._socket = _listening(key, host, port)
        # The stubs do not know that one socket makes a server with a trigger.
        self._server: Any = create_server(
            app,
            sockets=[self._socket],
            threads=_THREADS,
            ident="release-bot",
            max_request_body_size=longest_body,
            clear_untrusted_proxy_headers=True,
        )
        self._serving = Thread(target=self._server.run, name=f"serving-{self.port}", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened at."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to serve; returns at once."""
        self._serving.start()

    def close(self) -> None:
        """Stop listening, when what is being answered has been answered."""
        # In the thread that serves: a socket that is closed under its feet is an error there.
        self._server.trigger.pull_trigger(self._server.close)
        self._serving.join(timeout=5)


def _listening(key: str, host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        what = f"cannot be listened at ({error.strerror or type(error).__name__})"
        raise UsageError(f"{key} {host}:{port}", what, "choose another, or end what uses it") from error
