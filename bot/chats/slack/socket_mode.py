"""Socket Mode: the bot connects to Slack, so that no public URL is needed.

Bolt answers over websocket-client. slack-sdk's clients are not used: the built-in one loses events in bursts,
and the one on websocket-client detects no dead connection, bounds no handshake and accepts no CA file.
"""

import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from ssl import SSLCertVerificationError
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from slack_bolt import App
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from websocket import WebSocketException

from bot.chats.slack.dispatch import MISREAD, dispatch
from bot.chats.slack.payloads import fault_of
from bot.domain.values import dataclass
from bot.network.websocket import BoundedWebSocket

_log = logging.getLogger(__name__)

# The longest delay before reconnecting, in seconds.
_LONGEST_WAIT = 60.0
# The jitter of each delay, so that many workers do not reconnect at once.
_JITTER = 0.25
# The longest Retry-After that is honoured, in seconds.
_LONGEST_ASKED = 300
# How long to keep reading a connection after Slack asked for a new one, in seconds.
_LEAVING = 30.0
# Events handled at a time; Slack waits three seconds for each acknowledgement.
_THREADS = 10
_OK = 200


@dataclass(frozen=True, slots=True)
class Waits:
    """Delays, in seconds.

    ``first`` is the first delay before reconnecting, doubled each time, ``ping`` the interval of pings: a dead
    connection is detected after six.
    """

    first: float = 1.0
    ping: float = 1.0


_WAITS = Waits()


class SocketListener:
    """Listens through a web socket in its own threads, until it is closed.

    It retries for ever while Slack cannot be reached; the worker continues without chat.
    ``table`` is the configuration table, ``ca_file`` holds certificate authorities to trust.
    """

    def __init__(
        self,
        app: App,
        threads: ThreadPoolExecutor,
        app_token: str,
        *,
        waits: Waits = _WAITS,
        table: str = "slack",
        ca_file: Path | None = None,
    ) -> None:
        self._table = table
        # The name in the log.
        self._name = "chat" if table == "slack" else table
        self.mounts = ()
        self._app = app
        self._threads = threads
        self._app_token = app_token
        self._waits = waits
        self._ca_file = ca_file
        # Bolt waits in these threads until the listeners in ``threads`` have acknowledged.
        self._receiving = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat-receive")
        self._stopped = Event()
        # Set when a new connection is needed.
        self._wanted = Event()
        self._guard = Lock()
        self._current: BoundedWebSocket | None = None
        self._readers: dict[BoundedWebSocket, Thread] = {}
        self._connecting = Thread(target=self._stay_connected, name="chat-connect", daemon=True)

    def start(self) -> None:
        """Start connecting, and return at once."""
        self._connecting.start()

    @property
    def is_connected(self) -> bool:
        """Return whether Slack is connected."""
        return self._current is not None

    def close(self) -> None:
        """Stop listening once running answers are sent."""
        self._stopped.set()
        self._wanted.set()
        self._connecting.join()
        with self._guard:
            readers = dict(self._readers)
        for connection, reader in readers.items():
            connection.stop()
            reader.join()
        # Events not begun are not acknowledged: Slack delivers them again.
        self._receiving.shutdown(cancel_futures=True)
        for connection in readers:
            connection.close()
        self._threads.shutdown()

    def _stay_connected(self) -> None:
        """Connect, and reconnect after a failure, a lost connection, and when Slack asks for a new one."""
        wait, drawn = self._waits.first, Random()  # noqa: S311 - spreads waits, guards nothing
        while not self._is_over():
            began, least = monotonic(), 0.0
            try:
                self._connect()
            except Exception as error:  # noqa: BLE001 - a failing chat must not end the worker
                least = _asked_wait(error)
                what = "%s is not connected (%s); retrying in %.0f s"
                _log.warning(what, self._name, self._why(error), max(wait, least))
            else:
                _log.info("%s is connected", self._name)
                self._wanted.wait()
            if monotonic() - began > _LONGEST_WAIT:
                wait = self._waits.first
            self._stopped.wait(max(wait * drawn.uniform(1 - _JITTER, 1 + _JITTER), least))
            wait = min(2 * wait, _LONGEST_WAIT)

    def _is_over(self) -> bool:
        # In this order: close() sets them the other way round.
        self._wanted.clear()
        return self._stopped.is_set()

    def _connect(self) -> None:
        """Request a single-use URL from Slack, connect to it and start reading."""
        url = self._app.client.apps_connections_open(app_token=self._app_token)["url"]
        connection = BoundedWebSocket.open(str(url), ping=self._waits.ping, ca_file=self._ca_file)
        reader = Thread(target=self._read, args=(connection,), name="chat-read", daemon=True)
        with self._guard:
            self._current = connection
            self._readers[connection] = reader
        reader.start()

    def _read(self, connection: BoundedWebSocket) -> None:
        """Read a connection until it ends."""
        why = "Slack closed the connection"
        try:
            for text in connection.messages():
                self._take(connection, _object(text))
        except (OSError, WebSocketException) as error:
            why = f"the connection was lost: {self._why(error)}"
        if self._stopped.is_set():
            return
        is_current = self._is_replaced(connection)
        with self._guard:
            del self._readers[connection]
        connection.close()
        if is_current:
            _log.warning("%s is not connected (%s); reconnecting", self._name, why)

    def _take(self, connection: BoundedWebSocket, message: dict[str, Any]) -> None:
        if message.get("type") == "disconnect":
            # It may still deliver events that Slack sent before.
            connection.leave(_LEAVING)
            self._is_replaced(connection)
            return
        request = SocketModeRequest.from_dict(message)
        if request is not None:
            with suppress(RuntimeError):  # the end has come
                self._receiving.submit(self._answer, connection, request)

    def _is_replaced(self, connection: BoundedWebSocket) -> bool:
        """Request a new connection if this is the current one; return whether it is."""
        with self._guard:
            is_current = self._current is connection
            if is_current:
                self._current = None
        if is_current:
            self._wanted.set()
        return is_current

    def _answer(self, connection: BoundedWebSocket, request: SocketModeRequest) -> None:
        """Pass an event to Bolt, and acknowledge it over its connection."""
        try:
            if self._is_taken(request):
                # The acknowledgement is empty: answers are posted later.
                response = SocketModeResponse(envelope_id=request.envelope_id)
                self._send(connection, json.dumps(response.to_dict()))
        except (OSError, WebSocketException) as error:
            _log.info("cannot acknowledge an event (%s): Slack will deliver it again", self._why(error))
        except Exception:  # noqa: BLE001 - logged; one event's error must not end the listener
            _log.exception("cannot handle an event")

    def _is_taken(self, request: SocketModeRequest) -> bool:
        """Pass an event to Bolt; return whether to acknowledge it, also if it is malformed, to avoid a redelivery."""
        if fault := fault_of(request.payload):
            _log.warning("unexpected (non-Slack) event: %s", fault)
            return True
        answer = dispatch(self._app, request.payload, _retry_headers(request), mode="socket_mode")
        return answer.status in (_OK, MISREAD)

    def _send(self, connection: BoundedWebSocket, text: str) -> None:
        """Send over a connection, or over its replacement."""
        try:
            connection.send(text)
        except (OSError, WebSocketException):
            if (current := self._current) is None or current is connection:
                raise
            current.send(text)

    def _why(self, error: BaseException) -> str:
        """Return the reason of an error, without the URL, which is a secret."""
        seen: BaseException | None = error
        while seen is not None:
            if isinstance(seen, SSLCertVerificationError):
                hint = f"set ca_file in [{self._table}] to its authority"
                return f"its TLS certificate is not trusted: {seen.verify_message}; {hint}"
            seen = seen.__cause__ or seen.__context__
        return type(error).__name__


def _object(text: str) -> dict[str, Any]:
    """Return a message's JSON object, or an empty one if it is not an object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _retry_headers(request: SocketModeRequest) -> dict[str, str | Sequence[str]]:
    """Return the headers that Slack sends over HTTP with a redelivered event."""
    headers = {"x-slack-retry-num": request.retry_attempt, "x-slack-retry-reason": request.retry_reason}
    return {name: str(value) for name, value in headers.items() if value is not None}


def _asked_wait(error: Exception) -> float:
    """Return the Retry-After of Slack's response, in seconds."""
    headers = getattr(error.response, "headers", {}) if isinstance(error, SlackApiError) else {}
    wait = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(min(int(wait), _LONGEST_ASKED)) if wait.isdecimal() and wait.isascii() else 0.0
