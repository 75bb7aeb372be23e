"""Mattermost's Markdown: escape outside text, and read people's messages as typed.

A backslash escapes what formats; what Mattermost makes of plain text whatever is around it (mentions of people and
channels, hashtags, emoji, addresses) is broken by an invisible joiner.
"""

import re
from urllib.parse import quote, urlsplit

from bot.render.markup import Markup
from bot.render.words import printable

_JOINER = "\u2060"
_PUNCTUATION = re.compile(r"([\\`*_\[\]~>$|])")
# After these a name, a code or an address would begin.
_BEGINNING = re.compile(r"(?:@|\\~|#)(?=\w)|:(?=[\w+-]+:)|:(?=//)|(?i:\bwww)(?=\.)|&(?=#?\w+;)|<(?=[a-zA-Z/!?])")
_IN_ADDRESS = "/:?=%-.~&+,;@"
_ENDED = re.compile(r"\[(?:\\.|[^\]\\])*\]\([^()\s]*\)")


def escaped(text: str) -> str:
    """Return a text escaped so that Mattermost shows it literally."""
    return _BEGINNING.sub(lambda found: f"{found[0]}{_JOINER}", _PUNCTUATION.sub(r"\\\1", printable(text)))


def link(url: str | None, text: str) -> str:
    """Return a link, or only the text if the URL is not http or https."""
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return escaped(text)
    return f"[{escaped(text)}]({quote(url, safe=_IN_ADDRESS)})"


def strong(text: str) -> str:
    """Return marked-up text in bold."""
    return f"**{text}**"


def cut(text: str, longest: int) -> str:
    """Return escaped text cut to at most ``longest`` characters, never within an escape or a link."""
    if len(text) <= longest:
        return text
    # Room for the end of what is bold, and for the ellipsis.
    kept = text[: longest - 3]
    opened = _unclosed_link(kept)
    if opened is not None:
        kept = kept[:opened]
    if (len(kept) - len(kept.rstrip("\\"))) % 2:
        kept = kept[:-1]
    kept = kept[:-1] if kept.endswith("*") and not kept.endswith("**") else kept
    return f"{kept}{'**' if kept.count('**') % 2 else ''}…"


def _unclosed_link(text: str) -> int | None:
    """Return where a link begins that does not end in the text; None if there is none."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "[":
            whole = _ENDED.match(text, at)
            if whole is None:
                return at
            at = whole.end()
        else:
            at += 1
    return None


def mentions(text: str, user_name: str) -> bool:
    """Return whether a message names a user: @all and @channel name nobody."""
    return _mention(user_name).search(text) is not None


def plain_text(text: str, user_name: str) -> str:
    """Return a message as typed, without the mention of the bot."""
    return " ".join(_mention(user_name).sub(" ", text).split())


def _mention(user_name: str) -> re.Pattern[str]:
    # A user's name has letters, digits, dots, hyphens and underscores; a dot at the end is the sentence's.
    return re.compile(rf"(?<![\w@.-])@{re.escape(user_name)}(?![\w-]|\.\w)", re.IGNORECASE)


MARKUP = Markup(plain=escaped, link=link, strong=strong)
