"""The channels of digests: a notification service of the configuration, or a chat's channel by name or id."""

import re
from collections.abc import Container, Iterable

# The chat of channels that name none.
DEFAULT_CHAT = "slack"
SLACK_ID = re.compile("[CGDUW][A-Z0-9]{3,}")
# Slack's help, "Create a channel": lower case, no spaces, no punctuation but - and _, at most 80 characters.
_LONGEST = 80
_RULE = f"Slack channel names have lower-case letters, digits, - and _, and at most {_LONGEST} characters"


def parse_channel(channel: str, chats: Container[str]) -> tuple[str, str]:
    """Split CHAT:CHANNEL, where CHAT is one of the chats; any other name is a channel of the default chat."""
    chat, _, name = channel.partition(":")
    return (chat, name) if names_chat(channel, chats) else (DEFAULT_CHAT, channel)


def names_chat(channel: str, chats: Container[str]) -> bool:
    """Return whether a channel is written as CHAT:CHANNEL."""
    chat, colon, _ = channel.partition(":")
    return bool(colon) and (chat == DEFAULT_CHAT or chat in chats)


def stored_name(chat: str, name: str) -> str:
    """Return the database's name of a channel or an event: CHAT:NAME, or NAME in the default chat."""
    return name if chat == DEFAULT_CHAT else f"{chat}:{name}"


def goes_to_default(channels: Iterable[str], chats: Container[str], places: Container[str]) -> bool:
    """Return whether one of the channels is the default chat's."""
    return any(parse_channel(each, chats)[0] == DEFAULT_CHAT for each in channels if each not in places)


def slack_channel_fault(channel: str) -> tuple[str, str] | None:
    """Return why the name of a Slack channel is invalid, and the fix; None if it is valid."""
    if SLACK_ID.fullmatch(channel):
        return None
    if channel.startswith("@"):
        return "a channel name cannot start with @", "use the member's id (U012AB3CD), or a channel"
    name = channel.removeprefix("#")
    if 0 < len(name) <= _LONGEST and all(map(_is_taken, name)):
        return None
    possible = re.sub("-{2,}", "-", "".join(letter if _is_taken(letter) else "-" for letter in name.lower())).strip("-")
    return f"invalid channel name: {_RULE}", f'example: "#{possible[:_LONGEST] or "releases"}"'


def _is_taken(letter: str) -> bool:
    return letter in "-_" or (letter.isalnum() and letter == letter.lower())


def is_ambiguous(channel: str, places: Container[str]) -> bool:
    """Return whether a channel may be a notification service that is not configured: without # and not an id."""
    return not (channel in places or channel.startswith("#") or SLACK_ID.fullmatch(channel))
