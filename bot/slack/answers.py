"""An answer as Block Kit, always inside Slack's limits, with buttons for what may be asked next."""

from collections.abc import Sequence
from dataclasses import replace

from bot.render.answers import Told, told
from bot.render.words import plural
from bot.services.answers import Answer
from bot.slack.blocks import MARKUP, SlackMessage, context, mrkdwn
from bot.slack.buttons import Block, buttons, size_of_buttons
from bot.slack.escape import cut, escaped
from bot.slack.fitting import BLOCK_COST, LONGEST_MESSAGE, MOST_BLOCKS, Fitted, Room, fit, fits_lines, size

_LONGEST_SENTENCE, _LONGEST_CONTEXT = 2_900, 1_500
# The sentence, the line for what is left out, the notes, and the buttons.
_FRAME = 4
# Long lists go without links: so many more releases fit.
_WITHOUT_LINKS = replace(MARKUP, link=lambda _, text: escaped(text))


def render_answer(answer: Answer, mended: Sequence[tuple[str, str]] = ()) -> SlackMessage:
    """Write an answer for Slack."""
    for markup in (MARKUP, _WITHOUT_LINKS):
        words = told(answer, markup, mended)
        sentence = cut(words.sentence, _LONGEST_SENTENCE)
        fitted = _fitted(words, LONGEST_MESSAGE - size(sentence))
        if fitted.is_whole and fits_lines(words.sections):
            break
    blocks: list[Block] = [
        {"type": "section", "text": mrkdwn(text), "expand": True} for text in (sentence, *fitted.texts)
    ]
    blocks += [] if fitted.is_whole else [context(_left_out(fitted))]
    if words.notes:
        blocks.append(context(cut("; ".join(words.notes), _LONGEST_CONTEXT)))
    if words.follow_ups:
        blocks.append(buttons(words.follow_ups))
    return SlackMessage(sentence, blocks)


def _fitted(words: Told, length: int) -> Fitted:
    taken = size_of_buttons(words.follow_ups) + _FRAME * BLOCK_COST + 2 * _LONGEST_CONTEXT
    return fit(words.sections, Room(length - taken, MOST_BLOCKS - _FRAME))


def _left_out(fitted: Fitted) -> str:
    left = [plural(fitted.releases, "more release")] if fitted.releases else []
    left += [plural(fitted.lines, "more line")] if fitted.lines else []
    return f"and {' and '.join(left)}: too long for a message here; ask for a shorter interval"
