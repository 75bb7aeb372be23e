"""Socket Mode: Slack is called from here, so that no public address is needed.

Bolt answers, websocket-client carries. slack-sdk's own clients are not used: the built-in one loses events in bursts,
and the one on websocket-client notices no connection that died, bounds no handshake and takes no certificates.
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

from bot.network.websocket import BoundedWebSocket
from bot.slack.dispatching import MISREAD, dispatch
from bot.slack.payloads import fault_of

_log = logging.getLogger(__name__)

# How long to wait before connecting is tried again, in seconds: doubled up to the longest.
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
# How much shorter or longer each wait is, so that many workers do not come back together.
_JITTER = 0.25
# The longest that Slack may ask to wait, in seconds.
_LONGEST_ASKED = 300
# A connection that broke off without a word is noticed after six of them.
_PING = 1.0
# How long a connection is read on after Slack has asked for another, in seconds.
_LEAVING = 30.0
# So many events are taken at a time; Slack waits three seconds for each to be acknowledged.
_THREADS = 10
_OK = 200


class SocketListener:
    """Listens through a web socket, in threads of its own, until it is closed.

    A Slack that cannot be reached is tried again for ever: the worker goes on without chat.
    ``first_wait`` is how long after the first failure, ``ping`` how often the connection
    is looked after, both in seconds; ``ca_file`` holds certificate authorities to trust.
    """

    def __init__(
        self,
        app: App,
        threads: ThreadPoolExecutor,
        app_token: str,
        *,
        first_wait: float = _FIRST_WAIT,
        ping: float = _PING,
        ca_file: Path | None = None,
    ) -> None:
        self._app = app
        self._threads = threads
        self._app_token = app_token
        self._first_wait = first_wait
        self._ping = ping
        self._ca_file = ca_file
        # Bolt waits here until what is answered in ``threads`` has been acknowledged.
        self._receiving = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat-receive")
        self._stopped = Event()
        # Set when there is to be another connection.
        self._wanted = Event()
        self._guard = Lock()
        self._current: BoundedWebSocket | None = None
        self._readers: dict[BoundedWebSocket, Thread] = {}
        self._connecting = Thread(target=self._stay_connected, name="chat-connect", daemon=True)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._connecting.start()

    @property
    def is_connected(self) -> bool:
        """Whether Slack is connected at the moment."""
        return self._current is not None

    def close(self) -> None:
        """Stop listening, when what is being answered has been answered."""
        self._stopped.set()
        self._wanted.set()
        self._connecting.join()
        with self._guard:
            readers = dict(self._readers)
        for connection, reader in readers.items():
            connection.stop()
            reader.join()
        # What was not begun is not acknowledged: Slack delivers it again.
        self._receiving.shutdown(cancel_futures=True)
        for connection in readers:
            connection.close()
        self._threads.shutdown()

    def _stay_connected(self) -> None:
        """Connect, again and again: after a failure, and when the connection is lost or to be replaced."""
        wait, drawn = self._first_wait, Random()  # noqa: S311 - spreads waits, guards nothing
        while not self._is_over():
            began, least = monotonic(), 0.0
            try:
                self._connect()
            except Exception as error:  # noqa: BLE001 - whatever keeps chat away must not end the worker
                least = _asked_wait(error)
                _log.warning("chat is not connected (%s); it is tried again in %.0f s", _why(error), max(wait, least))
            else:
                _log.info("chat is connected")
                self._wanted.wait()
            if monotonic() - began > _LONGEST_WAIT:
                wait = self._first_wait
            self._stopped.wait(max(wait * drawn.uniform(1 - _JITTER, 1 + _JITTER), least))
            wait = min(2 * wait, _LONGEST_WAIT)

    def _is_over(self) -> bool:
        # In this order: the end sets them the other way round.
        self._wanted.clear()
        return self._stopped.is_set()

    def _connect(self) -> None:
        """Ask Slack for an address, which serves once, and begin to read there."""
        url = self._app.client.apps_connections_open(app_token=self._app_token)["url"]
        connection = BoundedWebSocket.open(str(url), ping=self._ping, ca_file=self._ca_file)
        reader = Thread(target=self._read, args=(connection,), name="chat-read", daemon=True)
        with self._guard:
            self._current = connection
            self._readers[connection] = reader
        reader.start()

    def _read(self, connection: BoundedWebSocket) -> None:
        """Read a connection to its end."""
        why = "Slack closed the connection"
        try:
            for text in connection.messages():
                self._take(connection, _object(text))
        except (OSError, WebSocketException) as error:
            why = f"the connection was lost: {_why(error)}"
        if self._stopped.is_set():
            return
        is_current = self._is_replaced(connection)
        with self._guard:
            del self._readers[connection]
        connection.close()
        if is_current:
            _log.warning("chat is not connected (%s); it is tried again", why)

    def _take(self, connection: BoundedWebSocket, message: dict[str, Any]) -> None:
        if message.get("type") == "disconnect":
            # It may still bring what Slack sent before it knew of the next.
            connection.leave(_LEAVING)
            self._is_replaced(connection)
            return
        request = SocketModeRequest.from_dict(message)
        if request is not None:
            with suppress(RuntimeError):  # the end has come
                self._receiving.submit(self._answer, connection, request)

    def _is_replaced(self, connection: BoundedWebSocket) -> bool:
        """Ask for another connection in the place of the current one; say whether it was that."""
        with self._guard:
            is_current = self._current is connection
            if is_current:
                self._current = None
        if is_current:
            self._wanted.set()
        return is_current

    def _answer(self, connection: BoundedWebSocket, request: SocketModeRequest) -> None:
        """Let Bolt take an event, and acknowledge it over the connection that it came by."""
        try:
            if self._is_taken(request):
                # What it is acknowledged with is said later: nothing here answers at once.
                told = SocketModeResponse(envelope_id=request.envelope_id)
                self._send(connection, json.dumps(told.to_dict()))
        except (OSError, WebSocketException) as error:
            _log.info("an event could not be acknowledged (%s): Slack delivers it again", _why(error))
        except Exception:  # noqa: BLE001 - logged; one event's fault must not end what listens
            _log.exception("an event could not be taken")

    def _is_taken(self, request: SocketModeRequest) -> bool:
        """Let Bolt take an event; one that is none of Slack's is taken too, so that it does not come again."""
        if fault := fault_of(request.payload):
            _log.warning("an event is not one of Slack's: it has %s", fault)
            return True
        answer = dispatch(self._app, request.payload, _retry_headers(request), mode="socket_mode")
        return answer.status in (_OK, MISREAD)

    def _send(self, connection: BoundedWebSocket, text: str) -> None:
        """Send over a connection, or over the one that has taken its place."""
        try:
            connection.send(text)
        except (OSError, WebSocketException):
            if (current := self._current) is None or current is connection:
                raise
            current.send(text)


def _object(text: str) -> dict[str, Any]:
    """Read a message; whatever is no object is passed over as an empty one."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _retry_headers(request: SocketModeRequest) -> dict[str, str | Sequence[str]]:
    """Tell Bolt what Slack tells over HTTP of an event that is delivered again."""
    told = {"x-slack-retry-num": request.retry_attempt, "x-slack-retry-reason": request.retry_reason}
    return {name: str(value) for name, value in told.items() if value is not None}


def _asked_wait(error: Exception) -> float:
    """Return how long Slack asks to wait, in seconds."""
    headers = getattr(error.response, "headers", {}) if isinstance(error, SlackApiError) else {}
    told = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(min(int(told), _LONGEST_ASKED)) if told.isdecimal() and told.isascii() else 0.0


def _why(error: BaseException) -> str:
    """Say what went wrong without what was sent: the address holds a secret."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, SSLCertVerificationError):
            return f"its certificate is not trusted: {seen.verify_message}; name its authority in ca_file of [slack]"
        seen = seen.__cause__ or seen.__context__
    return type(error).__name__
