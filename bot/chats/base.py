"""What every kind of chat provides: a client that posts, and a listener that hands messages to the inbox."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from bot.chats.inbox import Inbox
from bot.domain.errors import UsageError
from bot.services.ports import ChatClient

if TYPE_CHECKING:
    from bot.web.app import Mount

# Reads a secret by its variable's name; None for one that is not set.
Secrets = Callable[[str], str | None]


class Listener(Protocol):
    """Receives the messages of one chat."""

    @property
    def mounts(self) -> "Sequence[Mount]":
        """What has to be served over HTTP for it, nothing where it connects on its own."""
        ...

    def start(self) -> None:
        """Begin to listen; returns at once."""
        ...

    def close(self) -> None:
        """Stop listening, when what is being answered has been answered."""
        ...


class ConfiguredChat(Protocol):
    """One chat of the configuration; each part is built when it is first asked for."""

    @property
    def client(self) -> ChatClient | UsageError:
        """What posts to it, or what is missing for that."""
        ...

    def missing_to_listen(self) -> Sequence[str]:
        """Name the variables without which questions cannot be heard."""
        ...

    def check_listening(self) -> None:
        """Ask the chat whether the secrets to listen with are good, as far as that can be asked. Raises ChatError."""
        ...

    def listener(self, inbox: Inbox) -> Listener:
        """Build what listens; nothing is connected yet. Raises UsageError where a secret is missing."""
        ...
