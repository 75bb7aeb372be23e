"""Answers as Block Kit, within Slack's limits: replies with buttons for follow-ups, and the home page."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.chats.fitting import Room, fit, fit_answer, omitted_words
from bot.chats.slack.blocks import MARKUP, SlackMessage, context, mrkdwn
from bot.chats.slack.buttons import Block, buttons, size_of_buttons
from bot.chats.slack.limits import LIMITS, size
from bot.chats.slack.mrkdwn import cut, escaped, link
from bot.queries.base import Answer, QueryContext, Result, answer_of, run
from bot.queries.help import overview
from bot.render.markup import Markup

_LONGEST_SENTENCE, _LONGEST_CONTEXT = 2_900, 1_500
# A view may have 100 blocks (docs: home tab view); its length is limited like a message's.
_BLOCKS_A_PART = 20
_HOME_SENTENCE, _HOME_CONTEXT = 1_500, 800
# The sentence, the line with the number of omitted lines, the notes, and the buttons.
_FRAME = 4
# Long lists have no links, so that more releases fit.
_WITHOUT_LINKS = replace(MARKUP, link=lambda _, text: escaped(text))


def render_answer(answer: Callable[[Markup], Answer]) -> SlackMessage:
    """Return an answer as a Slack message; ``answer`` renders it in a markup."""
    made = fit_answer(answer, (MARKUP, _WITHOUT_LINKS), LIMITS, _room, longest_sentence=_LONGEST_SENTENCE)
    words, sentence, fitted = made.words, made.sentence, made.fitted
    blocks: list[Block] = [
        {"type": "section", "text": mrkdwn(text), "expand": True} for text in (sentence, *fitted.texts)
    ]
    blocks += [] if fitted.is_whole else [context(omitted_words(fitted))]
    notes = [cut("; ".join(words.notes), _LONGEST_CONTEXT)] if words.notes else []
    notes += [link(words.page, "On the web")] if words.page else []
    if notes:
        blocks.append(context("\n".join(notes)))
    if words.follow_ups:
        blocks.append(buttons(words.follow_ups))
    return SlackMessage(sentence, blocks)


def _room(words: Answer, sentence: str) -> Room:
    taken = size(sentence) + size_of_buttons(words.follow_ups) + _FRAME * LIMITS.block_cost + 2 * _LONGEST_CONTEXT
    return Room(LIMITS, LIMITS.longest - taken, LIMITS.most_blocks - _FRAME)


def home_view(query_context: QueryContext) -> dict[str, Any]:
    """Return the home page for a query context."""
    results = [run(query, query_context) for query in overview(query_context)]
    length = LIMITS.longest // len(results)
    blocks = _joined([_home_blocks(each, length) for each in results])
    if query_context.home:
        blocks.append(context(link(query_context.home, "More on the web")))
    return {"type": "home", "blocks": blocks}


def _home_blocks(result: Result, length: int) -> list[Block]:
    words = answer_of(result, MARKUP)
    sentence = cut(words.sentence, _HOME_SENTENCE)
    taken = size(sentence) + 2 * LIMITS.block_cost + 2 * _HOME_CONTEXT
    fitted = fit(words.sections, Room(LIMITS, length - taken, _BLOCKS_A_PART))
    texts = (sentence, *fitted.texts)
    blocks: list[Block] = [{"type": "section", "text": mrkdwn(text), "expand": True} for text in texts]
    notes = [*words.notes, *([] if fitted.is_whole else ["shortened; ask by name for the rest"])]
    return [*blocks, context(cut("; ".join(notes), _HOME_CONTEXT))] if notes else blocks


def _joined(parts: Sequence[list[Block]]) -> list[Block]:
    """Return the blocks of all parts, with dividers between."""
    first, *others = parts
    return [*first, *(block for part in others for block in ({"type": "divider"}, *part))]
