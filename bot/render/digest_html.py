"""A digest as an HTML page for mail or a browser: no scripts, no external resources."""

from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from bot.domain.digests.digest import Digest
from bot.render.digest_parts import period_line, rule_line, sections
from bot.render.html import escaped, filled, marked_up
from bot.render.markup import Markup
from bot.render.sections import Form, Line, Section, lines_of

_A_LINE = 40
_CHANGES = 3


def digest_html(digest: Digest) -> str:
    """Return a digest as a complete HTML page."""
    return filled("digest.html", _values(digest, _sections(digest)))


def digest_html_lines(digest: Digest, *, is_headed: bool = True, is_brief: bool = False) -> list[Line]:
    """Return the lines of a digest's page; without its headline if that is shown elsewhere.

    No element except a list spans several lines.
    """
    made = _sections(digest, is_brief=is_brief)
    text = filled("digest_lines.html", _values(digest, made, is_headed=is_headed))
    items = _items(made)
    return [Line(line, next(items).named if line.startswith("<li") else ()) for line in text.splitlines()]


def _sections(digest: Digest, *, is_brief: bool = False) -> list[Section]:
    return sections(digest, HTML, Form(_A_LINE, is_brief, notes=0 if is_brief else _CHANGES))


def _values(digest: Digest, made: list[Section], *, is_headed: bool = True) -> dict[str, Any]:
    """Return what the templates of a digest are filled with."""
    return {
        "headline": digest.headline,
        "is_headed": is_headed,
        "period": period_line(digest),
        "sections": [{"heading": marked_up(each.heading), "lines": list(_items([each]))} for each in made],
        "rule": rule_line(digest),
        "page": marked_up(_link(digest.page, "On the web")) if digest.page else "",
    }


def _items(made: list[Section]) -> Iterator[Line]:
    for section in made:
        yield from lines_of(section, lambda text, _: marked_up(text))


def _link(url: str | None, text: str) -> str:
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return escaped(text)
    return f'<a href="{escape(_address(url))}">{escaped(text)}</a>'


def _address(url: str) -> str:
    """Return a URL on one line, whatever a forge gave: lines of HTML are told apart by their ends."""
    return url if url.isprintable() else "".join(c if c.isprintable() else quote(c, errors="replace") for c in url)


HTML = Markup(plain=escaped, link=_link, strong=lambda text: f"<strong>{text}</strong>")
