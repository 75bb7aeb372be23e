"""The events of Mattermost's web socket: the token first, then events whose numbers show what was missed.

The server answers the token with OK and greets with hello, in either order. Each event has a number, one more than the
one before; a gap means that something was missed, and nothing is sent again after a reconnect.
"""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from websocket import WebSocketException

from bot.chats.mattermost.api import MattermostApi
from bot.network.websocket import BoundedWebSocket, WebSocketLost
from bot.services.ports import ChatRefused, ChatUnavailable

# How long the server may take to answer the token, in seconds.
_GREETING = 20.0
_CHALLENGE = 1


class Sign(Enum):
    """What the stream says beside its events: it is ready, or it has missed some."""

    READY = auto()
    MISSED = auto()


@dataclass
class Stream:
    """The events of one connection, after the server has taken the token."""

    connection: BoundedWebSocket
    token: str = field(repr=False)
    _is_taken: bool = False
    _is_greeted: bool = False
    _next: int = 0

    def events(self) -> Iterator[Mapping[str, Any] | Sign]:
        """Yield READY, and each event; MISSED before one that comes after a gap.

        Raises ChatRefused if the token is not taken, WebSocketLost if the server does not greet.
        """
        challenge = {"seq": _CHALLENGE, "action": "authentication_challenge", "data": {"token": self.token}}
        self.connection.send(json.dumps(challenge))
        self.connection.leave(_GREETING)
        for text in self.connection.messages():
            message = object_of(text)
            was_ready = self._is_ready
            if "seq_reply" in message:
                self._take_reply(message)
            elif "event" in message:
                yield from self._take_event(message)
            if self._is_ready and not was_ready:
                self.connection.leave(math.inf)
                yield Sign.READY
        if not self._is_ready:
            raise WebSocketLost("the server did not greet the bot")

    @property
    def _is_ready(self) -> bool:
        return self._is_taken and self._is_greeted

    def _take_reply(self, message: Mapping[str, Any]) -> None:
        if message.get("seq_reply") != _CHALLENGE:
            return
        if message.get("status") != "OK":
            what = "Mattermost refused the token on the web socket"
            raise ChatRefused("web socket", what, "the token is invalid or was revoked; set a new one")
        self._is_taken = True

    def _take_event(self, message: Mapping[str, Any]) -> Iterator[Mapping[str, Any] | Sign]:
        number = message.get("seq")
        if isinstance(number, int):
            has_gap, self._next = number > self._next, number + 1
            if has_gap:
                yield Sign.MISSED
        self._is_greeted = self._is_greeted or message.get("event") == "hello"
        yield message


def connect(api: MattermostApi, ping: float) -> BoundedWebSocket:
    """Connect to the web socket of a server. Raises OSError and websocket-client's errors."""
    scheme, _, rest = api.base_url.partition("://")
    address = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/api/v4/websocket"
    return BoundedWebSocket.open(address, ping=ping, ca_file=api.ca_file)


def check_events(api: MattermostApi) -> None:
    """Connect once, and wait until the server has taken the token. Raises ChatUnavailable, ChatRefused."""
    try:
        with closing(connect(api, 1.0)) as connection:
            for event in Stream(connection, api.token).events():
                if event is Sign.READY:
                    return
    except (OSError, WebSocketException) as error:
        what = f"cannot listen on the web socket ({type(error).__name__})"
        hint = "let the proxy in front of Mattermost pass web sockets on at /api/v4/websocket"
        raise ChatUnavailable(api.table, what, hint) from error


def object_of(text: object) -> Mapping[str, Any]:
    """Return a message's JSON object, or an empty one if it is not an object."""
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
