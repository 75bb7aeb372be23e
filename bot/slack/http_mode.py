"""HTTP: Slack calls here, and every call has to be signed."""

import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress.server import create_server

from bot.domain.errors import UsageError

_log = logging.getLogger(__name__)

PATH = "/slack/events"
# Far above what Slack sends.
_LONGEST_BODY = 1_000_000


class HttpListener:
    """Listens at an address, in threads of its own, until it is closed; Bolt refuses what is not signed.

    Raises UsageError for an address that cannot be had.
    """

    def __init__(self, app: App, threads: ThreadPoolExecutor, host: str, port: int) -> None:
        self._threads = threads
        self._socket = _listening(host, port)
        # The stubs do not know that one socket makes a server with a trigger.
        self._server: Any = create_server(
            SlackRequestHandler(app, path=PATH),
            sockets=[self._socket],
            threads=4,
            ident="release-bot",
            max_request_body_size=_LONGEST_BODY,
            clear_untrusted_proxy_headers=True,
        )
        self._serving = Thread(target=self._server.run, name="chat-http", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened at."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to serve; returns at once."""
        self._serving.start()
        _log.info("chat listens at port %d, path %s", self.port, PATH)

    def close(self) -> None:
        """Stop listening, when what is being answered has been answered."""
        # In the thread that serves: a socket that is closed under its feet is an error there.
        self._server.trigger.pull_trigger(self._server.close)
        self._serving.join(timeout=5)
        self._threads.shutdown()


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        what = f"cannot be listened at ({error.strerror or type(error).__name__})"
        raise UsageError(f"slack.http_address {host}:{port}", what, "choose another, or end what uses it") from error
