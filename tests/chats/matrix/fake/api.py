"""The client-server API of the homeserver of the tests: what is asked, by whom, and what is refused."""

import json
import re
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

from bot.demo.recorded.server import Request, Response
from tests.chats.matrix.fake.rooms import SERVER, Json, Room, Rooms
from tests.chats.matrix.fake.rules import faults, has_a_float, is_too_large
from tests.chats.matrix.fake.sync import Invalid, messages, sync

_PRESETS = {"private_chat", "public_chat", "trusted_private_chat"}
_SETTINGS = {"preset", "room_alias_name", "invite", "is_direct", "initial_state", "name"}
_MOST_SECONDS = 120


class Refused(Exception):
    """A request that is refused."""

    def __init__(self, status: int, errcode: str, error: str) -> None:
        super().__init__(error)
        self.response = Response.json(status, {"errcode": errcode, "error": error})


class Api:
    """Answers the requests of the client-server API."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Json]]] = [
            (method, _pattern(path), function)
            for method, path, function in (
                ("GET", "account/whoami", self._whoami),
                ("GET", "joined_rooms", self._joined_rooms),
                ("GET", "profile/*/displayname", self._display_name),
                ("GET", "directory/room/*", self._alias),
                ("GET", "user/*/account_data/*", self._account_data),
                ("PUT", "user/*/account_data/*", self._keep),
                ("POST", "createRoom", self._create),
                ("POST", "join/*", self._join),
                ("POST", "rooms/*/leave", self._leave),
                ("POST", "rooms/*/invite", self._invite),
                ("POST", "rooms/*/kick", self._kick),
                ("GET", "rooms/*/messages", self._messages),
                ("PUT", "rooms/*/send/*/*", self._send),
                ("PUT", "rooms/*/redact/*/*", self._redact),
                ("GET", "rooms/*/state/*/?", self._state),
                ("PUT", "rooms/*/state/*/?", self._set_state),
                ("GET", "sync", self._sync),
            )
        ]

    def answer(self, request: Request) -> Response:
        """Answer a request, with the time by the homeserver's clock."""
        try:
            response = self._answer(request)
        except Refused as refused:
            response = refused.response
        date = formatdate(self._rooms.clock(), usegmt=True)
        return Response(response.status, {**response.headers, "date": date}, response.body)

    def _answer(self, request: Request) -> Response:
        if request.path == "/_matrix/client/versions":
            return Response.json(200, {"versions": ["v1.11", "v1.15"], "unstable_features": {}})
        path = request.path.removeprefix("/_matrix/client/v3/")
        found = [(method, route.fullmatch(path), function) for method, route, function in self._routes]
        matching = [(method, match, function) for method, match, function in found if match is not None]
        if path == request.path or not matching:
            raise Refused(404, "M_UNRECOGNIZED", "Unrecognized request")
        for method, match, function in matching:
            if method == request.method:
                user = self._user(request)
                body = _body(request) if method != "GET" else dict(request.query)
                asked = [unquote(each) for each in match.groups()]
                return Response.json(200, function(user, body, *asked))
        raise Refused(405, "M_UNRECOGNIZED", "Unrecognized request")

    def _user(self, request: Request) -> tuple[str, str]:
        """Return the user and the device of a request's token."""
        header = request.headers.get("authorization", "")
        if not header:
            raise Refused(401, "M_MISSING_TOKEN", "Missing access token")
        known = self._rooms.tokens.get(header.removeprefix("Bearer "))
        if known is None:
            raise Refused(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
        return known

    def _whoami(self, by: tuple[str, str], _query: Json) -> Json:
        return {"user_id": by[0], "device_id": by[1], "is_guest": False}

    def _joined_rooms(self, by: tuple[str, str], _query: Json) -> Json:
        return {"joined_rooms": [room.id for room in self._rooms.of(by[0], "join")]}

    def _display_name(self, _by: tuple[str, str], _query: Json, user: str) -> Json:
        if user not in self._rooms.users:
            raise Refused(404, "M_NOT_FOUND", "Profile was not found")
        return {"displayname": user[1:].partition(":")[0]}

    def _alias(self, _by: tuple[str, str], _query: Json, alias: str) -> Json:
        if alias not in self._rooms.aliases:
            raise Refused(404, "M_NOT_FOUND", f"Room alias {alias} not found")
        return {"room_id": self._rooms.aliases[alias], "servers": [SERVER]}

    def _account_data(self, by: tuple[str, str], _query: Json, user: str, kind: str) -> Json:
        if user != by[0]:
            raise Refused(403, "M_FORBIDDEN", "Cannot get account data for other users.")
        if (user, kind) not in self._rooms.account_data:
            raise Refused(404, "M_NOT_FOUND", "Account data not found")
        return self._rooms.account_data[user, kind][1]

    def _keep(self, by: tuple[str, str], body: Json, user: str, kind: str) -> Json:
        if user != by[0]:
            raise Refused(403, "M_FORBIDDEN", "Cannot add account data for other users.")
        with self._rooms.changed:
            self._rooms.keep(user, kind, body)
        return {}

    def _create(self, by: tuple[str, str], body: Json) -> Json:
        user, alias = by[0], body.get("room_alias_name")
        invited = body.get("invite", [])
        if set(body) - _SETTINGS or body.get("preset", "private_chat") not in _PRESETS or not isinstance(invited, list):
            raise Refused(400, "M_BAD_JSON", "not a room that can be made")
        with self._rooms.changed:
            room = self._rooms.create(user)
            rule = "public" if body.get("preset") == "public_chat" else "invite"
            self._rooms.add(room, user, "m.room.join_rules", {"join_rule": rule}, state_key="")
            for each in body.get("initial_state", []):
                self._rooms.add(room, user, each["type"], each["content"], state_key=each.get("state_key", ""))
            if alias:
                self._rooms.aliases[f"#{alias}:{SERVER}"] = room.id
            for each in invited:
                is_direct = {"is_direct": True} if body.get("is_direct") else {}
                self._rooms.add(room, user, "m.room.member", {"membership": "invite", **is_direct}, state_key=each)
        return {"room_id": room.id}

    def _join(self, by: tuple[str, str], _body: Json, number: str) -> Json:
        room = self._rooms.rooms.get(self._rooms.aliases.get(number, number))
        if room is None:
            raise Refused(404, "M_NOT_FOUND", "Can't join remote room because no servers that are in the room")
        is_open = room.content("m.room.join_rules").get("join_rule") == "public"
        if not is_open and room.membership(by[0]) not in ("invite", "join"):
            raise Refused(403, "M_FORBIDDEN", "You are not invited to this room.")
        with self._rooms.changed:
            if room.membership(by[0]) != "join":
                self._rooms.add(room, by[0], "m.room.member", {"membership": "join"}, state_key=by[0])
        return {"room_id": room.id}

    def _leave(self, by: tuple[str, str], body: Json, number: str) -> Json:
        room = self._rooms.rooms.get(number)
        if room is None or ("m.room.member", by[0]) not in room.state:
            raise Refused(404, "M_UNKNOWN", "Not a known room")
        with self._rooms.changed:
            self._rooms.add(room, by[0], "m.room.member", {"membership": "leave", **body}, state_key=by[0])
        return {}

    def _invite(self, by: tuple[str, str], body: Json, number: str) -> Json:
        room = self._powerful(by[0], number, "invite")
        with self._rooms.changed:
            self._rooms.add(room, by[0], "m.room.member", {"membership": "invite"}, state_key=body["user_id"])
        return {}

    def _kick(self, by: tuple[str, str], body: Json, number: str) -> Json:
        room = self._powerful(by[0], number, "kick")
        with self._rooms.changed:
            self._rooms.add(room, by[0], "m.room.member", {"membership": "leave"}, state_key=body["user_id"])
        return {}

    def _messages(self, by: tuple[str, str], query: Json, number: str) -> Json:
        room = self._joined(by[0], number)
        with self._rooms.changed:
            return _checked(lambda: messages(self._rooms, room, query, _filter(query)))

    def _send(self, by: tuple[str, str], body: Json, number: str, kind: str, transaction: str) -> Json:
        room = self._powerful(by[0], number, "events_default")
        return self._once(by, f"send/{number}/{kind}", transaction, lambda: self._sent(room, by[0], kind, body))

    def _sent(self, room: Room, user: str, kind: str, content: Json) -> str:
        if is_too_large({"type": kind, "sender": user, "room_id": room.id, "content": content}):
            raise Refused(413, "M_TOO_LARGE", "event too large")
        wrong = faults(content) if kind == "m.room.message" else []
        if wrong or has_a_float(content):
            raise Refused(400, "M_BAD_JSON", "; ".join(wrong) or "a number that is no integer")
        return str(self._rooms.add(room, user, kind, content)["event_id"])

    def _redact(self, by: tuple[str, str], body: Json, number: str, event: str, transaction: str) -> Json:
        room = self._joined(by[0], number)
        redacted = self._rooms.event(room, event)
        if room.level_of(by[0]) < room.needed("redact"):
            if redacted is None:
                raise Refused(404, "M_NOT_FOUND", f"Could not find event {event}")
            if redacted["sender"] != by[0]:
                raise Refused(403, "M_FORBIDDEN", "You don't have permission to redact events")

        def redact() -> str:
            redaction = self._rooms.add(room, by[0], "m.room.redaction", {**body, "redacts": event})
            if redacted is not None:
                redacted["content"] = {}
                redacted["unsigned"] = {"redacted_because": redaction}
            return str(redaction["event_id"])

        return self._once(by, f"redact/{number}/{event}", transaction, redact)

    def _once(self, by: tuple[str, str], endpoint: str, transaction: str, do: Callable[[], str]) -> Json:
        """Do something once for each transaction of a device at an endpoint."""
        key = (by[1], endpoint, transaction)
        with self._rooms.changed:
            if key not in self._rooms.transactions:
                self._rooms.transactions[key] = do()
            return {"event_id": self._rooms.transactions[key]}

    def _state(self, by: tuple[str, str], _query: Json, number: str, kind: str, key: str) -> Json:
        event = self._joined(by[0], number).state.get((kind, key))
        if event is None:
            raise Refused(404, "M_NOT_FOUND", "Event not found.")
        return dict(event["content"])

    def _set_state(self, by: tuple[str, str], body: Json, number: str, kind: str, key: str) -> Json:
        room = self._powerful(by[0], number, "state_default")
        with self._rooms.changed:
            return {"event_id": self._rooms.add(room, by[0], kind, body, state_key=key)["event_id"]}

    def _sync(self, by: tuple[str, str], query: Json) -> Json:
        seconds = min(int(query.get("timeout", 0)) / 1000, _MOST_SECONDS)
        return _checked(lambda: sync(self._rooms, by[0], query.get("since", ""), _filter(query), seconds))

    def _joined(self, user: str, number: str) -> Room:
        room = self._rooms.rooms.get(number)
        if room is None or room.membership(user) != "join":
            raise Refused(403, "M_FORBIDDEN", f"User {user} not in room {number}")
        return room

    def _powerful(self, user: str, number: str, action: str) -> Room:
        room = self._joined(user, number)
        if room.level_of(user) < room.needed(action):
            raise Refused(403, "M_FORBIDDEN", "You don't have permission to do that in the room.")
        return room


def _pattern(path: str) -> re.Pattern[str]:
    """Return what matches a path: a star for a part, a question mark for one that may be empty."""
    return re.compile(path.replace("*", "([^/]+)").replace("?", "([^/]*)"))


def _body(request: Request) -> Json:
    if "json" not in request.headers.get("content-type", "application/json"):
        raise Refused(400, "M_NOT_JSON", "Content not JSON.")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Refused(400, "M_NOT_JSON", "Content not JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "M_BAD_JSON", "Content must be a JSON object.")
    return body


def _filter(query: Json) -> Json:
    found = json.loads(query.get("filter", "{}"))
    assert isinstance(found, dict)
    return found


def _checked(do: Callable[[], Any]) -> Json:
    try:
        return dict(do())
    except Invalid as error:
        raise Refused(400, "M_UNKNOWN", str(error)) from error
    except (KeyError, TypeError) as error:
        raise Refused(400, "M_INVALID_PARAM", str(error)) from error
