"""What all chats share: a message from somebody, and what hears it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message to the bot; ``id`` is the same however often the chat delivers it.

    ``user`` and ``channel`` are the chat's own ids, ``channel`` empty in a private conversation.
    """

    id: str
    text: str
    user: str
    channel: str = ""


class Listener(Protocol):
    """Receives the messages of one chat."""

    def start(self) -> None:
        """Begin to listen; returns at once."""
        ...

    def close(self) -> None:
        """Stop listening, when what is being answered has been answered."""
        ...
