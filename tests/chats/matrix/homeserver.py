"""What the tests need of a homeserver: the fake has it, and Synapse."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.demo.recorded.server import Interceptor, Request
from tests.chats.matrix.account import Account, Json


class Homeserver(Protocol):
    """A homeserver at ``url``, whose answers to the bot an interceptor may replace; ``name`` is its part of ids."""

    url: str
    name: str
    requests: list[Request]
    interceptor: Interceptor | None

    def account(self, name: str) -> Account:
        """Return an account with a device of its own; it is registered if there is none of this name."""
        ...

    def events(self, room: str, reader: Account) -> list[Json]:
        """Return the events of a room that an account may see, oldest first."""
        ...

    def set_time(self, at: datetime) -> None:
        """Set the homeserver's clock, or skip the test where that is the machine's."""
        ...

    def wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so; False when it is not within the time."""
        ...
