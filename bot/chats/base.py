"""Interfaces of every kind of chat: a client that posts, and a listener that passes messages to the inbox."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bot.chats.inbox import Inbox
from bot.domain.errors import UsageError
from bot.services.ports import ChatClient

if TYPE_CHECKING:
    from bot.web.app import Mount

# Returns a secret by its variable's name; None if it is not set.
Secrets = Callable[[str], str | None]


class Gap(NamedTuple):
    """What a chat does not do as configured, and how it would; a fault if the configuration asks for it."""

    what: str
    hint: str
    is_fault: bool = False


class Listener(Protocol):
    """Receives the messages of one chat."""

    @property
    def mounts(self) -> "Sequence[Mount]":
        """Return the paths to serve over HTTP for it; none if it opens a connection itself."""
        ...

    def start(self) -> None:
        """Start listening, and return at once."""
        ...

    def close(self) -> None:
        """Stop listening once running answers are sent."""
        ...


class ConfiguredChat(Protocol):
    """A chat of the configuration; each part is built when it is first used."""

    @property
    def client(self) -> ChatClient | UsageError:
        """Return the client that posts to it, or the error if something is missing."""
        ...

    def missing_to_listen(self) -> Sequence[str]:
        """Return the variables that are missing for listening to questions."""
        ...

    def check_listening(self) -> None:
        """Check the secrets for listening with the chat, where it has an API for that. Raises ChatError."""
        ...

    def gaps(self) -> Iterable[Gap]:
        """Return what does not work as configured, beside posting and listening; the chat may be asked."""
        ...

    def listener(self, inbox: Inbox) -> Listener:
        """Build the listener; nothing is connected yet. Raises UsageError if a secret is missing."""
        ...
