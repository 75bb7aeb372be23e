"""Serving: a WSGI application at an address, in threads of its own."""

import socket
from threading import Thread
from typing import TYPE_CHECKING

from bot.domain.errors import UsageError
from bot.http_server import ClientLimits, HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_THREADS = 4
_LIMITS = ClientLimits()


class Serving:
    """Serves from ``start`` until ``close``; ``key`` names the address in errors.

    ``longest_body`` is the most bytes of a request's body. Raises UsageError for an address that cannot be had.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        key: str,
        host: str,
        port: int,
        *,
        longest_body: int,
        limits: ClientLimits = _LIMITS,
    ) -> None:
        self._socket = _listening(key, host, port)
        self._server = HttpServer(
            app,
            self._socket,
            limits,
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
        self._server.close()
        self._serving.join(timeout=5)


def _listening(key: str, host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        what = f"cannot be listened at ({error.strerror or type(error).__name__})"
        raise UsageError(f"{key} {host}:{port}", what, "choose another, or end what uses it") from error
