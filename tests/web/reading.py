"""Reading pages as a browser does: elements, links, and what may not be in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_ALLOWED_LINK = re.compile(r"(https?://|/|#|\?|[^:/?#]*([/?#]|$))")


_LINES = {"p", "li", "td", "dd"}


@dataclass
class Link:
    """A link: where to, and its text, with the title of a mark."""

    href: str
    text: str = ""


@dataclass
class PageRead(HTMLParser):
    """What was found in a page."""

    links: list[Link] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    # The text of each line that is in no link, without headings.
    unlinked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Link] = []
        self._is_line = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag in _LINES:
            self._is_line = True
            self.unlinked.append("")
        if tag == "a":
            self._open.append(Link(given.get("href", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            self.links.append(self._open.pop())
        self._is_line = self._is_line and tag not in _LINES

    def handle_data(self, data: str) -> None:
        for link in self._open:
            link.text += data
        if self._is_line:
            self.unlinked[-1] += "\u2026" if self._open else data

    def numbers(self) -> Iterator[tuple[str, int]]:
        """Yield the links to how a number is made, with the number."""
        for link in self.links:
            found = re.fullmatch(r"(?:.*: )?([0-9,]+)(?: .*)?", link.text.strip(), re.DOTALL)
            if "/how?" in link.href and found:
                yield link.href, int(found[1].replace(",", ""))


def read(page: str) -> PageRead:
    """Read a page."""
    found = PageRead()
    found.feed(page)
    return found


def faults(page: str) -> list[str]:
    """Return what no page may have: scripts, handlers, styles, links to other schemes, invisible characters."""
    found = read(page)
    wrong = [tag for tag, _ in found.tags if tag in {"script", "img", "iframe", "object", "base", "style", "embed"}]
    wrong += [name for _, given in found.tags for name in given if name.startswith("on") or name == "style"]
    links = [value for _, given in found.tags for name, value in given.items() if name in {"href", "src", "action"}]
    wrong += [link for link in links if not _ALLOWED_LINK.match(link)]
    return wrong + [repr(each) for each in page if not each.isprintable() and each != "\n"]
