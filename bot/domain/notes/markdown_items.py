"""The list items and paragraphs of Markdown as entries of release notes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.domain.notes.entries import LONGEST_KIND, LONGEST_TEXT, Entry, TextBuilder, cut_at_word
from bot.domain.notes.markdown_lines import ITEM, is_rule, marked, without_comments

# Of the address of a pull or merge request, of "(#12)", and of "#12" or "!12", the first that there is.
_PULLS = (
    re.compile(r"/(?:pull|merge_requests)/([0-9]{1,10})(?![0-9])"),
    re.compile(r"\([#!]([0-9]{1,10})\)"),
    re.compile(r"(?<![\w/&#!])[#!]([0-9]{1,10})\b"),
)
# "by @somebody in https://github.com/...", as GitHub ends the lines that it generates.
_IN_ADDRESS = re.compile(r" in https?://\S{1,300}/pull/[0-9]{1,10}\s*$")
_LINK_DEFINITION = re.compile(r"\[[^\[\]]{1,100}\]:\s")
# GitHub's own headings: of the whole list, which is of no kind, and of a list of people.
_NO_KIND, _OF_PEOPLE = "what's changed", "new contributors"
# What GitHub writes below the lists that it generates.
_COMPARISON = "**Full Changelog**:"
_DEEPER = 2


@dataclass(slots=True)
class _Held:
    """A list item or a paragraph whose lines are being read; ``indent`` is that of the item's mark."""

    kind: str
    is_item: bool
    indent: int
    lines: TextBuilder = field(default_factory=TextBuilder)

    @property
    def entry(self) -> tuple[Entry, bool]:
        text = self.lines.text
        return Entry(self.kind, cut_at_word(_IN_ADDRESS.sub("", text), LONGEST_TEXT), _pull_in(text)), self.is_item


def items_of(block: str, kinds: Mapping[str, str]) -> Iterator[tuple[Entry, bool]]:
    """Yield the entries, each with whether it is a list item; ``kinds`` are those that headings mean, in lower case.

    Code, comments, rules and the addresses of links are no entries, nor are GitHub's thanks to new contributors.
    """
    held: _Held | None = None
    kind, is_of_people, is_after_blank = "", False, True
    for line in marked(without_comments(block)):
        bare = line.written.strip()
        if line.is_code or bare.startswith(_COMPARISON) or _LINK_DEFINITION.match(bare):
            continue
        begins = _begins(line.written, bare, held, is_after_blank=is_after_blank)
        is_after_blank = not bare
        if held is not None and not begins and not line.level and not is_rule(bare):
            held.lines.add(bare)
            continue
        if held is not None and (begins or line.level or is_rule(bare)):
            yield held.entry
            held = None
        if line.level:
            kind, is_of_people = _kind_of(line.text, kinds), line.text.lower() == _OF_PEOPLE
        elif begins and not is_of_people and not is_rule(bare):
            held = _begun(kind, line.written, bare)
    if held is not None:
        yield held.entry


def _begins(written: str, bare: str, held: _Held | None, *, is_after_blank: bool) -> bool:
    """Return whether a line begins an entry: an item that is not deeper than the one before it, or a paragraph."""
    if not bare:
        return False
    indent = len(written) - len(written.lstrip())
    if ITEM.match(bare):
        return held is None or not held.is_item or indent < held.indent + _DEEPER
    if held is None:
        return True
    # After an empty line only what is indented belongs to an item.
    return is_after_blank and not (held.is_item and indent >= held.indent + _DEEPER)


def _begun(kind: str, written: str, bare: str) -> _Held:
    mark = ITEM.match(bare)
    held = _Held(kind, mark is not None, len(written) - len(written.lstrip()))
    held.lines.add(bare[mark.end() :].strip() if mark else bare)
    return held


def _kind_of(heading: str, kinds: Mapping[str, str]) -> str:
    words = heading.lower().strip(":* ")
    return "" if words == _NO_KIND else kinds.get(words, cut_at_word(heading.strip(), LONGEST_KIND))


def _pull_in(text: str) -> int | None:
    found = next((found for pattern in _PULLS if (found := pattern.search(text)) is not None), None)
    return int(found[1]) if found else None
