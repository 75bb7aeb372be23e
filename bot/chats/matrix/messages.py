"""Digests, announcements and answers as messages of Matrix, within the size of an event.

An event may have 65,536 bytes (client-server API, "Size limits"), with what servers add to it. A message has its words
twice: as HTML, and as plain text for clients that show no HTML.
"""

from collections.abc import Callable, Sequence
from html import escape

from bot.chats.fitting import (
    Fitted,
    MessageLimits,
    Room,
    fit_answer,
    fit_digest,
    follow_words,
    left_out_words,
    omitted_words,
)
from bot.chats.matrix.html import MARKS, MARKUP, block, cut, json_bytes, paragraph, plain_form
from bot.domain.digests.digest import Digest
from bot.domain.releases import Key, key_of
from bot.domain.subscriptions import Announcement
from bot.domain.values import dataclass
from bot.queries.base import Answer
from bot.render.announcement import announcement_lines, last_line
from bot.render.digest_parts import period_line, rule_line
from bot.render.markup import Markup
from bot.services.ports import CommandButton

# Around the lines of a message: headline, interval, rule, and what is left out.
_FRAME = 6_000
# The longest texts, in bytes of HTML in an event's JSON; as plain text they have no more.
_LONGEST_PART, _LONGEST_SENTENCE, _LONGEST_RELEASE = 600, 8_000, 12_000


def _size(html: str) -> int:
    """Return the size of marked-up text in an event, in bytes: as HTML and as plain text, both in JSON."""
    return sum(map(json_bytes, (html, plain_form(html))))


# Below the limit of an event: servers add hashes, signatures and references to other events.
LIMITS = MessageLimits(
    longest=48_000,
    most_blocks=2_000,
    block_cost=80,
    longest_block=16_000,
    longest_heading=_LONGEST_PART,
    longest_line=12_000,
    marks=MARKS,
    size=_size,
    cut=cut,
)


@dataclass(frozen=True, slots=True)
class MatrixMessage:
    """A message as HTML, and the new releases that it names."""

    html: str
    named: frozenset[Key] = frozenset()

    @property
    def plain(self) -> str:
        """Return the same as plain text."""
        return plain_form(self.html)


@dataclass(frozen=True, slots=True)
class MatrixDigest:
    """A digest as its first message and the replies in its thread; ``unnamed`` are the new releases in none of them."""

    first: MatrixMessage
    replies: tuple[MatrixMessage, ...]
    unnamed: frozenset[Key]


def render_digest(digest: Digest) -> MatrixDigest:
    """Return a digest as a message, with what does not fit as replies."""
    interval, rule = (cut(escape(line), _LONGEST_PART) for line in (period_line(digest), rule_line(digest)))
    page = f"<br>{MARKUP.link(digest.page, 'On the web')}" if digest.page else ""
    room = Room(LIMITS, LIMITS.longest - _FRAME, LIMITS.most_blocks)
    first, *others = thread = fit_digest(digest, MARKUP, room)
    more = "" if first.is_whole else follow_words(first, others[-1]) if others else _left_out(first, digest)
    html = [
        f"<h4>{cut(MARKUP.plain(digest.headline), _LONGEST_PART)}</h4>",
        paragraph(interval),
        *map(block, first.texts),
        _aside(more),
        _aside(rule, page),
    ]
    unnamed = frozenset(map(key_of, digest.news)).difference(*(each.named for each in thread))
    replies = tuple(_reply(each, digest, is_last=each is others[-1]) for each in others)
    return MatrixDigest(MatrixMessage("".join(html), first.named), replies, unnamed)


def _reply(fitted: Fitted, digest: Digest, *, is_last: bool) -> MatrixMessage:
    left = _left_out(fitted, digest) if is_last and not fitted.is_whole else ""
    return MatrixMessage("".join([*map(block, fitted.texts), _aside(left)]), fitted.named)


def render_announcement(announcement: Announcement, *, is_answered: bool) -> tuple[MatrixMessage, frozenset[Key]]:
    """Return an announcement as a message, and its releases that do not fit; the first is always named.

    ``is_answered`` says that the bot reads what is written to it.
    """
    texts = [cut("<br>".join(lines), _LONGEST_RELEASE) for lines in announcement_lines(announcement, MARKUP)]
    kept, room = 0, LIMITS.longest - _FRAME
    for text in texts:
        room -= _size(paragraph(text))
        if kept and room < 0:
            break
        kept += 1
    last = cut(last_line(announcement.first(kept), MARKUP, is_answered=is_answered), _LONGEST_PART)
    html = "".join([*map(paragraph, texts[:kept]), _aside(last)])
    return MatrixMessage(html), frozenset(item.key for item in announcement.items[kept:])


def render_answer(answer: Callable[[Markup], Answer]) -> MatrixMessage:
    """Return an answer as a message; ``answer`` renders it in a markup."""
    room = Room(LIMITS, LIMITS.longest - 2 * _LONGEST_SENTENCE - _FRAME, LIMITS.most_blocks)
    found = fit_answer(answer, (MARKUP,), LIMITS, lambda *_: room, longest_sentence=_LONGEST_SENTENCE)
    words, omitted = found.words, "" if found.fitted.is_whole else omitted_words(found.fitted)
    # There are no buttons: of those elsewhere, only the one for the whole list is missed.
    lists = [
        f"{each.label}: “{escape(each.question)}”" for each in words.follow_ups if each.label.startswith("List all")
    ]
    notes = cut("; ".join([*lists, *words.notes]), _LONGEST_PART * 2)
    page = MARKUP.link(words.page, "On the web") if words.page else ""
    end = _aside(notes, f"<br>{page}" if page else "") if notes else paragraph(page) if page else ""
    return MatrixMessage("".join([paragraph(found.sentence), *map(block, found.fitted.texts), _aside(omitted), end]))


def render_text(text: str, buttons: Sequence[CommandButton] = ()) -> MatrixMessage:
    """Return a plain text as a message; for each button, which Matrix does not have, its line names the command."""
    commands = {each.line: each.command for each in buttons}
    lines = [f"{line}; or write to me: {commands[line]}" if line in commands else line for line in text.splitlines()]
    return MatrixMessage(paragraph(cut("<br>".join(map(MARKUP.plain, lines)), _LONGEST_RELEASE)))


def _left_out(fitted: Fitted, digest: Digest) -> str:
    """Return the line on what is missing, and where the whole digest is."""
    command = MARKUP.plain(f"full digest: release-bot digest {digest.name}")
    return f"{left_out_words(fitted)}; {MARKUP.link(digest.page, 'full digest') if digest.page else command}"


def _aside(text: str, after: str = "") -> str:
    """Return a paragraph of less weight; nothing for an empty one."""
    return paragraph(f"<em>{text}</em>{after}") if text else ""
