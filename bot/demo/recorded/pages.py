"""Offset pages and the Link header that leads through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: its items, its number from 1, and how long the list is."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """Return the number of the last page; a list without items has one page."""
        return max(1, -(-self.total // self.size))


def paginate(items: Sequence[Item], query: Mapping[str, str], default: int) -> Page[Item]:
    """Cut the page that ``page`` and ``per_page`` ask for; nonsense reads as the default, 100 is the most."""
    size = min(positive(query.get("per_page"), default), 100)
    number = positive(query.get("page"), 1)
    start = (number - 1) * size
    return Page(items[start : start + size], number, size, len(items))


def positive(text: str | None, default: int) -> int:
    """Read a number above zero, else give the default."""
    value = int(text) if text and text.isascii() and text.isdecimal() else 0
    return value or default


def link(url: str, query: Mapping[str, str], numbers: Mapping[str, int]) -> str:
    """Write a Link header; ``numbers`` gives the page for each relation."""
    parts = [f'<{url}?{urlencode({**query, "page": str(page)})}>; rel="{name}"' for name, page in numbers.items()]
    return ", ".join(parts)
