"""What a person, or a program that is not the bot, does with an account: plain requests of the client-server API."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

Json = dict[str, Any]


@dataclass
class Account:
    """An account on a homeserver at ``url``."""

    url: str
    user: str
    token: str
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count, repr=False)

    def ask(self, method: str, *path: str, body: Any = None, **query: Any) -> requests.Response:
        """Send a request to the API, whatever comes of it."""
        address = f"{self.url}/_matrix/client/v3/{'/'.join(quote(each, safe='') for each in path)}"
        headers = {"Authorization": f"Bearer {self.token}"}
        data = None if body is None else json.dumps(body)
        return requests.request(method, address, params=query, data=data, headers=headers, timeout=60)

    def call(self, method: str, *path: str, body: Any = None, **query: Any) -> Json:
        """Send a request that succeeds, and return its object."""
        came = self.ask(method, *path, body=body, **query)
        assert came.ok, f"{method} {path}: {came.status_code} {came.text}"
        return dict(came.json())

    def create_room(self, **settings: Any) -> str:
        """Create a room, and return its id."""
        return str(self.call("POST", "createRoom", body=settings)["room_id"])

    def join(self, room: str) -> None:
        """Join a room."""
        self.call("POST", "join", room, body={})

    def invite(self, room: str, user: str) -> None:
        """Invite somebody."""
        self.call("POST", "rooms", room, "invite", body={"user_id": user})

    def say(self, room: str, body: str, **content: Any) -> str:
        """Send a text, and return the id of its event."""
        said = {"msgtype": "m.text", "body": body, **content}
        return str(self.call("PUT", "rooms", room, "send", "m.room.message", self._number(), body=said)["event_id"])

    def encrypt(self, room: str) -> None:
        """Turn on a room's encryption."""
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        self.call("PUT", "rooms", room, "state", "m.room.encryption", "", body=content)

    def messages(self, room: str) -> list[Json]:
        """Return the events of a room that the account may see, oldest first."""
        found: list[Json] = []
        after: Json = {}
        while True:
            page = self.call("GET", "rooms", room, "messages", dir="b", limit=1000, **after)
            found += page["chunk"]
            if "end" not in page:
                return found[::-1]
            after = {"from": page["end"]}

    def member(self, room: str, user: str) -> str:
        """Return somebody's membership of a room."""
        came = self.ask("GET", "rooms", room, "state", "m.room.member", user)
        return str(came.json()["membership"]) if came.ok else ""

    def _number(self) -> str:
        return f"{self.token[-8:]}-{next(self._numbers)}"
