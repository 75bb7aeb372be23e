"""Digests, announcements and answers as Mattermost's posts: what does not fit goes into replies, or is counted."""

from collections.abc import Callable, Sequence
from dataclasses import replace

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
from bot.chats.mattermost.markdown import MARKUP, cut, escaped, link, strong
from bot.domain.digests.digest import Digest
from bot.domain.releases import Key, key_of
from bot.domain.subscriptions import Announcement
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp
from bot.queries.releases import after_digest
from bot.render.announcement import announcement_lines, last_line
from bot.render.digest_parts import period_line, rule_line
from bot.render.markup import Markup
from bot.render.words import printable
from bot.services.ports import CommandButton

# A post has at most 16,383 characters (PostMessageMaxRunesV2 in Mattermost's model/post.go).
LIMITS = MessageLimits(
    longest=16_000,
    most_blocks=1_000,
    # The blank line between two blocks.
    block_cost=2,
    longest_block=8_000,
    longest_heading=400,
    longest_line=3_000,
    marks=("-", "    -"),
    size=len,
    cut=cut,
)
_LONGEST_HEADLINE, _LONGEST_NOTE, _LONGEST_SENTENCE = 300, 800, 3_000
_MOST_BUTTONS, _LONGEST_LABEL = 5, 75
# The blank lines and marks around headline, interval, rule and the line on what is omitted.
_FRAME = 40
# Long lists have no links, so that more releases fit.
_WITHOUT_LINKS = replace(MARKUP, link=lambda _, text: escaped(text))


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its label, and the words that it sends."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class MattermostReply:
    """A reply in the thread of a digest, and the new releases that it names."""

    text: str
    named: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class MattermostMessage:
    """A post: its text, the buttons below it, and the replies in its thread.

    ``unnamed`` are the new releases that fit neither into it nor into the replies.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    unnamed: frozenset[Key] = frozenset()
    replies: tuple[MattermostReply, ...] = ()


def render_digest(digest: Digest, *, with_buttons: bool = False) -> MattermostMessage:
    """Return a digest as a post, with what does not fit as replies; ``with_buttons`` where buttons are answered."""
    headline = strong(cut(escaped(printable(digest.headline)), _LONGEST_HEADLINE))
    interval, rule = (cut(escaped(line), _LONGEST_NOTE) for line in (period_line(digest), rule_line(digest)))
    last = f"_{rule}_" + (f"\n{link(digest.page, 'On the web')}" if digest.page else "")
    taken = len(headline) + len(interval) + len(last) + _LONGEST_NOTE + _FRAME
    first, *others = thread = fit_digest(digest, MARKUP, Room(LIMITS, LIMITS.longest - taken, LIMITS.most_blocks))
    blocks = [f"{headline}\n{interval}", *first.texts]
    if not first.is_whole:
        blocks.append(escaped(follow_words(first, others[-1])) if others else _left_out(first, digest))
    unnamed = frozenset(map(key_of, digest.news)).difference(*(each.named for each in thread))
    replies = tuple(_reply(each, digest, is_last=each is others[-1]) for each in others)
    buttons = _buttons(after_digest(digest)) if with_buttons else ()
    return MattermostMessage(_joined([*blocks, last]), buttons, unnamed, replies)


def _reply(fitted: Fitted, digest: Digest, *, is_last: bool) -> MattermostReply:
    more = [_left_out(fitted, digest)] if is_last and not fitted.is_whole else []
    return MattermostReply(_joined([*fitted.texts, *more]), fitted.named)


def _left_out(fitted: Fitted, digest: Digest) -> str:
    command = escaped(f"full digest: release-bot digest {digest.name}")
    whole = link(digest.page, "full digest") if digest.page else command
    return cut(f"{escaped(left_out_words(fitted))}; {whole}", _LONGEST_NOTE)


def render_announcement(announcement: Announcement, *, is_answered: bool) -> MattermostMessage:
    """Return an announcement as a post; ``is_answered`` says that the bot reads what is written to it."""
    texts = [_lines(lines) for lines in announcement_lines(announcement, MARKUP)]
    room, kept = LIMITS.longest - _LONGEST_NOTE, 0
    for text in texts:
        room -= len(text) + LIMITS.block_cost
        if kept and room < 0:
            break
        kept += 1
    last = cut(last_line(announcement.first(kept), MARKUP, is_answered=is_answered), _LONGEST_NOTE)
    unnamed = frozenset(item.key for item in announcement.items[kept:])
    return MattermostMessage(_joined([*texts[:kept], *([f"_{last}_"] if last else [])]), unnamed=unnamed)


def _lines(lines: Sequence[str]) -> str:
    """Return the lines about one release; those after the first belong to it."""
    return cut("\n".join(line.replace("•", "-", 1) if line.startswith("•") else line for line in lines), 3_000)


def render_answer(answer: Callable[[Markup], Answer]) -> MattermostMessage:
    """Return an answer as a post; ``answer`` renders it in a markup."""
    made = fit_answer(answer, (MARKUP, _WITHOUT_LINKS), LIMITS, _room, longest_sentence=_LONGEST_SENTENCE)
    blocks = [made.sentence, *made.fitted.texts]
    if not made.fitted.is_whole:
        blocks.append(omitted_words(made.fitted))
    words = made.words
    notes = [f"_{cut('; '.join(words.notes), _LONGEST_NOTE)}_"] if words.notes else []
    notes += [link(words.page, "On the web")] if words.page else []
    blocks += ["\n".join(notes)] if notes else []
    return MattermostMessage(_joined(blocks), _buttons(words.follow_ups))


def _room(words: Answer, sentence: str) -> Room:
    taken = len(sentence) + 2 * _LONGEST_NOTE + len(words.page) + _FRAME
    return Room(LIMITS, LIMITS.longest - taken, LIMITS.most_blocks)


def render_text(text: str, commands: Sequence[CommandButton] = ()) -> MattermostMessage:
    """Return a plain text of several lines, with a button for each command."""
    buttons = tuple(Button(each.spoken[:_LONGEST_LABEL], each.command) for each in commands[:_MOST_BUTTONS])
    lines = [line.replace("•", "-", 1) if line.startswith("•") else line for line in text.splitlines()]
    return MattermostMessage(cut("\n".join(_line(line) for line in lines), LIMITS.longest), buttons)


def _line(line: str) -> str:
    return f"- {escaped(line[2:])}" if line.startswith("- ") else escaped(line)


def _buttons(follow_ups: Sequence[FollowUp]) -> tuple[Button, ...]:
    return tuple(Button(each.label[:_LONGEST_LABEL], each.question) for each in follow_ups[:_MOST_BUTTONS])


def _joined(blocks: Sequence[str]) -> str:
    return "\n\n".join(blocks)
