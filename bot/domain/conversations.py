"""Conversations with the bot: how long one goes on, and what is kept of a question that was not understood."""

import re
from datetime import datetime, timedelta

from bot.domain.values import dataclass

# A follow-up refers to the last question of the same conversation, for so long.
KEPT = timedelta(days=1)
# Questions that were not understood: so many, for so long after each was last asked.
MOST_REFUSED = 1_000
REFUSED_KEPT = timedelta(days=90)
_LONGEST = 200
# Mentions, e-mail and web addresses, and words as long as secrets are.
_PERSONAL = re.compile(r"\S*@\S*|\S*://\S*|\bwww\.\S+|\S{40,}")


@dataclass(frozen=True, slots=True)
class RefusedQuestion:
    """A question that was not understood: its text without people, how often it was asked, first and last."""

    text: str
    times: int
    first_at: datetime
    last_at: datetime


def impersonal(text: str) -> str:
    """Return what may be kept of a text: without mentions and addresses, in lower case, and cut.

    Empty where nothing is left.
    """
    printable = "".join(character if character.isprintable() else " " for character in text)
    words = _PERSONAL.sub(" ", printable).casefold().split()
    return " ".join(words).strip(" ?!.,;:")[:_LONGEST].rstrip()
