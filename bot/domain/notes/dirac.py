"""DIRAC's format: ``[version]`` heads, ``*System`` lines, ``FIX: (#n) text`` with continuation lines.

See release.notes in https://github.com/DIRACGrid/DIRAC.
"""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import ClassVar

from bot.domain.notes.blocks import BlockBuilder, lines_of, version_reader
from bot.domain.notes.entries import CHANGE, FIX, LONGEST_KIND, LONGEST_TEXT, NEW, Entry, TextBuilder, cut_at_word
from bot.domain.values import dataclass
from bot.domain.versions.base import Scheme

_HEAD = re.compile(r"\[([^\[\]]{1,100})\][ \t]*")
# "FIX:", and the slips of the file: "Fix :", "FIX;", "CHANGE (#5051)", "*CHANGE:", "CHANGE/FIX:", "BUGFIX:".
_KNOWN = re.compile(r"\*?(new|feat|changes?|fix|bugfix)(?: ?[:;]|(?= \(#))", re.IGNORECASE)
_OTHER = re.compile(rf"([A-Z][A-Z/]{{1,{LONGEST_KIND - 1}}}) ?:")
_KINDS = {"NEW": NEW, "FEAT": NEW, "CHANGE": CHANGE, "CHANGES": CHANGE, "FIX": FIX, "BUGFIX": FIX}
_PULL = re.compile(r"\(#([0-9]{1,10})\)[ \t]*")
# A system whose asterisk was forgotten.
_BARE_SYSTEM = re.compile(r"[A-Za-z]{2,40}[:*]?")
# What is left of the template for pull requests where its author left it.
_TEMPLATE = frozenset({
    "Thank you for writing the text to appear in the release notes. It will show up",
    "exactly as it appears between the two bold lines",
    "Please follow the template:",
    "For examples look into release.notes",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class DiracNotes:
    """The release.notes of DIRAC and its extensions."""

    name: ClassVar[str] = "dirac"

    def block(self, text: str, version: str, scheme: Scheme) -> str:
        """Return what stands between the version's head and the next; of heads that come twice, both blocks."""
        read, block, is_own = version_reader(scheme), BlockBuilder(), False
        for line in lines_of(text):
            head = _HEAD.fullmatch(line)
            if head is not None:
                is_own = read(head[1].strip()) == version
            elif is_own:
                block.add(line)
        return block.text

    def entries(self, block: str) -> Iterator[Entry]:
        """Yield the entries; the systems that they are of are left out."""
        held: _Held | None = None
        is_after_blank = True
        for line in lines_of(block):
            bare = line.strip()
            if not bare or bare in _TEMPLATE:
                is_after_blank = is_after_blank or not bare
                continue
            is_more = held is not None and _continues(line, is_after_blank=is_after_blank)
            is_after_blank = False
            if held is not None and is_more:
                held.lines.add(bare)
                continue
            if held is not None:
                yield held.entry
            held = _begun(line, bare)
        if held is not None:
            yield held.entry


@dataclass(slots=True)
class _Held:
    """An entry whose lines are being read."""

    kind: str
    lines: TextBuilder = field(default_factory=TextBuilder)

    @property
    def entry(self) -> Entry:
        text = self.lines.text
        pull = _PULL.match(text)
        number = int(pull[1]) if pull else None
        return Entry(self.kind, cut_at_word(text[pull.end() :] if pull else text, LONGEST_TEXT), number)


def _continues(line: str, *, is_after_blank: bool) -> bool:
    """Return whether a line continues the entry before it: after an empty line only an indented one does."""
    if line.startswith("*") or _keyword(line) is not None:
        return False
    return not is_after_blank or line[:1].isspace()


def _begun(line: str, bare: str) -> _Held | None:
    """Return the entry that a line begins, None for one that names a system."""
    kind, text = _keyword(line) or ("", bare)
    if not kind and (line.startswith("*") or _BARE_SYSTEM.fullmatch(line.rstrip())):
        return None
    held = _Held(kind)
    held.lines.add(text.strip())
    return held


def _keyword(line: str) -> tuple[str, str] | None:
    """Return the kind that a line begins with, and the rest of the line."""
    if known := _KNOWN.match(line):
        return _KINDS[known[1].upper()], line[known.end() :]
    if other := _OTHER.match(line):
        return other[1], line[other.end() :]
    return None
