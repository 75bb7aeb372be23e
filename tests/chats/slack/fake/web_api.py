"""The methods of Slack's Web API that the bot uses, and the response_url, answered as their reference pages say."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from bot.demo.recorded.clock_text import http_date
from bot.demo.recorded.server import Request, Response
from tests.chats.slack.fake.rules import faults, home_faults, troubles
from tests.chats.slack.fake.workspace import (
    APP,
    BOT,
    BOT_USER,
    CHANNEL,
    CHANNEL_NAME,
    MOST_RESPONSES,
    TEAM,
    Message,
    ResponseUrl,
    Workspace,
    is_stamp,
)

TOKEN, APP_TOKEN = "xoxb-t0ken", "xapp-t0ken"
_STRUCTURED = ("blocks", "metadata", "view")


class WebApi:
    """Answers requests on a workspace; ``open_link`` gives the address of a web socket."""

    def __init__(self, workspace: Workspace, open_link: Callable[[], str]) -> None:
        self._workspace = workspace
        self._open_link = open_link
        self._methods: dict[str, Callable[[dict[str, Any]], Response]] = {
            "/auth.test": self._auth_test,
            "/chat.postMessage": self._post,
            "/chat.delete": self._delete,
            "/chat.postEphemeral": self._post_ephemeral,
            "/conversations.history": self._history,
            "/conversations.info": self._info,
            "/conversations.replies": self._replies,
            "/conversations.open": self._open,
            "/users.conversations": self._channels,
            "/users.info": self._user,
            "/views.publish": self._publish,
        }

    def answer(self, request: Request) -> Response:
        """Do as Slack: errors come with HTTP 200 and ``ok: false``, and the time stands on every answer."""
        answer = self._answer(request)
        now = http_date(datetime.fromtimestamp(self._workspace.clock(), UTC))
        return replace(answer, headers={**answer.headers, "date": now})

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/response/"):
            return self._respond(request)
        is_link = request.path == "/apps.connections.open"
        if request.method not in {"GET", "POST"} or not (is_link or request.path in self._methods):
            return _refused("unknown_method")
        if wrong := _wrong_token(
            request.headers.get("authorization", ""), *((APP_TOKEN, TOKEN) if is_link else (TOKEN, APP_TOKEN))
        ):
            return _refused(wrong)
        if is_link:
            return _fine(url=self._open_link())
        try:
            arguments = _arguments(request)
        except ValueError:
            return _refused("invalid_json")
        return self._methods[request.path](arguments)

    def take_response(self, opened: ResponseUrl, body: dict[str, Any]) -> str:
        """Take what responds to a command or a button; name the error, empty for none.

        Slack shows it to the asker alone unless ``response_type`` says ``in_channel``.
        """
        text, blocks = body.get("text", ""), body.get("blocks") or []
        if opened.message and body.get("delete_original"):
            self._workspace.rewrite(opened.message, "", [])
            return ""
        if trouble := troubles(text, blocks):
            return trouble
        if opened.message and body.get("replace_original"):
            self._workspace.rewrite(opened.message, text, blocks)
            return ""
        only_for = None if body.get("response_type") == "in_channel" else opened.user
        self._workspace.add(
            opened.channel, text, blocks, only_for=only_for, response=opened.id, thread_ts=body.get("thread_ts")
        )
        return ""

    def _auth_test(self, _arguments: dict[str, Any]) -> Response:
        answer = _fine(
            url="https://dirac.slack.example/",
            team="DIRAC",
            user="release-bot",
            team_id=TEAM,
            user_id=BOT_USER,
            bot_id=BOT,
            is_enterprise_install=False,
        )
        told = {"x-oauth-scopes": ",".join(self._workspace.scopes)}
        return replace(answer, headers={**answer.headers, **told})

    def _user(self, arguments: dict[str, Any]) -> Response:
        user = arguments.get("user", "")
        if "users:read" not in self._workspace.scopes:
            return _refused("missing_scope")
        if user not in self._workspace.users:
            return _refused("user_not_found")
        is_guest = user in self._workspace.guests
        return _fine(user={"id": user, "is_bot": False, "is_restricted": is_guest, "is_ultra_restricted": False})

    def _post(self, arguments: dict[str, Any]) -> Response:
        """Post; a reply to a thread that is not there is taken, and nobody sees it.

        So Slack does: https://github.com/slackapi/python-slack-sdk/issues/840.
        """
        metadata = arguments.get("metadata") or {}
        return self._take(arguments, lambda **held: self._workspace.add(**held, metadata=metadata), "ts")

    def _delete(self, arguments: dict[str, Any]) -> Response:
        """Delete one of the bot's own messages, in a channel named by its id."""
        channel, ts = arguments.get("channel", ""), arguments.get("ts", "")
        found = self._workspace.message(channel, ts)
        if found is None:
            return _refused("channel_not_found" if self._workspace.closed(channel) else "message_not_found")
        if found.user != BOT_USER:
            return _refused("cant_delete_message")
        self._workspace.delete(found)
        return _fine(channel=channel, ts=ts)

    def _post_ephemeral(self, arguments: dict[str, Any]) -> Response:
        user = arguments.get("user", "")
        if user not in self._workspace.users:
            return _refused("user_not_in_channel")
        return self._take(arguments, lambda **held: self._workspace.add(**held, only_for=user), "message_ts")

    def _take(self, arguments: dict[str, Any], add: Callable[..., Message], ts: str) -> Response:
        channel = self._workspace.resolved(arguments.get("channel", ""))
        text, blocks, thread_ts = arguments.get("text", ""), arguments.get("blocks") or [], arguments.get("thread_ts")
        if closed := self._workspace.closed(channel):
            return _refused(closed)
        if thread_ts is not None and not is_stamp(thread_ts):
            return _refused("invalid_thread_ts")
        if trouble := troubles(text, blocks):
            return _refused(trouble, faults(blocks))
        message = add(channel=channel, text=text, blocks=blocks, thread_ts=thread_ts)
        return _fine(channel=channel, **{ts: message.ts})

    def _history(self, arguments: dict[str, Any]) -> Response:
        """List a channel's messages after ``oldest``, newest first, a page at a time.

        No replies, nothing ephemeral, metadata only where asked for, and the channel by its id alone.
        """
        return self._messages(arguments, lambda each: each.thread_ts in {None, each.ts}, self._workspace.shown())

    def _replies(self, arguments: dict[str, Any]) -> Response:
        """List a thread's messages, its first included, oldest first."""
        ts = arguments.get("ts", "")
        if self._workspace.message(arguments.get("channel", ""), ts) is None:
            return _refused("thread_not_found")
        return self._messages(arguments, lambda each: ts in {each.ts, each.thread_ts}, self._workspace.shown()[::-1])

    def _messages(
        self, arguments: dict[str, Any], is_meant: Callable[[Message], bool], messages: list[Message]
    ) -> Response:
        channel = arguments.get("channel", "")
        if channel.startswith("#"):
            return _refused("channel_not_found")
        if closed := self._workspace.closed(channel):
            return _refused(closed)
        is_all = str(arguments.get("include_all_metadata", "")).lower() in {"1", "true"}
        found = [
            {"type": "message", "ts": each.ts, "user": each.user, "text": each.text, "blocks": each.blocks}
            | ({"metadata": each.metadata} if is_all and each.metadata else {})
            for each in messages
            if each.channel == channel and is_meant(each) and each.only_for is None
            if float(each.ts) > float(arguments.get("oldest") or 0)
        ]
        begin, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit", 100))
        more = {"response_metadata": {"next_cursor": str(begin + limit)}} if len(found) > begin + limit else {}
        return _fine(messages=found[begin : begin + limit], has_more=bool(more), **more)

    def _info(self, arguments: dict[str, Any]) -> Response:
        """Describe a channel, named by its id."""
        channel = arguments.get("channel", "")
        if self._workspace.closed(channel) == "channel_not_found":
            return _refused("channel_not_found")
        is_private, is_im = channel in self._workspace.private, channel.startswith("D")
        kind = {"is_im": True} if is_im else {"is_channel": True, "is_im": False, "is_mpim": False}
        return _fine(channel={"id": channel, **kind, **({} if is_im else {"is_private": is_private})})

    def _open(self, arguments: dict[str, Any]) -> Response:
        """Open the direct messages to one person, which are the same each time."""
        user = arguments.get("users", "")
        if user not in self._workspace.users:
            return _refused("user_not_found")
        return _fine(no_op=True, already_open=True, channel={"id": self._workspace.direct(user)})

    def _channels(self, arguments: dict[str, Any]) -> Response:
        """List the channels that the bot is in, a page of ``limit`` at a time."""
        found = [{"id": f"C1{number:03d}", "name": f"room-{number}"} for number in range(self._workspace.rooms)]
        found.append({"id": CHANNEL, "name": CHANNEL_NAME})
        begin, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit", 100))
        is_more = len(found) > begin + limit
        cursor = {"next_cursor": str(begin + limit) if is_more else ""}
        return _fine(channels=found[begin : begin + limit], response_metadata=cursor)

    def _publish(self, arguments: dict[str, Any]) -> Response:
        user, view = arguments.get("user_id", ""), arguments.get("view")
        if user not in self._workspace.users:
            return _refused("invalid_arguments", ["no such user [/user_id]"])
        if wrong := home_faults(view):
            return _refused("invalid_arguments", wrong)
        assert isinstance(view, dict)
        shown = self._workspace.publish(user, view["blocks"])
        return _fine(view={"id": shown.id, "team_id": TEAM, "app_id": APP, "bot_id": BOT, **view})

    def _respond(self, request: Request) -> Response:
        opened = self._workspace.responses.get(request.path.removeprefix("/response/"))
        if opened is None or request.method != "POST":
            return Response.json(404, {"ok": False, "error": "expired_url"})
        if opened.uses >= MOST_RESPONSES:
            return Response.json(404, {"ok": False, "error": "used_url"})
        opened.uses += 1
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        trouble = self.take_response(opened, body) if isinstance(body, dict) else "invalid_payload"
        return Response.text(400, trouble, "text/plain") if trouble else Response.text(200, "ok", "text/plain")


def _wrong_token(header: str, wanted: str, other: str) -> str:
    if not header:
        return "not_authed"
    if header == f"Bearer {other}":
        return "not_allowed_token_type"
    return "" if header == f"Bearer {wanted}" else "invalid_auth"


def _arguments(request: Request) -> dict[str, Any]:
    """Read the arguments from the address, and from the body as JSON or as a form. Raises ValueError."""
    is_json = "json" in request.headers.get("content-type", "") and request.body
    held = json.loads(request.body) if is_json else dict(parse_qsl(request.body.decode()))
    if not isinstance(held, dict):
        raise ValueError  # noqa: TRY004 - what came is wrong, not how it was called
    structured = {name: json.loads(held[name]) for name in _STRUCTURED if isinstance(held.get(name), str)}
    return {**request.query, **held, **structured}


def _fine(**more: Any) -> Response:
    return Response.json(200, {"ok": True, **more})


def _refused(error: str, messages: list[str] | None = None) -> Response:
    told = {"response_metadata": {"messages": [f"[ERROR] {each}" for each in messages]}} if messages else {}
    return Response.json(200, {"ok": False, "error": error, **told})
