"""What a digest's channel can be: a place of the configuration, or a channel of Slack by its name or its id."""

import re
from collections.abc import Container

SLACK_ID = re.compile("[CGDUW][A-Z0-9]{3,}")
# Slack's help, "Create a channel": lower case, no spaces, no punctuation but - and _, at most 80 characters.
_LONGEST = 80
_RULE = f"names of Slack's channels have lower-case letters, digits, - and _, and at most {_LONGEST} of them"


def impossible(channel: str, places: Container[str]) -> tuple[str, str] | None:
    """Return why no chat can have a channel of this name, and what to do; None where one can."""
    if channel in places or SLACK_ID.fullmatch(channel):
        return None
    if channel.startswith("@"):
        return "a person has no channel of that name", "write the member's id (U012AB3CD), or a channel"
    name = channel.removeprefix("#")
    if 0 < len(name) <= _LONGEST and all(map(_is_taken, name)):
        return None
    possible = re.sub("-{2,}", "-", "".join(letter if _is_taken(letter) else "-" for letter in name.lower())).strip("-")
    return f"no chat can have such a channel: {_RULE}", f'write for example "#{possible[:_LONGEST] or "releases"}"'


def _is_taken(letter: str) -> bool:
    return letter in "-_" or (letter.isalnum() and letter == letter.lower())


def is_ambiguous(channel: str, places: Container[str]) -> bool:
    """Return whether a channel may be meant as a place that is not configured: it has no # and is no id."""
    return not (channel in places or channel.startswith("#") or SLACK_ID.fullmatch(channel))
