"""What the Slack of the tests holds: people, channels, messages, home views; and waiting for them to change."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Condition
from typing import Any

BOT_USER, BOT, APP, TEAM = "U0B0T", "B0", "A0APP", "T0DIRAC"
ASKER, MAINTAINER = "U0ASK3R", "U012AB3CD"
# What the app's manifest asks for.
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
)
CHANNEL, CHANNEL_NAME = "C0123", "dirac-releases"
MOST_RESPONSES = 5
# 22 February 2021, 9:00 UTC, where no other clock is set; every message is a microsecond later than the one before.
EPOCH = 1_613_984_400


@dataclass(frozen=True)
class Message:
    """A message that was taken; one that is ``only_for`` a user is ephemeral.

    ``response`` names the command or button whose response_url (or acknowledgement) it came by.
    """

    channel: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any]
    ts: str
    thread_ts: str | None = None
    user: str = BOT_USER
    only_for: str | None = None
    response: str | None = None


@dataclass(frozen=True)
class HomeView:
    """A view published to somebody's home tab."""

    user: str
    id: str
    blocks: list[dict[str, Any]]


@dataclass
class ResponseUrl:
    """Where a command or a button may be responded to: by whom it was asked, where, and in answer to which message."""

    id: str
    channel: str
    user: str
    message: Message | None = None
    uses: int = 0


@dataclass
class Workspace:
    """The channels the bot is in (and ``rooms`` more) and those it is not, the people, all that was said and shown.

    Channels are public but those that are ``private``.
    """

    channels: set[str] = field(default_factory=lambda: {f"#{CHANNEL_NAME}", CHANNEL})
    others: set[str] = field(default_factory=lambda: {"#private-party"})
    rooms: int = 0
    private: set[str] = field(default_factory=set)
    # People of another workspace, who are in a channel by Slack Connect.
    strangers: set[str] = field(default_factory=set)
    guests: set[str] = field(default_factory=set)
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    users: dict[str, str] = field(
        default_factory=lambda: {ASKER: "asker", MAINTAINER: "chris", BOT_USER: "release-bot"}
    )
    messages: list[Message] = field(default_factory=list)
    homes: list[HomeView] = field(default_factory=list)
    responses: dict[str, ResponseUrl] = field(default_factory=dict)
    changed: Condition = field(default_factory=Condition)
    clock: Callable[[], float] = field(default=lambda: float(EPOCH))
    # How long a message is in no history yet, in seconds of the clock.
    shown_after: float = 0.0
    deleted: list[Message] = field(default_factory=list)
    _numbers: int = 0
    _stamps: int = 0

    def number(self) -> int:
        """Return the next number, for all that needs an id of its own."""
        with self.changed:
            self._numbers += 1
            return self._numbers

    def stamp(self) -> str:
        """Return the next time stamp."""
        with self.changed:
            stamp = f"{int(self.clock())}.{self._stamps:06d}"
            self._stamps += 1
            return stamp

    def shown(self) -> list[Message]:
        """List what is in the history, newest first."""
        until = self.clock() - self.shown_after
        return [each for each in reversed(self.messages) if int(float(each.ts)) <= until]

    def message(self, channel: str, ts: str) -> Message | None:
        """Find a message."""
        return next((each for each in self.messages if (each.channel, each.ts) == (channel, ts)), None)

    def delete(self, message: Message) -> None:
        """Delete a message."""
        with self.changed:
            self.messages.remove(message)
            self.deleted.append(message)
            self.changed.notify_all()

    def add(self, channel: str, text: str, blocks: list[dict[str, Any]], **more: Any) -> Message:
        """Keep a message."""
        with self.changed:
            message = Message(channel, text, blocks, more.pop("metadata", {}), self.stamp(), **more)
            self.messages.append(message)
            self.changed.notify_all()
        return message

    def rewrite(self, message: Message, text: str, blocks: list[dict[str, Any]]) -> None:
        """Put other words into a message."""
        with self.changed:
            at = next(n for n, each in enumerate(self.messages) if each.ts == message.ts)
            self.messages[at] = replace(self.messages[at], text=text, blocks=blocks)
            self.changed.notify_all()

    def publish(self, user: str, blocks: list[dict[str, Any]]) -> HomeView:
        """Show a home view."""
        with self.changed:
            view = HomeView(user, f"V{len(self.homes):04d}", blocks)
            self.homes.append(view)
            self.changed.notify_all()
        return view

    def response_url(self, channel: str, user: str, message: Message | None = None) -> ResponseUrl:
        """Open a response_url."""
        opened = ResponseUrl(f"{self.number():05d}", channel, user, message)
        self.responses[opened.id] = opened
        return opened

    def direct(self, user: str) -> str:
        """Name the direct messages between the bot and a user."""
        return f"D{user[1:]}"

    def resolved(self, channel: str) -> str:
        """Name by its id the channel that is posted to where a channel or a user is named."""
        if channel.removeprefix("#") == CHANNEL_NAME:
            return CHANNEL
        return self.direct(channel) if channel in self.users else channel

    def closed(self, channel: str) -> str:
        """Name the error of a channel that the bot cannot post to, empty for one that it can."""
        if channel in self.others:
            return "not_in_channel"
        known = channel in self.channels or channel in {self.direct(user) for user in self.users}
        return "" if known else "channel_not_found"

    def wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so; False when it is not within the time."""
        with self.changed:
            return self.changed.wait_for(is_so, seconds)


def is_stamp(thread_ts: Any) -> bool:
    """Whether something has the form of a time stamp; Slack takes no number in its place."""
    return isinstance(thread_ts, str) and re.fullmatch(r"\d+\.\d{6}", thread_ts) is not None
