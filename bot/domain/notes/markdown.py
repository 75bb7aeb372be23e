"""Markdown: headings that name versions, and below them list items and paragraphs; the forge's release text too."""

import re
from collections.abc import Callable, Iterator
from typing import ClassVar

from bot.domain.notes.blocks import BlockBuilder, ReadVersion, lines_of, version_reader
from bot.domain.notes.entries import CHANGE, FIX, NEW, Entry
from bot.domain.notes.markdown_items import items_of
from bot.domain.notes.markdown_lines import MarkdownLine, marked
from bot.domain.values import dataclass
from bot.domain.versions.base import Scheme

# Words of a heading before and after which a number is no version of its own: "Upgrading from 1.2".
_NOT_BEFORE = frozenset({"from", "since", "to", "until", "before", "after", "with", "for", "and", "of", "than"})
_AFTER = frozenset({"release", "released", "final"})
_MOST_BEFORE = 4
_IN_BRACKETS = re.compile(r"\[([^\[\]]{1,100})\]")
_AROUND = "[]()*_`~:,"
# Headings that mean one of the three kinds; another heading is the kind of its entries as it is written.
KINDS = {
    "added": NEW,
    "new": NEW,
    "features": NEW,
    "new features": NEW,
    "enhancements": NEW,
    "changed": CHANGE,
    "changes": CHANGE,
    "fixed": FIX,
    "fixes": FIX,
    "bug fixes": FIX,
    "bugfixes": FIX,
}


@dataclass(frozen=True, slots=True)
class MarkdownNotes:
    """A file with a heading for each version, such as ``## DIRAC 1.2.3 (2021-02-15)``."""

    name: ClassVar[str] = "markdown"

    def block(self, text: str, version: str, scheme: Scheme) -> str:
        """Return what stands below the version's heading, up to the next of its level or of another version."""
        read = version_reader(scheme)
        return block_below(text, version, lambda line: named_in(line.text, read, most_before=_MOST_BEFORE))

    def entries(self, block: str) -> Iterator[Entry]:
        """Yield list items and paragraphs, with the heading above them as their kind."""
        return (entry for entry, _ in items_of(block, KINDS))


@dataclass(frozen=True, slots=True)
class ReleaseText:
    """The text of a release on its forge, such as the notes that GitHub generates."""

    name: ClassVar[str] = "release"

    def block(self, text: str, version: str, scheme: Scheme) -> str:
        """Return the whole text: all of it is the release's own."""
        del version, scheme
        block = BlockBuilder()
        for line in lines_of(text):
            block.add(line)
        return block.text

    def entries(self, block: str) -> Iterator[Entry]:
        """Yield the list items, or the paragraphs of a text without any."""
        found = list(items_of(block, KINDS))
        has_items = any(is_item for _, is_item in found)
        return (entry for entry, is_item in found if is_item or not has_items)


def block_below(text: str, version: str, named: Callable[[MarkdownLine], str | None]) -> str:
    """Return what stands below the headings for which ``named`` gives a version, each up to its end.

    That is the next heading of its level, or of any level that names another version, if only in an example.
    """
    block, level = BlockBuilder(), 0
    for line in marked(text):
        of_version = named(line) if line.level else None
        if level and (of_version not in {None, version} or (0 < line.level <= level and not line.is_code)):
            level = 0
        if not level and of_version == version and not line.is_code:
            level = line.level
        elif level:
            block.add(line.written)
    return block.text


def named_in(heading: str, read: ReadVersion, *, most_before: int) -> str | None:
    """Return the version that a heading names, None if it names none.

    At most ``most_before`` words may stand before it. After one that is not first, or is only a number, no word may
    follow: "3 bugs fixed" names no version.
    """
    words = heading.split(maxsplit=most_before + 2)
    for place, word in enumerate(words[: most_before + 1]):
        bare = _bare(word)
        if (version := read(bare)) is not None:
            following = words[place + 1] if place + 1 < len(words) else ""
            is_alone = not following[:1].isalpha() or following.split()[0].lower() in _AFTER
            return version if is_alone or (not place and not bare.isdecimal()) else None
        if word.lower() in _NOT_BEFORE:
            return None
    return None


def _bare(word: str) -> str:
    """Return a word without brackets, emphasis and the address of a link: ``[1.2.3](https://...)`` is 1.2.3."""
    if found := _IN_BRACKETS.match(word):
        return found[1].strip(_AROUND)
    return word.strip(_AROUND)
