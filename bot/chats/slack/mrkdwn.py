"""Slack's mrkdwn: escape outside text, and read people's messages as typed.

Slack's rule (docs: formatting message text): with ``&``, ``<`` and ``>`` as entities, a text can
contain no mention, link or special command; anything between angle brackets is a mention, a channel
or a link with its label. An invisible joiner disables formatting characters, emoji codes and
``@name`` where they would have an effect.
"""

import re
from urllib.parse import quote, urlsplit

# An underscore within a word, as in release_bot, formats nothing.
_WORKING = re.compile(r"[*~`]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|:(?=[\w+'-]+:)|(?<!\w)@(?=\w)")
_JOINER = "\u2060"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TO_ENTITIES = str.maketrans(_ENTITIES)
_BRACKETS = re.compile(r"<([^<>]*)>")
_IN_ADDRESS = "/:?=%-._~&+,;"


def escaped(text: str) -> str:
    """Return a text escaped so that Slack shows it literally."""
    visible = text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
    inert = _WORKING.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}", visible)
    return inert.translate(_TO_ENTITIES)


def link(url: str | None, text: str) -> str:
    """Return a link, or only the text if the URL is not http or https."""
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return escaped(text)
    return f"<{quote(url, safe=_IN_ADDRESS).translate(_TO_ENTITIES)}|{escaped(text)}>"


def cut(text: str, longest: int) -> str:
    """Return escaped text cut to at most ``longest`` characters, never within an entity or a link."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    # In escaped text an unclosed "<" begins a link, and "&" an entity.
    for opening, closing in (("<", ">"), ("&", ";")):
        start = kept.rfind(opening)
        if start > kept.rfind(closing) and closing in text[start:]:
            kept = kept[:start]
    return f"{kept}…"


def plain_text(text: str, *, bot_user: str = "") -> str:
    """Return a message's text as typed, without the mention of the bot."""
    shown = _BRACKETS.sub(lambda found: _shown(found[1], bot_user), text)
    # "&" last: an entity that was typed stays one.
    for character, entity in reversed(_ENTITIES.items()):
        shown = shown.replace(entity, character)
    return " ".join(shown.split())


def _shown(inside: str, bot_user: str) -> str:
    """Return the text of what is between brackets: a link's label, a person's id; nothing for a mention of the bot."""
    address, has_label, label = inside.partition("|")
    if address == f"@{bot_user}":
        return ""
    if address.startswith("@"):
        return address
    if has_label:
        return label
    return address.removeprefix("mailto:")
