"""Release notes written in Markdown, as HTML that loads nothing and runs nothing."""

from functools import cache
from typing import TYPE_CHECKING

from bot.render.html import marked_up
from bot.render.words import printable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_TAGS = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
_TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6"}
# A page has its own first and second headings.
_DEEPER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
_ATTRIBUTES = {"a": {"href"}}
_SCHEMES = {"http", "https"}
_LONGEST = 60_000


def notes_html(text: str) -> str:
    """Return Markdown as HTML of few tags, without images, whose links lead to the web alone."""
    import nh3

    shown = "\n".join(printable(line.expandtabs()) for line in text[:_LONGEST].splitlines())
    made = _markdown().render(shown)
    clean = nh3.clean(
        made, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return marked_up(clean)


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    reader.core.ruler.push("deeper", _deepen)
    return reader


def _deepen(state: object) -> None:
    for token in getattr(state, "tokens", ()):
        token.tag = _DEEPER.get(token.tag, token.tag)
