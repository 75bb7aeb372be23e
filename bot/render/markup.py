"""Markup of an output format: escaped text, links and emphasis; and that of plain text."""

import re
from collections.abc import Callable, Collection, Sequence

from bot.domain.releases import Release
from bot.domain.values import dataclass
from bot.render.words import printable

# Invisible, and breaks no line.
_JOINER = "\u2060"
# Where a chat that parses plain text finds a mark such as <!here>, or a Markdown link.
_MARK = re.compile(r"<|\](?=\()")


def unmentioned(text: str) -> str:
    """Return a text that mentions nobody: chats take @name for a mention even if it is escaped."""
    return text.replace("@", "@" + _JOINER)


def quiet(text: str) -> str:
    """Return plain text without effect in a chat that would parse markup in it."""
    return _MARK.sub(lambda found: found[0] + _JOINER, unmentioned(text))


@dataclass(frozen=True, slots=True)
class Markup:
    """How an output format writes text from a forge, a link (URL or None, text), and emphasis."""

    plain: Callable[[str], str]
    link: Callable[[str | None, str], str]
    strong: Callable[[str], str]

    def release(self, release: Release) -> str:
        """Return a release, linked to its tag's page if there is one."""
        return self.link(release.url, release.version)

    def part(self, number: str, repositories: Collection[str], series: Sequence[str] = (), kind: str = "") -> str:
        """Return a number of releases that is part of a whole, or lacks in it: of repositories by their keys.

        It is of some of their series, or of another kind, where these are given.
        """
        del repositories, series, kind
        return number


TEXT = Markup(plain=printable, link=lambda _, text: printable(text), strong=lambda text: text)
