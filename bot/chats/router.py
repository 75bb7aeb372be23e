"""Kinds of chats, and the router from channels to the configured chats and services."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.chats.base import ConfiguredChat, Secrets
from bot.chats.matrix.chat import MatrixChat
from bot.chats.mattermost.chat import MattermostChat
from bot.chats.posting import Posting
from bot.chats.slack.chat import SlackChat
from bot.config.channels import DEFAULT_CHAT, parse_channel, stored_name
from bot.config.chats import ChatSettings
from bot.domain.digests.delivery import Frozen, Posted
from bot.domain.digests.digest import Digest
from bot.domain.errors import UsageError
from bot.domain.subscriptions import Announcement
from bot.domain.values import dataclass
from bot.render.digest_content import digest_content
from bot.services.ports import ChatClient, ChatRefused, ChatUnavailable, CommandButton, DeliveryClient, Search

# A new kind of chat needs a package beside this module, and a line here.
KINDS: Mapping[str, Callable[[ChatSettings, Secrets], ConfiguredChat]] = {
    "matrix": MatrixChat,
    "slack": SlackChat,
    "mattermost": MattermostChat,
}
_AT = "at"


@dataclass(frozen=True, slots=True)
class _Route:
    """The client of a channel and its name there; ``chat`` is the chat's name, ``at`` the mark of frozen messages."""

    client: DeliveryClient | UsageError
    channel: str
    chat: str = DEFAULT_CHAT
    at: str | None = None

    def marked(self, frozen: Frozen) -> Frozen:
        """Return a frozen message with the mark of the chat that it was made for."""
        if self.at is None:
            return frozen
        replies = tuple(replace(reply, message=self._marked(reply.message)) for reply in frozen.replies)
        return replace(frozen, message=self._marked(frozen.message), replies=replies)

    def _marked(self, message: str) -> str:
        return json.dumps(json.loads(message) | {_AT: self.at}, ensure_ascii=False)

    def stored(self, posted: Posted) -> Posted:
        """Return the position of a message as stored in the database."""
        return replace(posted, channel=stored_name(self.chat, posted.channel))


class ChatRouter:
    """Routes to chats and notification services by name; a ``UsageError`` instead of one names what is missing.

    A channel is the name of a service, or CHAT:CHANNEL, or a channel of the default chat.
    """

    def __init__(
        self,
        chats: Mapping[str, ChatClient | UsageError],
        services: Mapping[str, DeliveryClient | UsageError],
        posting: Posting | None = None,
    ) -> None:
        self._chats = chats
        self._services = services
        self._posting = posting or Posting()

    def home(self, channel: str) -> str:
        """Return the name of the chat or service that a channel belongs to."""
        return channel if channel in self._services else parse_channel(channel, self._chats)[0]

    def missing(self, channel: str) -> UsageError | None:
        """Return the missing configuration for a channel, or None if it can be posted to."""
        client = self._route(channel).client
        return client if isinstance(client, UsageError) else None

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Return the frozen message of a digest, and its content. Raises UsageError if configuration is missing."""
        route, client = self._configured(channel)
        frozen = route.marked(client.freeze(route.channel, digest))
        # Whatever its chat makes of it, and leaves out, the archive has the whole.
        return replace(frozen, content=digest_content(digest))

    def freeze_announcement(self, channel: str, announcement: Announcement) -> Frozen:
        """Return the frozen message of an announcement. Raises UsageError if configuration is missing."""
        route, client = self._configured(channel)
        return route.marked(client.freeze_announcement(route.channel, announcement))

    def clock(self, channel: str) -> datetime | None:
        """Return the time by the clock of a channel's service, or None if it has no such API."""
        route = self._route(channel)
        return None if isinstance(route.client, UsageError) else route.client.clock(route.channel)

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        """Post a frozen message before a moment of ``time.monotonic``.

        Raises ChatError; ChatUnavailable if configuration is missing.
        """
        route, client = self._reach(channel)
        if route.at != json.loads(message).get(_AT):
            what = "the message was made for another chat, before the configuration changed"
            raise ChatRefused(
                channel, what, "drop it (release-bot deliveries drop); the next digest lists its releases"
            )
        with self._posting.one():
            return route.stored(client.post(route.channel, message, key, deadline, thread=thread))

    def find(self, channel: str, key: str, since: datetime | None, *, thread: str | None = None) -> Search:
        """Search for a delivery's message. Raises ChatUnavailable; ChatRefused if the service has no search."""
        route, client = self._reach(channel)
        found = client.find(route.channel, key, since, thread=thread)
        return replace(found, posted=found.posted and route.stored(found.posted))

    def delete(self, channel: str, posted: Posted) -> None:
        """Delete one of the bot's own messages. Raises ChatError."""
        route, client = self._reach(channel)
        client.delete(route.channel, replace(posted, channel=parse_channel(posted.channel, self._chats)[1]))

    def direct_message(self, user: str, text: str, buttons: Sequence[CommandButton] = ()) -> None:
        """Write to one person, CHAT:USER. Raises ChatError."""
        chat, _, name = user.partition(":")
        client = self._chats.get(chat) or _unknown(user, chat)
        if isinstance(client, UsageError):
            raise ChatRefused(user, client.what, client.hint)
        client.direct_message(name, text, buttons)

    def identify(self, channel: str) -> str:
        """Return a channel by its chat's own id; a service as it is, and what cannot be posted to. Raises ChatError."""
        chat, name = parse_channel(channel, self._chats)
        client = self._chats.get(chat)
        if channel in self._services or client is None or isinstance(client, UsageError):
            return channel
        return stored_name(chat, client.identify(name))

    def _route(self, channel: str) -> _Route:
        if channel in self._services:
            return _Route(self._services[channel], channel, at=channel)
        chat, name = parse_channel(channel, self._chats)
        client = self._chats.get(chat) or _unknown(channel, chat)
        return _Route(client, name, chat, at=None if chat == DEFAULT_CHAT else chat)

    def _configured(self, channel: str) -> tuple[_Route, DeliveryClient]:
        route = self._route(channel)
        if isinstance(route.client, UsageError):
            raise route.client
        return route, route.client

    def _reach(self, channel: str) -> tuple[_Route, DeliveryClient]:
        route = self._route(channel)
        if isinstance(route.client, UsageError):
            raise ChatUnavailable(channel, route.client.what, route.client.hint)
        return route, route.client


def _unknown(channel: str, chat: str) -> UsageError:
    return UsageError(channel, f'chat "{chat}" is not configured', "write CHAT:CHANNEL")
