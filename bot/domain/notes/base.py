"""What a format of release notes is: how a release's block is found, and its entries; one module for each format."""

from collections.abc import Iterator
from typing import ClassVar, Protocol

from bot.domain.notes.entries import Entry
from bot.domain.versions.base import Scheme


class NotesFormat(Protocol):
    """A format of release notes; ``name`` is how the configuration calls it."""

    name: ClassVar[str]

    def block(self, text: str, version: str, scheme: Scheme) -> str:
        """Return the block of a normalized version, without its head; empty where the text has none."""
        ...

    def entries(self, block: str) -> Iterator[Entry]:
        """Yield the entries of a block."""
        ...
