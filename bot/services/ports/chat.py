"""What the use cases need of a chat, and how a message can fail to arrive."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.digests.delivery import Frozen, Posted
from bot.domain.digests.digest import Digest
from bot.domain.errors import BotError, UsageError
from bot.domain.subscriptions import Announcement
from bot.domain.values import dataclass
from bot.services.ports.health import ChatHealth


class ChatError(BotError):
    """A message was not taken by the chat."""


class ChatRefused(ChatError):
    """No retry helps: the channel is gone, the bot is not a member, the token is revoked."""


class ChatUnavailable(ChatError):
    """The message was surely not taken, and may be tried again after ``retry_after`` seconds."""

    may_pass = True

    def __init__(self, where: str, what: str, hint: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(where, what, hint)
        self.retry_after = retry_after


class ChatDoubtful(ChatError):
    """The connection ended without an answer: the message may have been taken."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search of a channel's history found, None for nothing.

    ``at`` is the service's own time when it answered, None where it does not tell its time.
    """

    posted: Posted | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CommandButton:
    """A button beside a line of a text: its label, the same for who does not see the line, and the command it sends."""

    line: str
    label: str
    spoken: str
    command: str


class DeliveryClient(Protocol):
    """Delivers digests and announcements to channels: of a chat, or of a notification service that is only posted to.

    In a chat the channel ``@USER``, by the chat's own id, is the direct messages to one person.
    """

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Write the message and replies that would be posted, so that a later attempt posts the same."""
        ...

    def freeze_announcement(self, channel: str, announcement: Announcement) -> Frozen:
        """Write the message that would be posted; the first of its releases is named, however long it is."""
        ...

    def clock(self, channel: str) -> datetime | None:
        """Return the time by the service's own clock, None where it does not tell; never raises."""
        ...

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        """Post a frozen message under a delivery's key and tell where it stands; raises ChatError.

        ``thread`` is the id of the message that it replies to, for a chat that freezes replies.

        No byte of it is sent after ``deadline``, a moment of ``time.monotonic``: the deadline is checked last of all
        before each piece goes out. Raises ChatUnavailable where it has passed before the whole message was sent.
        """
        ...

    def find(self, channel: str, key: str, since: datetime | None, *, thread: str | None = None) -> Search:
        """Search what was posted after ``since``, by the service's clock, for the message of a delivery's key.

        None searches the whole history; with ``thread`` the replies to a message are searched. Raises ChatUnavailable,
        to be asked again, or ChatRefused where the bot may not look.
        """
        ...

    def delete(self, channel: str, posted: Posted) -> None:
        """Delete one of the bot's own messages; raises ChatError."""
        ...


class ChatClient(DeliveryClient, Protocol):
    """Speaks to one chat, as the bot that is a member of it."""

    def health(self) -> ChatHealth:
        """Ask as whom the chat knows the bot, what it may do and where it is; raises ChatError."""
        ...

    def direct_message(self, user: str, text: str, buttons: Sequence[CommandButton] = ()) -> None:
        """Write a plain text to one person, by the chat's own id; raises ChatError.

        A chat that can, and that the bot listens to, shows the buttons beside their lines.
        """
        ...

    def identify(self, channel: str) -> str:
        """Return a channel by the chat's own id; raises ChatError, ChatRefused where the bot is in none of this name.

        The direct messages to one person stay ``@USER``.
        """
        ...


class Chat(DeliveryClient, Protocol):
    """All chats and notification services as one, which knows by a channel where it is."""

    def home(self, channel: str) -> str:
        """Return the name of the chat or service that a channel belongs to."""
        ...

    def missing(self, channel: str) -> UsageError | None:
        """Return the missing configuration for a channel, or None if it can be posted to."""
        ...

    def direct_message(self, user: str, text: str, buttons: Sequence[CommandButton] = ()) -> None:
        """Write a plain text to one person, CHAT:USER; raises ChatError."""
        ...

    def identify(self, channel: str) -> str:
        """Return a channel by its chat's own id, or as it is where it has none; raises ChatError."""
        ...
