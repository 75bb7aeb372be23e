"""Mattermost's web socket: the token first, hello and OK in either order, and numbered events to who may see them."""

import json
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from tests.chats.mattermost.fake.state import Post, State, User


@dataclass
class _Session:
    connection: ServerConnection
    user: User | None = None
    next: int = 0


@dataclass
class SocketApi:
    """The connections that are open. ``accepted`` counts those that were ever greeted.

    ``skips`` is how many events are numbered and not sent; ``strays`` what came and is no action. The order of hello
    and OK changes with each connection.
    """

    state: State
    accepted: int = 0
    skips: int = 0
    strays: list[str] = field(default_factory=list)
    # What happens between hello and OK of a connection, with the number of those before.
    greeting: Callable[[int], None] = lambda _: None
    _sessions: list[_Session] = field(default_factory=list)

    def serve(self, connection: ServerConnection) -> None:
        """Serve one connection until it ends."""
        session = _Session(connection)
        with self.state.changed:
            self._sessions.append(session)
        try:
            header = connection.request.headers.get("Authorization", "") if connection.request else ""
            if header:
                self._greet(session, header.removeprefix("Bearer "), None)
            for written in connection:
                self._take(session, str(written))
        except (ConnectionClosed, OSError):
            pass
        finally:
            with self.state.changed:
                self._sessions = [each for each in self._sessions if each is not session]
                self.state.changed.notify_all()

    def posted(self, post: Post) -> None:
        """Tell of a new post."""
        channel = self.state.channels[post.channel]
        mentioned = sorted(self.state.mentioned(post))
        data = {
            "channel_display_name": channel.shown()["display_name"],
            "channel_name": channel.name,
            "channel_type": channel.kind,
            "post": json.dumps(post.shown()),
            "sender_name": f"@{self.state.users[post.user].name}",
            "set_online": True,
            "team_id": channel.shown()["team_id"],
            **({"mentions": json.dumps(mentioned)} if mentioned else {}),
        }
        self._tell("posted", data, post.channel)

    def told(self, event: str, post: Post) -> None:
        """Tell of an edited or deleted post."""
        self._tell(event, {"post": json.dumps(post.shown())}, post.channel)

    def wait(self, accepted: int = 1, seconds: float = 20) -> None:
        """Wait until so many connections were ever greeted and the last of them is open."""
        is_there = self.state.wait(lambda: self.accepted >= accepted and self._is_open(), seconds)
        assert is_there, f"{self.accepted} connections greeted in {seconds} s instead of {accepted}"

    def drop(self) -> None:
        """Break off every connection without a word."""
        with self.state.changed:
            sessions, self._sessions = self._sessions, []
        for session in sessions:
            # The client may just have closed it.
            with suppress(OSError):
                session.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            session.connection.close_socket()

    def _is_open(self) -> bool:
        return any(each.user is not None for each in self._sessions)

    def _take(self, session: _Session, written: str) -> None:
        message = json.loads(written)
        number, action = message.get("seq"), message.get("action")
        if not isinstance(number, int) or not isinstance(action, str):
            self.strays.append(written)
        elif action == "authentication_challenge":
            self._greet(session, str(message.get("data", {}).get("token")), number)
        elif session.user is None:
            self._reply(session, number, error="api.web_socket_router.not_authenticated.app_error")
        elif action == "ping":
            self._reply(session, number, data={"text": "pong", "version": "11.9.0", "server_time": self.state.now()})
        else:
            self._reply(session, number, error="api.web_socket_router.bad_action.app_error")

    def _greet(self, session: _Session, token: str, number: int | None) -> None:
        session_user = next((each for each in self.state.users.values() if token and each.token == token), None)
        if session_user is None:
            if number is not None:
                self._reply(session, number, error="api.web_socket.connect.check_token.app_error")
            session.connection.close()
            return
        with self.state.changed:
            is_hello_first = self.accepted % 2 == 0
            session.user = session_user
            if number is not None and not is_hello_first:
                self._reply(session, number)
            self._event(session, "hello", {"server_version": "11.9.0", "connection_id": f"c{self.accepted}"}, {})
            self.greeting(self.accepted)
            if number is not None and is_hello_first:
                self._reply(session, number)
            self.accepted += 1
            self.state.changed.notify_all()

    def _reply(self, session: _Session, number: int, *, data: Any = None, error: str = "") -> None:
        told: dict[str, Any] = {"status": "FAIL" if error else "OK", "seq_reply": number}
        if error:
            told["error"] = {"id": error, "message": error, "status_code": 401}
        session.connection.send(json.dumps(told | ({"data": data} if data else {})))

    def _tell(self, event: str, data: dict[str, Any], channel: str) -> None:
        members = self.state.channels[channel].members
        for session in list(self._sessions):
            if session.user is None or session.user.id not in members:
                continue
            if self.skips:
                self.skips -= 1
                session.next += 1
                continue
            try:
                self._event(session, event, data, {"channel_id": channel})
            except (ConnectionClosed, OSError):
                continue

    def _event(self, session: _Session, event: str, data: dict[str, Any], broadcast: dict[str, Any]) -> None:
        told = {"omit_users": None, "user_id": "", "channel_id": "", "team_id": "", "connection_id": ""}
        message = {"event": event, "data": data, "broadcast": told | broadcast, "seq": session.next}
        session.next += 1
        session.connection.send(json.dumps(message))
