"""Mattermost's REST API, as far as the bot and the official client use it.

Paths, required fields, limits and errors are those of the API's description (api/v4/source in Mattermost's repository)
and of its server's code. Where the server ignores a field that it does not know, this one refuses it.
"""

import json
import re
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any, TypeVar

from bot.demo.recorded.server import Request, Response
from tests.chats.mattermost.fake.state import LONGEST_MESSAGE, LONGEST_PROPS, Channel, Post, State, User, an_id

_ID = "([a-z0-9]{26})"
_MOST_A_PAGE, _MOST_SINCE = 200, 1_000
_POST_FIELDS = {"channel_id", "message", "root_id", "props", "file_ids", "metadata", "pending_post_id"}
# What the official client sends along.
_POST_FIELDS |= {"create_at", "user_id"}
_Answer = Callable[..., Response]
_T = TypeVar("_T")


class RefusedError(Exception):
    """An error of the API."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or code


class RestApi:
    """Answers requests from what the server holds; ``press`` runs a button, ``command`` a slash command."""

    def __init__(self, state: State, press: Callable[[Post, str, User], None]) -> None:
        self._state = state
        self._press = press
        self._routes: list[tuple[str, re.Pattern[str], _Answer]] = [
            (method, re.compile(f"/api/v4{path}"), answer)
            for method, path, answer in (
                ("GET", "/users/me", self._me),
                ("GET", f"/users/{_ID}", self._user),
                ("GET", "/users/username/([^/]+)", self._user_named),
                ("GET", f"/users/(me|{_ID[1:-1]})/teams", self._teams),
                ("GET", f"/users/(me|{_ID[1:-1]})/channels", self._channels),
                ("GET", "/teams/name/([^/]+)/channels/name/([^/]+)", self._channel_named),
                ("GET", f"/channels/{_ID}", self._channel),
                ("GET", f"/channels/{_ID}/posts", self._posts),
                ("POST", "/channels/direct", self._direct),
                ("POST", "/posts", self._create),
                ("GET", f"/posts/{_ID}", self._post),
                ("DELETE", f"/posts/{_ID}", self._delete),
                ("POST", f"/posts/{_ID}/actions/([A-Za-z0-9]+)", self._act),
            )
        ]

    def answer(self, request: Request, path: str) -> Response:
        """Answer a request; ``path`` is without the server's own path."""
        number = f"request{self._state.number():019d}"
        headers = {
            "X-Request-Id": number,
            "X-Version-Id": "11.9.0.11.9.0.0.false",
            "Date": formatdate(self._state.clock(), usegmt=True),
        }
        try:
            response = self._answered(request, path)
        except RefusedError as error:
            told = {
                "id": error.code,
                "message": error.message,
                "detailed_error": "",
                "request_id": number,
                "status_code": error.status,
            }
            response = Response.json(error.status, told)
        # The official client reads JSON under exactly this type.
        return Response(response.status, {"content-type": "application/json", **headers}, response.body)

    def _answered(self, request: Request, path: str) -> Response:
        if path == "/api/v4/system/ping":
            return Response.json(200, {"status": "OK", "AndroidLatestVersion": "", "IosLatestVersion": ""})
        for method, pattern, answer in self._routes:
            if (found := pattern.fullmatch(path)) and method == request.method:
                return answer(self._user_of(request), request, *found.groups())
        raise RefusedError(404, "api.context.404.app_error", "Sorry, we could not find the page.")

    def _user_of(self, request: Request) -> User:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        user = next((each for each in self._state.users.values() if token and each.token == token), None)
        if scheme.lower() != "bearer" or user is None:
            raise RefusedError(
                401, "api.context.session_expired.app_error", "Invalid or expired session, please login."
            )
        return user

    def _me(self, user: User, _request: Request) -> Response:
        return Response.json(200, user.shown())

    def _user(self, _user: User, _request: Request, number: str) -> Response:
        return Response.json(200, self._found(self._state.users.get(number), "app.user.missing_account.const").shown())

    def _user_named(self, _user: User, _request: Request, name: str) -> Response:
        found = next((each for each in self._state.users.values() if each.name == name), None)
        return Response.json(200, self._found(found, "app.user.get_by_username.app_error").shown())

    def _teams(self, user: User, _request: Request, number: str) -> Response:
        self._allow(number in ("me", user.id))
        names = {each.team for each in self._state.channels.values() if user.id in each.members and each.kind != "D"}
        return Response.json(200, [_team(name) for name in sorted(names)])

    def _channels(self, user: User, _request: Request, number: str) -> Response:
        self._allow(number in ("me", user.id))
        return Response.json(200, [each.shown() for each in self._state.channels.values() if user.id in each.members])

    def _channel_named(self, user: User, _request: Request, team: str, name: str) -> Response:
        found = next((e for e in self._state.channels.values() if (e.team, e.name) == (team, name)), None)
        channel = self._found(found, "app.channel.get_by_name.missing.app_error")
        if channel.kind != "O" and user.id not in channel.members:
            raise RefusedError(404, "app.channel.get_by_name.missing.app_error")
        return Response.json(200, channel.shown())

    def _channel(self, user: User, _request: Request, number: str) -> Response:
        return Response.json(200, self._readable(user, number).shown())

    def _posts(self, user: User, request: Request, number: str) -> Response:
        channel, query = self._readable(user, number), request.query
        until = self._state.clock() - self._state.shown_after
        # The newest first; what is deleted only where changes are asked for.
        own = [each for each in self._state.posts if each.channel == channel.id and each.at // 1000 <= until]
        own = sorted(own, key=lambda each: each.at, reverse=True)
        if "since" in query:
            since = _whole(query["since"], "since")
            changed = [e for e in own if max(e.at, e.edited_at, e.deleted_at) > since]
            return Response.json(200, _post_list(changed[:_MOST_SINCE]))
        own = [each for each in own if not each.deleted_at]
        if "before" in query:
            at = next((n for n, each in enumerate(own) if each.id == query["before"]), None)
            own = own[at + 1 :] if at is not None else []
        size = min(_whole(query.get("per_page", "60"), "per_page"), _MOST_A_PAGE)
        first = _whole(query.get("page", "0"), "page") * size
        return Response.json(200, _post_list(own[first : first + size]))

    def _direct(self, user: User, request: Request) -> Response:
        body = _body(request)
        if not isinstance(body, list) or len(body) != 2 or not all(each in self._state.users for each in body):
            raise RefusedError(400, "api.context.invalid_body_param.app_error")
        self._allow(user.id in body)
        return Response.json(201, self._state.direct(*body).shown())

    def _create(self, user: User, request: Request) -> Response:
        body = _body(request)
        if not isinstance(body, dict) or set(body) - _POST_FIELDS:
            raise RefusedError(400, "api.context.invalid_body_param.app_error", f"unknown fields in {body!r}")
        channel = self._state.channels.get(str(body.get("channel_id")))
        if channel is None or user.id not in channel.members:
            raise RefusedError(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
        message, root, props = body.get("message"), body.get("root_id") or "", body.get("props") or {}
        _check_post(message, props)
        if root:
            above = self._state.post(str(root))
            if above is None:
                raise RefusedError(400, "api.post.create_post.root_id.app_error")
            if above.channel != channel.id or above.root:
                raise RefusedError(400, "api.post.create_post.channel_root_id.app_error")
        post = self._state.add(user.id, channel.id, str(message), str(root), dict(props))
        return Response.json(201, post.shown())

    def _post(self, user: User, _request: Request, number: str) -> Response:
        post = self._found(self._state.post(number), "app.post.get.app_error")
        self._readable(user, post.channel)
        return Response.json(200, post.shown())

    def _delete(self, user: User, _request: Request, number: str) -> Response:
        post = self._found(self._state.post(number), "app.post.get.app_error")
        self._allow(post.user == user.id)
        self._state.delete(post)
        return Response.json(200, {"status": "OK"})

    def _act(self, user: User, _request: Request, number: str, action: str) -> Response:
        self._press(self._found(self._state.post(number), "app.post.get.app_error"), action, user)
        return Response.json(200, {"status": "OK", "trigger_id": ""})

    def _readable(self, user: User, number: str) -> Channel:
        channel = self._found(self._state.channels.get(number), "app.channel.get.existing.app_error")
        self._allow(channel.kind == "O" or user.id in channel.members)
        return channel

    @staticmethod
    def _allow(is_allowed: bool) -> None:  # noqa: FBT001
        if not is_allowed:
            raise RefusedError(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")

    @staticmethod
    def _found(thing: _T | None, code: str) -> _T:
        if thing is None:
            raise RefusedError(404, code)
        return thing


def _check_post(message: object, props: object) -> None:
    if not isinstance(message, str) or not message:
        raise RefusedError(400, "api.context.invalid_body_param.app_error", "message is required")
    if len(message) > LONGEST_MESSAGE:
        raise RefusedError(400, "model.post.is_valid.message_length.app_error")
    if not isinstance(props, dict) or len(json.dumps(props)) > LONGEST_PROPS:
        raise RefusedError(400, "model.post.is_valid.props.app_error")
    for attachment in props.get("attachments", ()):
        for action in attachment.get("actions", ()):
            _check_action(action)


def _check_action(action: Mapping[str, Any]) -> None:
    """Check a button as PostAction.IsValid does, and that its id fits the address of actions."""
    url = action.get("integration", {}).get("url", "")
    is_right = action.get("name") and action.get("type") == "button" and re.match("https?://", url)
    if not is_right or not re.fullmatch("[A-Za-z0-9]+", action.get("id", "")):
        raise RefusedError(400, "model.post.is_valid.props_invalid.app_error", f"invalid action {action!r}")


def _post_list(posts: list[Post]) -> dict[str, Any]:
    return {
        "order": [each.id for each in posts],
        "posts": {each.id: each.shown() for each in posts},
        "next_post_id": "",
        "prev_post_id": "",
        "has_next": False,
        "first_inaccessible_post_time": 0,
    }


def _team(name: str) -> dict[str, Any]:
    return {"id": an_id(name), "name": name, "display_name": name, "type": "O", "delete_at": 0}


def _body(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise RefusedError(400, "api.context.invalid_body_param.app_error") from error


def _whole(text: str, name: str) -> int:
    if not text.isdecimal():
        raise RefusedError(400, "api.context.invalid_url_param.app_error", f"Invalid {name} parameter.")
    return int(text)
