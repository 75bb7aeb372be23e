"""The bot's home page in Slack: the state of the watched series, the open certifications, and how to ask."""

from collections.abc import Sequence
from typing import Any

from bot.domain.questions.asked import CertificationAsked, HelpAsked, LatestAsked, Reading
from bot.render.answers import told
from bot.services.answering import Desk, answer
from bot.services.answers import Answer
from bot.slack.blocks import MARKUP, context, mrkdwn
from bot.slack.buttons import Block
from bot.slack.escape import cut
from bot.slack.fitting import BLOCK_COST, LONGEST_MESSAGE, Room, fit, size

# A view may have 100 blocks (docs: home tab view); its length is kept to that of a message.
_BLOCKS_A_PART = 20
_LONGEST_SENTENCE, _LONGEST_CONTEXT = 1_500, 800


def home_view(desk: Desk) -> dict[str, Any]:
    """Make the page of somebody who asks at a desk."""
    parts: list[Reading] = [HelpAsked()]
    if desk.repositories:
        parts = [LatestAsked(), *([CertificationAsked()] if desk.plans else []), *parts]
    answers = [answer(asked, desk) for asked in parts]
    length = LONGEST_MESSAGE // len(answers)
    return {"type": "home", "blocks": _joined([_blocks(each, length) for each in answers])}


def _blocks(answer: Answer, length: int) -> list[Block]:
    words = told(answer, MARKUP)
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
