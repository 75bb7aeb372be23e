"""Text from outside in Slack's mrkdwn: shown, and never acted upon.

Slack's rule (docs: formatting message text): ``&``, ``<`` and ``>`` become entities, and
then no mention, link or special command can be made. Characters that format,
emoji codes and ``@name`` are kept from working by an invisible joiner where they would work.
"""

import re
from urllib.parse import quote, urlsplit

# An underscore within a word, as in release_bot, formats nothing.
_WORKING = re.compile(r"[*~`]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|:(?=[\w+'-]+:)|(?<!\w)@(?=\w)")
_JOINER = "\u2060"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_IN_ADDRESS = "/:?=%-._~"


def escaped(text: str) -> str:
    """Write text so that Slack shows it as it is."""
    visible = "".join(c if c.isprintable() else "\ufffd" for c in text)
    inert = _WORKING.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}", visible)
    return "".join(_ENTITIES.get(c, c) for c in inert)


def link(url: str | None, text: str) -> str:
    """Write a link; an address that is not plain http or https gives the text alone."""
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return escaped(text)
    return f"<{quote(url, safe=_IN_ADDRESS)}|{escaped(text)}>"


def cut(text: str, longest: int) -> str:
    """Cut escaped text to at most ``longest`` characters, never within an entity or a link."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    # What is escaped has no "<" of its own: one that is not closed begins a link, "&" an entity.
    for opening, closing in (("<", ">"), ("&", ";")):
        start = kept.rfind(opening)
        if start > kept.rfind(closing) and closing in text[start:]:
            kept = kept[:start]
    return f"{kept}…"
