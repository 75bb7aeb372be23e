"""Limits of a Slack message: lines that do not fit are counted, so that Slack never rejects a message.

Slack's block reference gives a message 50 blocks and a section 3,000 characters. All
blocks together are limited too, which it does not document: beyond some 13,300
characters, to which each block adds about 125, Slack answers
``msg_blocks_too_long`` (measured at https://github.com/slackapi/bolt-js/issues/2509).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from bot.chats.slack.mrkdwn import cut
from bot.domain.releases import Key
from bot.render.sections import Section

MOST_BLOCKS, LONGEST_SECTION = 50, 3_000
# Below the measured limit of all blocks together, which Slack does not document.
LONGEST_MESSAGE, BLOCK_COST = 12_000, 125
# So many replies has a thread at most: beyond them, what is missing is counted.
MOST_REPLIES = 10
# Together with a line break, both fit into a section.
# What a line begins with, by how far it is set in.
_MARKS = ("•", "        ◦")
_LONGEST_HEADING, _LONGEST_LINE = 400, 2_599


@dataclass(frozen=True, slots=True)
class Fitted:
    """The section blocks' strings, the new releases that they name, and what is left of the sections."""

    texts: tuple[str, ...]
    named: frozenset[Key]
    rest: tuple[Section, ...]

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is omitted."""
        return not self.rest

    @property
    def releases(self) -> int:
        """Return the number of omitted releases."""
        return sum(sum(section.releases) for section in self.rest)

    @property
    def lines(self) -> int:
        """Return the number of omitted lines about something else."""
        return sum(len(section.lines) for section in self.rest if not section.releases)


@dataclass(slots=True)
class Room:
    """The space left in a message: ``length`` in bytes, and ``blocks``."""

    length: int
    blocks: int

    def take(self, section: Section) -> list[list[str]]:
        """Return the lines of a section that fit, by block; the heading goes with the first line."""
        blocks: list[list[str]] = []
        for line in _lines(section):
            joins = bool(blocks) and len("\n".join([*blocks[-1], line])) <= LONGEST_SECTION
            cost = size(line) + (1 if joins else BLOCK_COST)
            if cost > self.length or not (joins or self.blocks):
                break
            self.length -= cost
            if joins:
                blocks[-1].append(line)
            else:
                self.blocks -= 1
                blocks.append([line])
        return blocks


def fit(sections: Sequence[Section], room: Room) -> Fitted:
    """Return the sections cut to the room; half of it is reserved for sections with releases."""
    kept = Room(room.length // 2, room.blocks // 2) if any(section.releases for section in sections) else Room(0, 0)
    room = Room(room.length - kept.length, room.blocks - kept.blocks)
    taken = {n: room.take(section) for n, section in enumerate(sections) if not section.releases}
    room = Room(room.length + kept.length, room.blocks + kept.blocks)
    taken |= {n: room.take(section) for n, section in enumerate(sections) if section.releases}
    shown = [(section, sum(map(len, taken[n]))) for n, section in enumerate(sections)]
    return Fitted(
        texts=tuple("\n".join(block) for n in range(len(sections)) for block in taken[n]),
        named=frozenset(key for section, count in shown for keys in section.named[:count] for key in keys),
        rest=tuple(section.after(count) for section, count in shown if count < len(section.lines)),
    )


def fit_thread(sections: Sequence[Section], length: int, blocks: int) -> list[Fitted]:
    """Return the sections cut to the room of a first message, and what is left cut to replies, as far as they go."""
    thread = [fit(sections, Room(length, blocks))]
    while thread[-1].rest and len(thread) <= MOST_REPLIES:
        reply = fit(thread[-1].rest, Room(LONGEST_MESSAGE - _LONGEST_LINE, MOST_BLOCKS - 1))
        if not reply.texts:
            break
        thread.append(reply)
    return thread


def size(text: str) -> int:
    """Return the length of a text in bytes, as sent."""
    return len(text.encode())


def fits_lines(sections: Iterable[Section]) -> bool:
    """Return whether no line has to be cut."""
    return all(len(line) + len(f"{_MARKS[-1]} ") <= _LONGEST_LINE for section in sections for line in section.lines)


def _lines(section: Section) -> Iterator[str]:
    """Yield the lines of a section, the heading with the first; one after another, as few may fit of many."""
    before = f"{cut(section.heading, _LONGEST_HEADING)}\n" if section.heading else ""
    for line, depth in zip(section.lines, section.depths or repeat(0), strict=False):
        yield before + cut(f"{_MARKS[depth]} {line}", _LONGEST_LINE)
        before = ""
