"""What a rendering writes its own way: text from outside, links, emphasis; and the way of plain text."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.releases import Release
from bot.render.words import printable


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
