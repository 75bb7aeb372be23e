"""``/sync`` and ``/messages``: what an account sees of its rooms, within a filter."""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.chats.matrix.fake.rooms import Json, Room, Rooms

# The parts of a filter, and of the filter of events, that are known here; others are refused.
_PARTS = {"presence", "account_data", "room"}
_ROOM_PARTS = {"ephemeral", "account_data", "state", "timeline"}
_OF_EVENTS = {"types", "not_types", "senders", "not_senders", "limit"}
_TOKEN = re.compile("[st]([0-9]+)")
# What an invitation shows of a room (client-server API, "Stripped state").
_STRIPPED = ("m.room.create", "m.room.join_rules", "m.room.name", "m.room.encryption", "m.room.canonical_alias")


class Invalid(ValueError):
    """A filter or a token that no homeserver takes."""


def sync(rooms: Rooms, user: str, since: str, filter_: Json, timeout: float) -> Json:
    """Return what changed since a position, once something has or the time is over."""
    _check(filter_)
    after = place_of(since) if since else 0
    with rooms.changed:
        until = time.monotonic() + timeout
        while True:
            found = _changes(rooms, user, after, filter_, is_first=not since)
            left = until - time.monotonic()
            if not since or len(found) > 1 or left <= 0:
                return found
            rooms.changed.wait(left)


def messages(rooms: Rooms, room: Room, query: dict[str, str], filter_: Json) -> Json:
    """Return a page of a room's events, newest first; no end where nothing is left."""
    if query.get("dir") != "b":
        raise Invalid("dir")
    newest = place_of(query["from"]) if "from" in query else rooms.place
    oldest = place_of(query["to"]) if "to" in query else 0
    is_wanted = wanted(filter_)
    found = [(place, each) for place, each in reversed(room.events) if oldest < place <= newest and is_wanted(each)]
    page = found[: int(query.get("limit", 10))]
    end = {"end": f"t{page[-1][0] - 1}"} if page else {}
    return {"chunk": [_shown(rooms, each) for _, each in page], "start": f"t{newest}", **end}


def place_of(token: str) -> int:
    """Return the place that a token stands for. Raises Invalid."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise Invalid("Invalid stream token")
    return int(found[1])


def wanted(filter_: Json) -> Callable[[Json], bool]:
    """Return what tells whether a filter of events lets one through. Raises Invalid."""
    if unknown := set(filter_) - _OF_EVENTS:
        raise Invalid(f"unknown in a filter: {unknown}")
    types, senders, not_senders = filter_.get("types"), filter_.get("senders"), filter_.get("not_senders", ())

    def is_wanted(event: Json) -> bool:
        is_of_type = types is None or event["type"] in types
        return is_of_type and (senders is None or event.get("sender") in senders) and event["sender"] not in not_senders

    return is_wanted


def _check(filter_: Json) -> None:
    if set(filter_) - _PARTS or set(filter_.get("room", {})) - _ROOM_PARTS:
        raise Invalid("unknown in a filter")


def _changes(rooms: Rooms, user: str, after: int, filter_: Json, *, is_first: bool) -> Json:
    asked = filter_.get("room", {})
    joined = {room.id: _joined(rooms, room, user, after, asked) for room in rooms.of(user, "join")}
    invited = {
        room.id: {"invite_state": {"events": _stripped(room, user)}}
        for room in rooms.of(user, "invite")
        if is_first or _place(room, user) > after
    }
    held = {
        "join": {number: each for number, each in joined.items() if is_first or _is_news(each)},
        "invite": invited,
    }
    kinds = filter_.get("account_data", {}).get("types")
    kept = [
        {"type": kind, "content": content}
        for (owner, kind), (place, content) in rooms.account_data.items()
        if owner == user and place > after and (kinds is None or kind in kinds)
    ]
    news: dict[str, Any] = {"rooms": {kind: each for kind, each in held.items() if each}} if any(held.values()) else {}
    news |= {"account_data": {"events": kept}} if kept else {}
    return {"next_batch": f"s{rooms.place}", **news}


def _joined(rooms: Rooms, room: Room, user: str, after: int, asked: Json) -> Json:
    of_timeline = dict(asked.get("timeline", {}))
    limit = int(of_timeline.get("limit", 10))
    # Whoever comes in is shown what was said last.
    is_new = room.joined_at(user) > after
    events = [(place, each) for place, each in room.events if place > (0 if is_new else after)]
    found = [(place, each) for place, each in events if wanted(of_timeline)(each)]
    shown = found[len(found) - limit :] if limit < len(found) else found
    first = shown[0][0] if shown else rooms.place + 1
    of_state = wanted(asked.get("state", {}))
    state = [each for place, each in room.events if "state_key" in each and of_state(each) and place < first]
    is_changed = {each["event_id"] for place, each in room.events if place > after}
    return {
        "timeline": {
            "events": [_shown(rooms, each) for _, each in shown],
            "limited": len(shown) < len(found),
            "prev_batch": f"s{first - 1}",
        },
        "state": {"events": [each for each in state if is_new or each["event_id"] in is_changed]},
        "account_data": {"events": []},
        "ephemeral": {"events": []},
    }


def _is_news(joined: Json) -> bool:
    return bool(joined["timeline"]["events"] or joined["timeline"]["limited"] or joined["state"]["events"])


def _place(room: Room, user: str) -> int:
    """Return the place of somebody's membership."""
    event = room.state["m.room.member", user]
    return next(place for place, each in room.events if each is event)


def _stripped(room: Room, user: str) -> Sequence[Json]:
    mine = room.state["m.room.member", user]
    shown = [room.state[kind, ""] for kind in _STRIPPED if (kind, "") in room.state]
    return [{key: each[key] for key in ("type", "state_key", "sender", "content")} for each in (*shown, mine)]


def _shown(rooms: Rooms, event: Json) -> Json:
    age = int(rooms.clock() * 1000) - event["origin_server_ts"]
    return {**event, "unsigned": {"age": age, **event.get("unsigned", {})}}
