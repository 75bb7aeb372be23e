"""The lines of Markdown: which are headings, and which stand in a code block (https://spec.commonmark.org)."""

import re
from collections.abc import Iterator
from itertools import pairwise

from bot.domain.notes.blocks import lines_of
from bot.domain.values import dataclass

_DEEPEST = 6
_INDENT = 3
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# What begins a list item; long numbers are no list's.
ITEM = re.compile(r"[-*+](?=\s)|[0-9]{1,9}[.)](?=\s)")


@dataclass(frozen=True, slots=True)
class MarkdownLine:
    """A line as ``written``; ``level`` is that of a heading with its ``text``, 0 for another line.

    A line that ``is_code`` has the level that it would have outside of the code block.
    """

    written: str
    level: int = 0
    text: str = ""
    is_code: bool = False


def marked(text: str) -> Iterator[MarkdownLine]:
    """Yield the lines, each marked; the line below a heading that is underlined is left out."""
    fence, is_underline = "", False
    for written, following in pairwise(_with_end(text)):
        if is_underline:
            is_underline = False
            continue
        found = _FENCE.match(written)
        if found and _closes(fence, found[1], written):
            fence = "" if fence else found[1]
            yield MarkdownLine(written, is_code=True)
            continue
        heading = _heading(written)
        if heading is None and not fence and (level := _underlined(written, following)):
            heading, is_underline = (level, written.strip()), True
        level, words = heading or (0, "")
        yield MarkdownLine(written, level, words, bool(fence))


def without_comments(text: str) -> str:
    """Return a text without HTML comments; one that does not end goes to the end of the text."""
    parts, start = [], 0
    while (begun := text.find("<!--", start)) >= 0:
        parts.append(text[start:begun])
        end = text.find("-->", begun)
        start = len(text) if end < 0 else end + 3
    return "".join([*parts, text[start:]])


def is_rule(bare: str) -> bool:
    """Return whether a line is a horizontal rule."""
    return len(bare) >= _INDENT and bare[0] in "-*_" and not bare.strip(f"{bare[0]} ")


def _with_end(text: str) -> Iterator[str]:
    yield from lines_of(text)
    yield ""


def _closes(fence: str, found: str, line: str) -> bool:
    """Return whether a fence begins a code block, or ends the one that is open."""
    if not fence:
        return found[0] == "~" or "`" not in line.strip().lstrip("`")
    return found[0] == fence[0] and len(found) >= len(fence) and not line.strip().strip(fence[0])


def _heading(line: str) -> tuple[int, str] | None:
    bare = line.lstrip(" ")
    words = bare.lstrip("#")
    level = len(bare) - len(words)
    if not 0 < level <= _DEEPEST or len(line) - len(bare) > _INDENT or (words and not words[0].isspace()):
        return None
    return level, words.strip().rstrip("#").rstrip()


def _underlined(line: str, following: str) -> int:
    """Return the level of a line that the following one underlines with = or -, 0 if it does not."""
    bare, under = line.strip(), following.strip()
    if not bare or len(under) < 2 or ITEM.match(bare) or bare[0] in ">|" or is_rule(bare):  # noqa: PLR2004
        return 0
    return 1 if not under.strip("=") else 2 if not under.strip("-") else 0
