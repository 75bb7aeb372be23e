"""What the use cases need of a forge's webhooks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.polling.hooks import HookEvent


class HookFormat(Protocol):
    """How a kind of forge signs its webhooks, and what they say; headers are by name in lower case."""

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
        """Return whether a webhook is signed with a secret; the time that takes says nothing of the secret."""
        ...

    def event(self, headers: Mapping[str, str], body: bytes) -> HookEvent:
        """Return what a webhook says. Raises ValueError if it cannot be read."""
        ...
