"""A digest as Block Kit, within Slack's limits: what does not fit goes into its thread, and is counted beyond that."""

from collections.abc import Sequence

from bot.chats.fitting import Fitted, Room, fit_digest, follow_words, left_out_words
from bot.chats.slack.buttons import Block, button, buttons, size_of_buttons
from bot.chats.slack.limits import LIMITS, size
from bot.chats.slack.mrkdwn import cut, escaped, link
from bot.domain.digests.digest import Digest
from bot.domain.releases import Key, key_of
from bot.domain.subscriptions import Announcement
from bot.domain.values import dataclass
from bot.queries.releases import after_digest
from bot.render.announcement import announcement_lines, last_line
from bot.render.digest_parts import period_line, rule_line
from bot.render.digest_text import spoken_lines
from bot.render.markup import Markup
from bot.render.words import plural, printable
from bot.services.ports import CommandButton

# From Slack's block reference; the text beside blocks is far below the limit of chat.postMessage.
_LONGEST_HEADER, _LONGEST_CONTEXT, _LONGEST_TEXT = 150, 500, 3_000
# Header, interval, rule, the line with the number of omitted lines, and the buttons.
_FRAME = 5


@dataclass(frozen=True, slots=True)
class SlackReply:
    """A reply in the thread of a digest: its blocks, the text for notifications, and the new releases it names."""

    text: str
    blocks: list[Block]
    named: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message: its blocks, the text for notifications, and the replies in its thread.

    ``unnamed`` are the new releases that fit neither into it nor into the replies.
    """

    text: str
    blocks: list[Block]
    unnamed: frozenset[Key] = frozenset()
    replies: tuple[SlackReply, ...] = ()


def render_digest(digest: Digest, *, with_buttons: bool = False) -> SlackMessage:
    """Return a digest as a Slack message, with what does not fit as replies; buttons work only if the bot listens."""
    interval, rule = (cut(escaped(line), _LONGEST_CONTEXT) for line in (period_line(digest), rule_line(digest)))
    rule += f"\n{link(digest.page, 'On the web')}" if digest.page else ""
    header = _shortened(printable(digest.headline))
    follow_ups = after_digest(digest) if with_buttons else ()
    taken = sum(map(size, (header, interval, rule))) + size_of_buttons(follow_ups)
    taken += _FRAME * LIMITS.block_cost + _LONGEST_CONTEXT
    room = Room(LIMITS, LIMITS.longest - taken, LIMITS.most_blocks - _FRAME)
    first, *others = thread = fit_digest(digest, MARKUP, room)
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": header, "emoji": False}}, context(interval)]
    blocks += [{"type": "section", "text": mrkdwn(text), "expand": True} for text in first.texts]
    if not first.is_whole:
        blocks.append(context(follow_words(first, others[-1]) if others else _left_out(first, digest)))
    blocks.append(context(rule))
    blocks += [buttons(follow_ups)] if follow_ups else []
    unnamed = frozenset(map(key_of, digest.news)).difference(*(each.named for each in thread))
    replies = tuple(_reply(each, digest, is_last=each is others[-1]) for each in others)
    return SlackMessage(_read_aloud(digest, first.named), blocks, unnamed, replies)


def _reply(fitted: Fitted, digest: Digest, *, is_last: bool) -> SlackReply:
    texts = [*fitted.texts]
    blocks: list[Block] = [{"type": "section", "text": mrkdwn(text), "expand": True} for text in texts]
    if is_last and not fitted.is_whole:
        texts.append(_left_out(fitted, digest))
        blocks.append(context(texts[-1]))
    return SlackReply("\n".join(texts), blocks, fitted.named)


def _read_aloud(digest: Digest, named: frozenset[Key]) -> str:
    """Return the whole digest as plain text: what a notification shows, and all that a screen reader gets.

    New releases that the blocks do not name are not named here either: the replies or the next digest name them.
    """
    text, lines = "", [escaped(line.text) for line in spoken_lines(digest) if named.issuperset(line.named)]
    for place, line in enumerate(lines):
        more = f"and {plural(len(lines) - place, 'more line')}"
        if size(text) + size(line) + len(more) + 2 > _LONGEST_TEXT:
            return cut(f"{text}{more}" if text else line, _LONGEST_TEXT)
        text += f"{line}\n"
    return text.rstrip()


def render_announcement(announcement: Announcement, *, is_answered: bool) -> SlackMessage:
    """Return an announcement as a Slack message; the text for notifications names its releases too.

    ``is_answered`` says that the bot reads what is written to it.
    """
    texts = [cut("\n".join(lines), _LONGEST_TEXT) for lines in announcement_lines(announcement, MARKUP)]
    room, kept = LIMITS.longest - _LONGEST_CONTEXT - LIMITS.block_cost, 0
    for text in texts[: LIMITS.most_blocks - 1]:
        room -= size(text) + LIMITS.block_cost
        if kept and room < 0:
            break
        kept += 1
    shown, last = texts[:kept], last_line(announcement.first(kept), MARKUP, is_answered=is_answered)
    blocks: list[Block] = [{"type": "section", "text": mrkdwn(text), "expand": True} for text in shown]
    blocks += [context(cut(last, _LONGEST_CONTEXT))] if last else []
    return SlackMessage(
        cut("\n".join(shown), LIMITS.longest), blocks, frozenset(item.key for item in announcement.items[kept:])
    )


def lines_with_buttons(text: str, commands: Sequence[CommandButton]) -> list[Block]:
    """Return a section for each line of a text, with its button if it has one."""
    beside = {each.line: button(number, each.label, each.spoken, each.command) for number, each in enumerate(commands)}
    return [
        {"type": "section", "text": mrkdwn(cut(escaped(line), _LONGEST_TEXT))}
        | ({"accessory": beside[line]} if line in beside else {})
        for line in text.splitlines()[: LIMITS.most_blocks]
    ]


def _left_out(fitted: Fitted, digest: Digest) -> str:
    """Return the line on what is missing, and where the whole digest is."""
    missing = escaped(f"{left_out_words(fitted)}; ")
    command = f"full digest: release-bot digest {digest.name}"
    return cut(missing + (link(digest.page, "full digest") if digest.page else escaped(command)), _LONGEST_CONTEXT)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_HEADER else f"{text[: _LONGEST_HEADER - 1]}…"


def mrkdwn(text: str) -> Block:
    """Return a mrkdwn text; ``verbatim`` stops Slack from adding links and mentions."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def context(text: str) -> Block:
    """Return a context block with a text."""
    return {"type": "context", "elements": [mrkdwn(text)]}


MARKUP = Markup(plain=escaped, link=link, strong=lambda text: f"*{text}*")
