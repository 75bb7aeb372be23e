"""What the homeserver of the tests holds: accounts, rooms and their events, in one order."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

Json = dict[str, Any]
StateKey = tuple[str, str]

SERVER = "matrix.test"
# The levels of power that a room begins with, as Synapse 1.163 does.
_LEVELS = {"events_default": 0, "state_default": 50, "users_default": 0, "invite": 50, "kick": 50, "redact": 50}
_CREATOR = 100


@dataclass
class Room:
    """A room: its events with their places in the order of all, its state, and who made it."""

    id: str
    creator: str
    events: list[tuple[int, Json]] = field(default_factory=list)
    state: dict[StateKey, Json] = field(default_factory=dict)

    def membership(self, user: str) -> str:
        """Return somebody's membership: join, invite or leave."""
        event = self.state.get(("m.room.member", user))
        return str(event["content"]["membership"]) if event else "leave"

    def content(self, kind: str, key: str = "") -> Json:
        """Return the content of a state event, empty where there is none."""
        event = self.state.get((kind, key))
        return event["content"] if event else {}

    def level_of(self, user: str) -> int:
        """Return somebody's power."""
        if user == self.creator:
            return _CREATOR
        levels = self.content("m.room.power_levels")
        return int(levels.get("users", {}).get(user, levels["users_default"]))

    def needed(self, action: str) -> int:
        """Return the power that an action needs."""
        return int(self.content("m.room.power_levels")[action])

    def joined_at(self, user: str) -> int:
        """Return the place of the event by which somebody joined last."""
        places = [
            place
            for place, each in self.events
            if (each["type"], each.get("state_key")) == ("m.room.member", user)
            and each["content"]["membership"] == "join"
        ]
        return max(places, default=0)


@dataclass
class Rooms:
    """All accounts and rooms. ``changed`` is notified of each event, and guards everything."""

    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    users: set[str] = field(default_factory=set)
    rooms: dict[str, Room] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    account_data: dict[tuple[str, str], tuple[int, Json]] = field(default_factory=dict)
    # By device and endpoint, as the specification scopes them.
    transactions: dict[tuple[str, str, str], str] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    changed: Condition = field(default_factory=Condition)
    place: int = 0
    _numbers: int = 0

    def account(self, name: str) -> tuple[str, str]:
        """Return an account's id and a new token of it."""
        with self.changed:
            user, token = f"@{name}:{SERVER}", f"syt_{name}_{self._number():06d}"
            self.users.add(user)
            self.tokens[token] = (user, f"DEVICE{self._numbers}")
            return user, token

    def create(self, creator: str) -> Room:
        """Return a new room, of version 12: its id has no server."""
        room = Room(f"!room{self._number()}", creator)
        self.rooms[room.id] = room
        self.add(room, creator, "m.room.create", {"room_version": "12"}, state_key="")
        self.add(room, creator, "m.room.member", {"membership": "join"}, state_key=creator)
        self.add(room, creator, "m.room.power_levels", dict(_LEVELS), state_key="")
        return room

    def add(self, room: Room, sender: str, kind: str, content: Json, *, state_key: str | None = None) -> Json:
        """Add an event to a room."""
        self.place += 1
        event = {
            "type": kind,
            "sender": sender,
            "content": content,
            "event_id": f"$event{self._number()}",
            "origin_server_ts": int(self.clock() * 1000),
            "room_id": room.id,
        }
        if state_key is not None:
            event["state_key"] = state_key
            room.state[kind, state_key] = event
        room.events.append((self.place, event))
        self.changed.notify_all()
        return event

    def keep(self, user: str, kind: str, content: Json) -> None:
        """Keep account data."""
        self.place += 1
        self.account_data[user, kind] = (self.place, content)
        self.changed.notify_all()

    def of(self, user: str, membership: str) -> Iterator[Room]:
        """Yield the rooms that somebody is in, or invited to."""
        return (room for room in self.rooms.values() if room.membership(user) == membership)

    def event(self, room: Room, number: str) -> Json | None:
        """Return an event of a room."""
        return next((each for _, each in room.events if each["event_id"] == number), None)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers
