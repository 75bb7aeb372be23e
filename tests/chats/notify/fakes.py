"""Places on loopback: what takes a message as Mattermost, Matrix, ntfy and Discord do, and refuses what they refuse."""

import json
import re
from threading import Event
from typing import Any

from bot.demo.recorded.server import LoopbackServer, Request, Response

TOKEN = "m4ttermost-t0ken"
# The most characters of a post (Mattermost's POST_MESSAGE_MAX_RUNES_V2).
_MOST = 16_383
_DISCORD_MOST = 2_000


class FakePlace(LoopbackServer):
    """A place that keeps the bodies that it took; ``silence`` lets it wait, when taken, until it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, Any]] = []
        self.silence: Event | None = None

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def answer(self, request: Request) -> Response:
        body = json.loads(request.body)
        response = self.take(request, body)
        if self.silence is not None:
            self.silence.wait(10)
        return response

    def take(self, request: Request, body: dict[str, Any]) -> Response:
        """Take any message."""
        del request
        self.taken.append(body)
        return Response.json(200, {})


class FakeMattermost(FakePlace):
    """An incoming webhook of Mattermost."""

    @property
    def address(self) -> str:
        return f"mmost://{self.host}/{TOKEN}"

    def take(self, request: Request, body: dict[str, Any]) -> Response:
        if request.method != "POST" or request.path != f"/hooks/{TOKEN}":
            return self._refused("web.incoming_webhook.invalid.app_error", "Invalid webhook.")
        if request.headers.get("content-type") != "application/json" or not body.get("text"):
            return self._refused("web.incoming_webhook.text.app_error", "No text specified.")
        if len(body["text"]) > _MOST:
            return self._refused("web.incoming_webhook.split_props_length.app_error", "Too long.")
        self.taken.append(body)
        return Response.text(200, "ok", "text/plain")

    @staticmethod
    def _refused(code: str, message: str) -> Response:
        return Response.json(400, {"id": code, "message": message, "status_code": 400})


class FakeDiscord(FakePlace):
    """A webhook of Discord."""

    def take(self, request: Request, body: dict[str, Any]) -> Response:
        if len(body.get("content") or "") > _DISCORD_MOST:
            return Response.json(400, {"code": 50035, "message": "Invalid Form Body"})
        return super().take(request, body)


class FakeMatrix(FakePlace):
    """A home server of Matrix with one room."""

    def take(self, request: Request, body: dict[str, Any]) -> Response:
        if request.path.endswith("/login"):
            return Response.json(
                200, {"access_token": "syt", "user_id": "@bot:x", "home_server": "x", "device_id": "D"}
            )
        if "/join/" in request.path:
            return Response.json(200, {"room_id": "!room:x"})
        if re.search(r"/rooms/[^/]+/send/m\.room\.message", request.path):
            self.taken.append(body)
            return Response.json(200, {"event_id": "$1"})
        return Response.json(200, {})

    def answer(self, request: Request) -> Response:
        if not request.body:
            return Response.json(200, {"joined_rooms": [], "flows": [{"type": "m.login.password"}]})
        return super().answer(request)
