"""Buttons that ask a question, or send a command: what they say is read as if the person had written it."""

from collections.abc import Sequence
from typing import Any

from bot.queries.base import FollowUp

Block = dict[str, Any]

# The action id of every button that asks a question starts with this.
ASK = "ask"
# Slack's reference for the button element.
_LONGEST_LABEL = 75
_MOST_BUTTONS = 5
# The length of a button in a message, without its label and value.
_BUTTON_COST = 60


def buttons(follow_ups: Sequence[FollowUp]) -> Block:
    """Return a block of buttons, each with the question that it asks."""
    return {
        "type": "actions",
        "elements": [
            button(number, each.label, f"Ask: {each.question}", each.question)
            for number, each in enumerate(follow_ups[:_MOST_BUTTONS])
        ],
    }


def button(number: int, label: str, spoken: str, words: str) -> Block:
    """Return a button that sends words; a screen reader says ``spoken``."""
    return {
        "type": "button",
        "action_id": f"{ASK}:{number}",
        "text": {"type": "plain_text", "text": label[:_LONGEST_LABEL], "emoji": False},
        "value": words,
        "accessibility_label": spoken[:_LONGEST_LABEL],
    }


def size_of_buttons(follow_ups: Sequence[FollowUp]) -> int:
    """Return the length of buttons in a message, in bytes."""
    return sum(_BUTTON_COST + len(each.label.encode()) + len(each.question.encode()) for each in follow_ups)
