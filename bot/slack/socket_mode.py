"""Socket Mode: Slack is called from here, so that no public address is needed."""

import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

_log = logging.getLogger(__name__)

# How long to wait before connecting is tried again, in seconds: doubled up to the longest.
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
# A connection that broke off without a word is noticed after about six of them, in which slack-sdk is busy.
_PING = 1.0


class SocketListener:
    """Listens through a web socket, in threads of its own, until it is closed.

    A Slack that cannot be reached is tried again for ever: the worker goes on without chat.
    ``first_wait`` is how long after the first failure, ``ping`` how often the connection
    is looked after, both in seconds.
    """

    def __init__(
        self,
        app: App,
        threads: ThreadPoolExecutor,
        app_token: str,
        *,
        first_wait: float = _FIRST_WAIT,
        ping: float = _PING,
    ) -> None:
        self._threads = threads
        self._first_wait = first_wait
        self._stopped = Event()
        self._handler = SocketModeHandler(
            app, app_token, ping_interval=ping, logger=logging.getLogger("slack_sdk.socket_mode")
        )
        self._connecting = Thread(target=self._connect, name="chat-connect", daemon=True)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._connecting.start()

    @property
    def is_connected(self) -> bool:
        """Whether Slack is connected at the moment."""
        return bool(self._handler.client.is_connected())

    def close(self) -> None:
        """Stop listening, when what is being answered has been answered."""
        self._stopped.set()
        self._connecting.join()
        self._wake()
        # The client's own threads may take its socket away while it is closed; the second call finds it gone.
        for _ in range(2):
            with suppress(AttributeError):
                self._handler.close()  # type: ignore[no-untyped-call]
                break
        self._threads.shutdown()

    def _wake(self) -> None:
        """Let the client's threads see that it is closed: each waits for something to read, for seconds."""
        client = self._handler.client
        client.closed = True
        client.auto_reconnect_enabled = False
        client.message_queue.put(None)
        session = client.current_session
        if session is not None and session.sock is not None:
            with suppress(OSError):
                session.sock.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> None:
        """Connect for the first time; from then on the client connects anew by itself."""
        wait = self._first_wait
        while not self._stopped.is_set():
            try:
                self._handler.connect()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 - whatever keeps chat away must not end the worker
                # An address to connect to serves once: ask for another.
                self._handler.client.wss_uri = None
                _log.warning("chat is not connected (%s); it is tried again in %.0f s", type(error).__name__, wait)
                self._stopped.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                # A refused web socket raises nothing; the client goes on trying.
                _log.info("chat is connected" if self.is_connected else "chat is not connected yet; it is tried again")
                return
