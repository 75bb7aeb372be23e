"""Keep a Changelog (https://keepachangelog.com): ``## [1.2.3] - date``, ``### Added``, list items."""

from collections.abc import Iterator
from typing import ClassVar

from bot.domain.notes.blocks import version_reader
from bot.domain.notes.entries import CHANGE, FIX, NEW, Entry
from bot.domain.notes.markdown import block_below, named_in
from bot.domain.notes.markdown_items import items_of
from bot.domain.values import dataclass
from bot.domain.versions.base import Scheme

_VERSIONS = 2
# "Deprecated", "Removed" and "Security" are told by their own names.
_KINDS = {"added": NEW, "changed": CHANGE, "fixed": FIX}


@dataclass(frozen=True, slots=True)
class KeepAChangelog:
    """A CHANGELOG.md whose headings of the second level begin with the versions."""

    name: ClassVar[str] = "keepachangelog"

    def block(self, text: str, version: str, scheme: Scheme) -> str:
        """Return what stands below the version's heading of the second level."""
        read = version_reader(scheme)
        return block_below(
            text, version, lambda line: named_in(line.text, read, most_before=0) if line.level <= _VERSIONS else None
        )

    def entries(self, block: str) -> Iterator[Entry]:
        """Yield the list items, with the heading above them as their kind."""
        return (entry for entry, is_item in items_of(block, _KINDS) if is_item)
