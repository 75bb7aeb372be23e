"""What people write in Slack as plain text: its entities, mentions and links undone.

Slack's rule (docs: formatting message text): ``&``, ``<`` and ``>`` come as entities,
and anything between angle brackets is a mention, a channel or a link with its label.
"""

import re

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_BRACKETS = re.compile(r"<([^<>]*)>")


def plain_text(text: str, *, bot_user: str = "") -> str:
    """Give a message's text as it was typed, without the mention of the bot itself."""
    shown = _BRACKETS.sub(lambda found: _shown(found[1], bot_user), text)
    for entity, character in _ENTITIES.items():
        shown = shown.replace(entity, character)
    return " ".join(shown.split())


def _shown(inside: str, bot_user: str) -> str:
    """Show what stands between brackets: a link by its label, a mention of the bot not at all."""
    address, has_label, label = inside.partition("|")
    if address == f"@{bot_user}":
        return ""
    if has_label:
        return label
    return address.removeprefix("mailto:")
