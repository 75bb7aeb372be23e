"""What fits into a chat's messages: lines that do not fit are counted, so that no chat rejects a message."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat

from bot.domain.digests.digest import Digest
from bot.domain.releases import Key
from bot.domain.values import dataclass
from bot.queries.base import Answer
from bot.render.digest_parts import sections
from bot.render.markup import Markup
from bot.render.sections import Form, Section
from bot.render.words import plural

# Readable forms of a digest first; only names if those would omit releases, even in a thread.
_FORMS = (
    Form(25, notes=3),
    Form(25),
    Form(12),
    Form(6),
    Form(3),
    Form(1),
    Form(100, is_brief=True),
    Form(1, is_brief=True),
)


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """The limits of a chat's messages, which are made of blocks of lines.

    ``longest`` is the length of a message by ``size``, to which each block adds ``block_cost``; blocks, headings and
    lines are measured in characters, and ``cut`` shortens marked-up text to so many. A thread has at most
    ``most_replies``. ``marks`` is what a line begins with, by how far it is set in.
    """

    longest: int
    most_blocks: int
    block_cost: int
    longest_block: int
    longest_heading: int
    longest_line: int
    marks: tuple[str, str]
    size: Callable[[str], int]
    cut: Callable[[str, int], str]
    most_replies: int = 10


@dataclass(frozen=True, slots=True)
class Fitted:
    """The blocks' strings, the new releases that they name, and what is left of the sections."""

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
    """The space left in a message: ``length`` by the size of its limits, and ``blocks``."""

    limits: MessageLimits
    length: int
    blocks: int

    def take(self, section: Section) -> list[list[str]]:
        """Return the lines of a section that fit, by block; the heading goes with the first line."""
        limits, blocks = self.limits, list[list[str]]()
        for line in _lines(section, limits):
            joins = bool(blocks) and len("\n".join([*blocks[-1], line])) <= limits.longest_block
            cost = limits.size(line) + (1 if joins else limits.block_cost)
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
    is_halved = any(section.releases for section in sections)
    kept = Room(room.limits, *((room.length // 2, room.blocks // 2) if is_halved else (0, 0)))
    room = Room(room.limits, room.length - kept.length, room.blocks - kept.blocks)
    taken = {n: room.take(section) for n, section in enumerate(sections) if not section.releases}
    room = Room(room.limits, room.length + kept.length, room.blocks + kept.blocks)
    taken |= {n: room.take(section) for n, section in enumerate(sections) if section.releases}
    shown = [(section, sum(map(len, taken[n]))) for n, section in enumerate(sections)]
    return Fitted(
        texts=tuple("\n".join(block) for n in range(len(sections)) for block in taken[n]),
        named=frozenset(key for section, count in shown for keys in section.named[:count] for key in keys),
        rest=tuple(section.after(count) for section, count in shown if count < len(section.lines)),
    )


def fit_thread(sections: Sequence[Section], room: Room) -> list[Fitted]:
    """Return the sections cut to the room of a first message, and what is left cut to replies, as far as they go."""
    limits, thread = room.limits, [fit(sections, room)]
    while thread[-1].rest and len(thread) <= limits.most_replies:
        reply = fit(thread[-1].rest, Room(limits, limits.longest - limits.longest_line, limits.most_blocks - 1))
        if not reply.texts:
            break
        thread.append(reply)
    return thread


def fit_digest(digest: Digest, markup: Markup, room: Room) -> list[Fitted]:
    """Return a digest's sections as a first message and replies, in the readable form that suits.

    That is the first form that names every new release in the first message, else in the thread, else the one that
    names most.
    """
    threads = []
    for form in _FORMS:
        found = sections(digest, markup, form)
        if fits_lines(found, room.limits) or form.a_line == 1:
            thread = fit_thread(found, room)
            if not thread[0].releases and not form.is_brief:
                return thread
            threads.append(thread)
    return min(threads, key=lambda thread: thread[-1].releases)


@dataclass(frozen=True, slots=True)
class FittedAnswer:
    """An answer with its sentence and its sections cut to a message."""

    words: Answer
    sentence: str
    fitted: Fitted


def fit_answer(
    answer: Callable[[Markup], Answer],
    markups: Sequence[Markup],
    limits: MessageLimits,
    room: Callable[[Answer, str], Room],
    *,
    longest_sentence: int,
) -> FittedAnswer:
    """Return an answer in the first of the markups in which all of it fits, else in the last."""
    found = []
    for markup in markups:
        words = answer(markup)
        sentence = limits.cut(words.sentence, longest_sentence)
        found.append(FittedAnswer(words, sentence, fit(words.sections, room(words, sentence))))
        if found[-1].fitted.is_whole and fits_lines(words.sections, limits):
            break
    return found[-1]


def fits_lines(sections: Iterable[Section], limits: MessageLimits) -> bool:
    """Return whether no line has to be cut."""
    longest = limits.longest_line - len(f"{limits.marks[-1]} ")
    return all(len(line) <= longest for section in sections for line in section.lines)


def follow_words(first: Fitted, last: Fitted) -> str:
    """Return what follows a first message in its thread, in words."""
    releases, lines = first.releases - last.releases, first.lines - last.lines
    left = [plural(count, noun) for count, noun in ((releases, "more release"), (lines, "more line")) if count]
    return f"{' and '.join(left) or 'more'} in the thread"


def left_out_words(fitted: Fitted) -> str:
    """Return what is missing of a digest, in words: releases that the next digest names, and other lines."""
    left = [f"{plural(fitted.releases, 'more release')}, named in the next digest"] if fitted.releases else []
    left += [plural(fitted.lines, "more line")] if fitted.lines else []
    return f"and {' and '.join(left)}"


def omitted_words(fitted: Fitted) -> str:
    """Return what is missing of an answer, in words."""
    left = [plural(fitted.releases, "more release")] if fitted.releases else []
    left += [plural(fitted.lines, "more line")] if fitted.lines else []
    return f"and {' and '.join(left)} that do not fit in a message; ask for a shorter period"


def _lines(section: Section, limits: MessageLimits) -> Iterator[str]:
    """Yield the lines of a section, the heading with the first; one after another, as few may fit of many."""
    before = f"{limits.cut(section.heading, limits.longest_heading)}\n" if section.heading else ""
    for line, depth in zip(section.lines, section.depths or repeat(0), strict=False):
        yield before + limits.cut(f"{limits.marks[depth]} {line}", limits.longest_line)
        before = ""
