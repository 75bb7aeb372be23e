"""Buttons that ask a question when they are pressed."""

from collections.abc import Sequence
from typing import Any

from bot.render.follow_ups import FollowUp

Block = dict[str, Any]

# Every button that asks a question has an id that begins so.
ASK = "ask"
# Slack's reference for the button element.
_LONGEST_LABEL = 75
_MOST_BUTTONS = 5
# What a button takes of a message's length beside its texts.
_BUTTON_COST = 60


def buttons(follow_ups: Sequence[FollowUp]) -> Block:
    """Write buttons, each with the question that it asks."""
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": f"{ASK}:{number}",
                "text": {"type": "plain_text", "text": each.label[:_LONGEST_LABEL], "emoji": False},
                "value": each.question,
            }
            for number, each in enumerate(follow_ups[:_MOST_BUTTONS])
        ],
    }


def size_of_buttons(follow_ups: Sequence[FollowUp]) -> int:
    """Measure what buttons take of a message, in bytes."""
    return sum(_BUTTON_COST + len(each.label.encode()) + len(each.question.encode()) for each in follow_ups)
