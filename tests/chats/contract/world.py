"""What the fake of a chat has to offer, so that one test can say the same words in every chat."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.services.ports import ChatClient
from bot.store.store import Store

_JOINER = "\u2060"


@dataclass(frozen=True)
class Shown:
    """A message of the bot, in plain words without markup.

    ``thread`` is the id of the message under which it stands, ``only_for`` the person who alone sees it, ``buttons``
    the labels of its buttons, and ``key`` the delivery that it carries.
    """

    id: str
    channel: str
    words: str
    thread: str = ""
    only_for: str = ""
    buttons: tuple[str, ...] = ()
    key: str = ""

    @property
    def sentence(self) -> str:
        """The first line."""
        return self.words.partition("\n")[0]


@dataclass(frozen=True)
class Said:
    """What somebody wrote to the bot: the id of the message, empty for a command or a button, and the answers to it."""

    id: str
    answers_of: Callable[[int, float], list[Shown]] = field(repr=False)

    def answers(self, count: int = 1, seconds: float = 20) -> list[Shown]:
        """Wait for so many answers, and return all that there are by then."""
        return self.answers_of(count, seconds)


class ChatWorld(Protocol):
    """A fake of a chat on loopback: people who write to the bot, and what it posts."""

    # The chat's name in the configuration, and in the ids of people and of its channels in the database.
    name: str
    # Whether messages may have buttons.
    has_buttons: bool
    # A channel that the bot is in, by its id and as a digest names it, and two people.
    channel: str
    channel_name: str
    asker: str
    maintainer: str
    # Guests, and people of another workspace; none where the bot does not know them from others.
    strangers: Sequence[str]
    # Every secret that the bot has of it.
    secrets: tuple[str, ...]

    def client(self) -> ChatClient:
        """Return a client that posts to it, of a bot that listens."""
        ...

    def listening(self, store: Store) -> AbstractContextManager[object]:
        """Listen, as the worker does, and answer from a store; the context begins when the bot is connected."""
        ...

    def mention(self, text: str, by: str = "", thread: str = "") -> Said:
        """Mention the bot in the channel, or in a thread there; ``by`` the asker unless somebody is named."""
        ...

    def direct_message(self, text: str, by: str = "", thread: str = "") -> Said:
        """Write to the bot alone."""
        ...

    def press(self, label: str, on: Shown, by: str = "") -> Said:
        """Press a button of a message."""
        ...

    def again(self, said: Said) -> None:
        """Deliver a message to the bot a second time."""
        ...

    def edit(self, said: Said, text: str) -> None:
        """Edit a message that mentions the bot."""
        ...

    def shown(self) -> list[Shown]:
        """Return all messages of the bot, oldest first."""
        ...

    def wait(self, is_so: Callable[[], bool], seconds: float = 20) -> bool:
        """Wait for something that changes with the messages."""
        ...

    def set_time(self, at: datetime) -> None:
        """Set the chat's own clock."""
        ...

    def drop_after_taking(self) -> None:
        """Take the next message of the bot, and drop the connection before the answer."""
        ...

    def be_down(self) -> None:
        """Refuse every request from now on."""
        ...

    def be_up(self) -> None:
        """Answer again."""
        ...

    def drop_connection(self, *, is_back: bool = True) -> None:
        """Break off the connection on which the bot listens, and wait until it is back, if it comes back."""
        ...

    def people(self, count: int) -> list[str]:
        """Return so many more people who may write to the bot."""
        ...


def without_joiners(text: str) -> str:
    """Return a text without the invisible letters that keep a chat from reading markup in it."""
    return text.replace(_JOINER, "")
