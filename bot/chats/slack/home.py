"""The bot's home page in Slack: the state of the watched series, the open certifications, and how to ask."""

from collections.abc import Sequence
from typing import Any

from bot.chats.slack.blocks import MARKUP, context, mrkdwn
from bot.chats.slack.buttons import Block
from bot.chats.slack.limits import BLOCK_COST, LONGEST_MESSAGE, Room, fit, size
from bot.chats.slack.mrkdwn import cut
from bot.dialogue import answer_of
from bot.queries.base import QueryContext, Result, run
from bot.queries.help import overview

# A view may have 100 blocks (docs: home tab view); its length is kept to that of a message.
_BLOCKS_A_PART = 20
_LONGEST_SENTENCE, _LONGEST_CONTEXT = 1_500, 800


def home_view(context: QueryContext) -> dict[str, Any]:
    """Return the page of somebody whose questions are answered from a context."""
    results = [run(query, context) for query in overview(context)]
    length = LONGEST_MESSAGE // len(results)
    return {"type": "home", "blocks": _joined([_blocks(each, length) for each in results])}


def _blocks(result: Result, length: int) -> list[Block]:
    words = answer_of(result, MARKUP)
    sentence = cut(words.sentence, _LONGEST_SENTENCE)
    taken = size(sentence) + 2 * BLOCK_COST + 2 * _LONGEST_CONTEXT
    fitted = fit(words.sections, Room(length - taken, _BLOCKS_A_PART))
    texts = (sentence, *fitted.texts)
    blocks: list[Block] = [{"type": "section", "text": mrkdwn(text), "expand": True} for text in texts]
    notes = [*words.notes, *([] if fitted.is_whole else ["there is more; ask for it by name"])]
    return [*blocks, context(cut("; ".join(notes), _LONGEST_CONTEXT))] if notes else blocks


def _joined(parts: Sequence[list[Block]]) -> list[Block]:
    """Put parts below each other with a line between."""
    first, *others = parts
    return [*first, *(block for part in others for block in ({"type": "divider"}, *part))]
