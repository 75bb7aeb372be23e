"""A Slack on loopback: takes what Slack takes, refuses what Slack refuses, and fails when told to.

The rules are those of Slack's reference for chat.postMessage, conversations.history,
auth.test and blocks. Arguments come as JSON, as a form or in the address.
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition
from typing import Any
from urllib.parse import parse_qsl

from bot.recorded.server import Drop, Fault, LoopbackServer, Request, Response

TOKEN = "xoxb-t0ken"
_LONGEST = {"header": 150, "section": 3_000, "field": 2_000, "context": 3_000, "text": 40_000}
# All blocks together, not documented: measured at https://github.com/slackapi/bolt-js/issues/2509.
_LONGEST_BLOCKS, _BLOCK_COST = 13_200, 125
_BLOCKS = {"header", "section", "context", "divider", "actions"}
_MOST_BLOCKS, _MOST_FIELDS, _MOST_ELEMENTS = 50, 10, 10


@dataclass(frozen=True)
class Message:
    """A message that was taken."""

    channel: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any]
    ts: str


@dataclass
class Failure:
    """How the next request goes wrong; ``taken`` says whether the message was taken all the same."""

    answer: Response | Fault
    taken: bool = False


@dataclass
class Workspace:
    """What the workspace has: the channels the bot is in, those it is not, and the messages."""

    channels: set[str] = field(default_factory=lambda: {"#dirac-releases", "C0123"})
    others: set[str] = field(default_factory=lambda: {"#private-party"})
    messages: list[Message] = field(default_factory=list)


class FakeSlack(LoopbackServer):
    """The Web API at ``.url``; ``wait_for`` waits until so many messages were taken."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace = Workspace()
        self._failures: deque[Failure] = deque()
        self._taken = Condition()

    @property
    def messages(self) -> list[Message]:
        return self.workspace.messages

    def fail_next(self, *failures: Failure) -> None:
        self._failures.extend(failures)

    def wait_for(self, count: int, seconds: float = 30) -> bool:
        with self._taken:
            return self._taken.wait_for(lambda: len(self.messages) >= count, seconds)

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        failure = self._failures.popleft() if self._failures else None
        if failure is None:
            return super().respond(request)
        self.requests.append(request)
        if failure.taken:
            self.answer(request)
        if isinstance(failure.answer, Response):
            return failure.answer, None
        return Response.json(200, {"ok": True, "ts": "1.0"}), failure.answer

    def answer(self, request: Request) -> Response:
        """Do as Slack: errors come with HTTP 200 and ``ok: false``."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refused("invalid_auth")
        methods: dict[str, Callable[[dict[str, Any]], Response]] = {
            "/auth.test": lambda _: Response.json(
                200, {"ok": True, "team": "DIRAC", "user_id": "U0B0T", "bot_id": "B0"}
            ),
            "/chat.postMessage": self._post,
            "/conversations.history": self._history,
        }
        method = methods.get(request.path)
        return method(_arguments(request)) if method else _refused("unknown_method")

    def _closed(self, channel: str) -> str:
        if channel in self.workspace.others:
            return "not_in_channel"
        return "" if channel in self.workspace.channels else "channel_not_found"

    def _history(self, arguments: dict[str, Any]) -> Response:
        """List a channel's messages, newest first; metadata only where it is asked for."""
        if closed := self._closed(arguments.get("channel", "")):
            return _refused(closed)
        is_all = str(arguments.get("include_all_metadata", "")).lower() in {"1", "true"}
        found = [
            {"type": "message", "ts": message.ts, "text": message.text, "blocks": message.blocks}
            | ({"metadata": message.metadata} if is_all and message.metadata else {})
            for message in reversed(self.messages)
            if message.channel == arguments["channel"]
        ]
        limit = int(arguments.get("limit", 100))
        return Response.json(200, {"ok": True, "messages": found[:limit], "has_more": len(found) > limit})

    def _post(self, arguments: dict[str, Any]) -> Response:
        channel, blocks = arguments.get("channel", ""), arguments.get("blocks") or []
        trouble = self._closed(channel) or troubles(arguments.get("text", ""), blocks)
        if trouble:
            return _refused(trouble)
        with self._taken:
            ts = f"1613984400.{len(self.messages):06d}"
            metadata = arguments.get("metadata") or {}
            self.messages.append(Message(channel, arguments.get("text", ""), blocks, metadata, ts))
            self._taken.notify_all()
        return Response.json(200, {"ok": True, "channel": "C0123", "ts": ts})


def troubles(text: str, blocks: list[dict[str, Any]]) -> str:
    """Name the error that Slack gives for a message, empty for a good one."""
    if not text and not blocks:
        return "no_text"
    if len(text) > _LONGEST["text"]:
        return "msg_too_long"
    if len(blocks) > _MOST_BLOCKS or not all(_is_good(block) for block in blocks):
        return "invalid_blocks"
    together = sum(_BLOCK_COST + sum(map(len, texts_of(block))) for block in blocks)
    return "msg_blocks_too_long" if together > _LONGEST_BLOCKS else ""


def texts_of(block: dict[str, Any]) -> list[str]:
    """Give all texts of a good block."""
    held = [*block.get("fields", []), *block.get("elements", []), *([block["text"]] if "text" in block else [])]
    return [each["text"] for each in held if isinstance(each.get("text"), str)]


def _is_good(block: dict[str, Any]) -> bool:
    kind = block.get("type")
    if kind not in _BLOCKS:
        return False
    if kind == "header":
        return _fits(block.get("text"), "header", {"plain_text"})
    if kind == "context":
        elements = block.get("elements") or []
        is_few = 0 < len(elements) <= _MOST_ELEMENTS
        return is_few and all(_fits(element, "context", {"plain_text", "mrkdwn"}) for element in elements)
    if kind == "section":
        fields = block.get("fields") or []
        fit = len(fields) <= _MOST_FIELDS and all(_fits(f, "field", {"plain_text", "mrkdwn"}) for f in fields)
        return fit and (bool(fields) or _fits(block.get("text"), "section", {"plain_text", "mrkdwn"}))
    return True


def _fits(text: Any, where: str, kinds: set[str]) -> bool:
    return isinstance(text, dict) and text.get("type") in kinds and 0 < len(text.get("text", "")) <= _LONGEST[where]


def _arguments(request: Request) -> dict[str, Any]:
    if "json" in request.headers.get("content-type", "") and request.body:
        return {**request.query, **json.loads(request.body)}
    form: dict[str, Any] = dict(parse_qsl(request.body.decode()))
    structured: dict[str, Any] = {name: json.loads(form[name]) for name in ("blocks", "metadata") if name in form}
    return {**request.query, **form, **structured}


def _refused(error: str) -> Response:
    return Response.json(200, {"ok": False, "error": error})


DROPPED, DROPPED_AFTER_TAKING = Failure(Drop()), Failure(Drop(), taken=True)
