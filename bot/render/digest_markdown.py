"""A digest as Markdown (CommonMark)."""

import re
from urllib.parse import urlsplit

from bot.domain.digests import Digest
from bot.render.digest_parts import Section, period_line, rule_line, sections
from bot.render.markup import Markup, unmentioned
from bot.render.words import printable

_MOST = 40
# The punctuation that makes markup somewhere; a backslash before it makes it plain (CommonMark 0.31, 2.4).
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]#!|<>&~])")


def digest_markdown(digest: Digest, *, is_headed: bool = True) -> str:
    """Write a digest as Markdown; without its headline where that stands elsewhere."""
    blocks = [f"## {escaped(digest.headline)}"] if is_headed else []
    blocks.append(escaped(period_line(digest)))
    blocks += [_block(section) for section in sections(digest, _MARKDOWN, most=_MOST)]
    blocks.append(f"_{escaped(rule_line(digest))}_")
    return "\n\n".join(blocks)


def escaped(text: str) -> str:
    """Write text from outside so that Markdown shows it and does nothing with it."""
    return unmentioned(_PUNCTUATION.sub(r"\\\1", printable(text)))


def _link(url: str | None, text: str) -> str:
    if url is None or urlsplit(url).scheme not in ("http", "https") or re.search(r"[\s<>()]", url):
        return escaped(text)
    return f"[{escaped(text)}](<{url}>)"


def _block(section: Section) -> str:
    heading = f"{section.heading}\n\n" if section.heading else ""
    return heading + "\n".join(f"- {line}" for line in section.lines)


_MARKDOWN = Markup(plain=escaped, link=_link, strong=lambda text: f"**{text}**")
