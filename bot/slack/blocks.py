"""A digest as Block Kit, always inside Slack's limits: what does not fit is counted, never refused.

The limits are those of Slack's block reference: 50 blocks a message, 150 characters a
header, 3,000 a section or an element of a context.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.digests import Digest
from bot.render.digest_parts import Section, period_line, rule_line, sections
from bot.render.markup import Markup
from bot.render.words import plural
from bot.slack.escape import cut, escaped, link

MOST_BLOCKS, LONGEST_HEADER, LONGEST_SECTION = 50, 150, 3_000
# Header, interval, rule, and the line that counts what is left out.
_FRAME = 4
# How many releases a line lists, tried from the most; a line must fit a section.
_RELEASES_A_LINE = (25, 12, 6, 3, 1)

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message: its blocks, and the text that stands for them in notifications."""

    text: str
    blocks: list[Block]


def render_digest(digest: Digest) -> SlackMessage:
    """Write a digest for Slack."""
    texts = _texts(digest)
    shown = texts[: MOST_BLOCKS - _FRAME]
    left_out = sum(text.count("\n") + 1 for text in texts[len(shown) :])
    blocks = [_header(digest.headline), _context(escaped(period_line(digest)))]
    blocks += [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in shown]
    if left_out:
        command = escaped(f"release-bot digest {digest.name}")
        blocks.append(_context(f"{plural(left_out, 'more line')} left out here; all of it: {command}"))
    blocks.append(_context(escaped(rule_line(digest))))
    return SlackMessage(cut(escaped(f"{digest.headline} - {period_line(digest)}"), LONGEST_SECTION), blocks)


def _texts(digest: Digest) -> list[str]:
    """Write the sections with as many releases a line as fit, and join them to as few texts as hold them."""
    for most in _RELEASES_A_LINE:
        lines = [_lines(section) for section in sections(digest, _markup(), most=most)]
        if all(len(line) <= LONGEST_SECTION for section in lines for line in section):
            break
    return list(_packed([[cut(line, LONGEST_SECTION) for line in section] for section in lines]))


def _markup() -> Markup:
    return Markup(
        plain=escaped, release=lambda release: link(release.url, release.version), strong=lambda text: f"*{text}*"
    )


def _lines(section: Section) -> list[str]:
    return [*([section.heading] if section.heading else []), *(f"• {line}" for line in section.lines)]


def _packed(groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """Begin a text for each group of lines, and a further one where it would grow too long."""
    for group in groups:
        text = ""
        for line in group:
            if text and len(text) + 1 + len(line) > LONGEST_SECTION:
                yield text
                text = line
            else:
                text = f"{text}\n{line}" if text else line
        if text:
            yield text


def _header(text: str) -> Block:
    shown = text if len(text) <= LONGEST_HEADER else f"{text[: LONGEST_HEADER - 1]}…"
    return {"type": "header", "text": {"type": "plain_text", "text": shown, "emoji": False}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, LONGEST_SECTION)}]}
