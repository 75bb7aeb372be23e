"""HTML within Matrix's allowed tags, and its plain form.

The specification lists the tags that clients show (client-server API, "m.room.message msgtypes"). Of those, messages
have paragraphs, headings, lists, links, emphasis and line breaks.
"""

import json
import re
from collections.abc import Sequence
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from bot.render.digest_html import HTML
from bot.render.markup import Markup

MARKUP: Markup = HTML
# What a line begins with, by how far it is set in.
MARKS = ("•", "◦")
_TAG = re.compile(r"<[^<>]*>")
_ELLIPSIS = "…"
# The same in plain text.
_BULLETS = (f"{MARKS[0]} ", f"    {MARKS[1]} ")


def paragraph(html: str) -> str:
    """Return a paragraph of marked-up text."""
    return f"<p>{html}</p>"


def block(text: str) -> str:
    """Return lines of marked-up text as HTML: those with a bullet as a list, those set in as a list within an item."""
    parts, items = list[str](), list[list[str]]()
    for line in text.split("\n"):
        mark, _, rest = line.partition(" ")
        if mark == MARKS[0]:
            items.append([rest])
        elif mark == MARKS[1] and items:
            items[-1].append(rest)
        else:
            parts += [_list(items), paragraph(line)]
            items = []
    return "".join([*parts, _list(items)])


def _list(items: Sequence[Sequence[str]]) -> str:
    shown = "".join(f"<li>{first}{_list([[each] for each in below])}</li>" for first, *below in items)
    return f"<ul>{shown}</ul>" if shown else ""


def cut(html: str, longest: int) -> str:
    """Return marked-up text of at most ``longest`` bytes in an event's JSON: if it has to be cut, as plain text."""
    if json_bytes(html) <= longest:
        return html
    plain, kept = unescape(_TAG.sub("", html)), longest
    while json_bytes(shorter := escape(plain[:kept]) + _ELLIPSIS) > longest:
        kept = kept * 4 // 5
    return shorter


def json_bytes(text: str) -> int:
    """Return how many bytes a text has in an event's JSON, without its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode(errors="replace")) - 2


def plain_form(html: str) -> str:
    """Return HTML that the bot made as plain text: for notifications, and clients that show no HTML."""
    reader = _PlainForm()
    reader.feed(html)
    reader.close()
    return "\n".join(line.rstrip() for line in "".join(reader.parts).strip("\n").splitlines())


class _PlainForm(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        del attrs
        if tag == "ul":
            self._depth += 1
        elif tag == "li":
            self.parts.append(f"\n{_BULLETS[min(self._depth, len(_BULLETS)) - 1]}")
        elif tag in {"br", "p"}:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "ul":
            self._depth -= 1
        if tag == "p" or (tag == "ul" and not self._depth):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
