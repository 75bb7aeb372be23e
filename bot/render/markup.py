"""What a rendering writes its own way: text from outside, links, emphasis; and the way of plain text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.releases import Release
from bot.render.words import printable

# Invisible, and breaks no line.
_JOINER = "\u2060"
# Where chats that take plain text for markup begin to read one of Slack's marks, or a link behind other words.
_MARK = re.compile(r"<|\](?=\()")


def unmentioned(text: str) -> str:
    """Write text in which a chat finds nobody mentioned: chats take @name for that even where it is escaped."""
    return text.replace("@", "@" + _JOINER)


def quiet(text: str) -> str:
    """Write plain text so that a chat shows it and does nothing with it, also one that reads markup in it."""
    return _MARK.sub(lambda found: found[0] + _JOINER, unmentioned(text))


@dataclass(frozen=True, slots=True)
class Markup:
    """How a rendering writes the things that need care: text from a forge, a link (address or None, text), emphasis."""

    plain: Callable[[str], str]
    link: Callable[[str | None, str], str]
    strong: Callable[[str], str]

    def release(self, release: Release) -> str:
        """Write a release, linked to its tag's page where there is one."""
        return self.link(release.url, release.version)


TEXT = Markup(plain=printable, link=lambda _, text: printable(text), strong=lambda text: text)
