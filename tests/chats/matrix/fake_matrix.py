"""A Matrix homeserver on loopback: takes what Synapse takes, refuses what it refuses, and fails when told to.

The rules are those of the client-server API; what it leaves open is as Synapse 1.163 does it. ``test_homeserver.py``
asks both the same. It is stricter in one thing: a message has to be well-formed, with allowed tags alone.
"""

import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from bot.demo.recorded.server import LoopbackServer, Request, Response
from tests.chats.matrix.account import Account, Json
from tests.chats.matrix.fake.api import Api
from tests.chats.matrix.fake.rooms import SERVER, Rooms

# How often something is looked at that may change without an event.
_LOOK = 0.02


class FakeMatrix(LoopbackServer):
    """The bot connects to ``.url``; people connect to an address of their own, where nothing fails."""

    name = SERVER

    def __init__(self) -> None:
        super().__init__()
        self.rooms = Rooms()
        self._api = Api(self.rooms)
        self._people = _People(self._api)

    def __enter__(self) -> Self:
        self._people.__enter__()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._people.__exit__(kind, error, trace)
        super().__exit__(kind, error, trace)

    def answer(self, request: Request) -> Response:
        """Answer a request of the bot."""
        return self._api.answer(request)

    def account(self, name: str) -> Account:
        """Return an account with a device of its own; it is registered if there is none of this name."""
        return Account(self._people.url, *self.rooms.account(name))

    def events(self, room: str, reader: Account) -> list[Json]:
        """Return the events of a room."""
        assert self.rooms.rooms[room].membership(reader.user) == "join"
        with self.rooms.changed:
            return [each for _, each in self.rooms.rooms[room].events]

    def set_time(self, at: datetime) -> None:
        """Set the homeserver's clock."""
        self.rooms.clock = at.timestamp

    def wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so, which is looked at after each event."""
        until = time.monotonic() + seconds
        while not (found := is_so()) and time.monotonic() < until:
            with self.rooms.changed:
                self.rooms.changed.wait(_LOOK)
        return found


class _People(LoopbackServer):
    def __init__(self, api: Api) -> None:
        super().__init__()
        self._api = api

    def answer(self, request: Request) -> Response:
        return self._api.answer(request)
