"""A digest as Markdown (CommonMark)."""

import re
from urllib.parse import urlsplit

from bot.domain.digests.digest import Digest
from bot.render.digest_parts import period_line, rule_line, sections
from bot.render.markup import Markup, unmentioned
from bot.render.sections import Form, Line, lines_of
from bot.render.words import printable

_A_LINE = 40
_CHANGES = 3
# Punctuation that can be markup; a backslash escapes it (CommonMark 0.31, 2.4).
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]#!|<>&~])")


def digest_markdown(digest: Digest) -> str:
    """Return a digest as Markdown."""
    return "\n".join(line.text for line in digest_markdown_lines(digest))


def digest_markdown_lines(digest: Digest, *, is_headed: bool = True, is_brief: bool = False) -> list[Line]:
    """Return the lines of a digest as Markdown; without its headline if that is shown elsewhere."""
    lines = [Line(f"## {escaped(digest.headline)}"), Line("")] if is_headed else []
    lines += [Line(escaped(period_line(digest))), Line("")]
    for section in sections(digest, MARKDOWN, Form(_A_LINE, is_brief, notes=0 if is_brief else _CHANGES)):
        lines += [Line(f"### {section.heading}"), Line("")] if section.heading else []
        lines += [*lines_of(section, lambda line, depth: f"{'  ' * depth}- {line}"), Line("")]
    page = [Line(""), Line(_link(digest.page, "On the web"))] if digest.page else []
    return [*lines, Line(f"_{escaped(rule_line(digest))}_"), *page]


def escaped(text: str) -> str:
    """Return outside text escaped for Markdown."""
    return unmentioned(_PUNCTUATION.sub(r"\\\1", printable(text)))


def _link(url: str | None, text: str) -> str:
    if url is None or urlsplit(url).scheme not in ("http", "https") or re.search(r"[\s<>()]", url):
        return escaped(text)
    return f"[{escaped(text)}](<{url}>)"


MARKDOWN = Markup(plain=escaped, link=_link, strong=lambda text: f"**{text}**")
