"""Asking: from a text to an answer; whatever cannot be answered is a polite refusal."""

from dataclasses import dataclass

from bot.domain.errors import UsageError
from bot.domain.questions.asked import Changing, Refusal, Understanding
from bot.domain.questions.understanding import understand
from bot.domain.questions.vocabulary import Vocabulary
from bot.services.answering import Desk, answer, examples
from bot.services.answers import Answer, RefusalAnswer
from bot.services.commanding import Command, carry_out
from bot.services.ports import ForgeError


@dataclass(frozen=True, slots=True)
class Asking:
    """A text with what was understood of it, and the answer."""

    text: str
    understanding: Understanding
    answer: Answer


def ask(text: str, desk: Desk, vocabulary: Vocabulary, command: Command | None) -> Asking:
    """Answer a text; ``command`` None means that its author may change nothing."""
    understanding = understand(text, vocabulary, desk.as_of)
    return Asking(text, understanding, _answer(understanding, desk, command))


def _answer(understanding: Understanding, desk: Desk, command: Command | None) -> Answer:
    asked = understanding.asked
    if asked is None:
        refusal = understanding.refusal or Refusal("I did not understand that")
        return RefusalAnswer(refusal.reason, refusal.nearest, examples(desk))
    try:
        if not isinstance(asked, Changing):
            return answer(asked, desk)
        if command is None:
            return RefusalAnswer("only the bot's maintainers may change things; please ask one of them", "", ())
        return carry_out(asked, desk, command)
    except (UsageError, ForgeError) as error:
        return RefusalAnswer(f"{error}; try it again" if error.retry else str(error), "", ())
