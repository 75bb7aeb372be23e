"""From a text to what is asked, or to a refusal with the nearest question, and to the answer."""

from dataclasses import dataclass

from bot.commands.language import read_change
from bot.commands.run import Command, carry_out
from bot.commands.watch_language import read_watch
from bot.domain.errors import UsageError
from bot.domain.periods.digits import AmbiguousDate
from bot.domain.periods.period import AsOf
from bot.domain.periods.tokens import Token, tokens_of
from bot.queries.language.intent import decide
from bot.queries.language.lexer import Ear
from bot.queries.language.phrase import wording
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.query import Changing, HelpAsked, Reading, Refusal, Understanding
from bot.queries.result import Answer, RefusalAnswer
from bot.queries.run import Desk, answer, examples
from bot.services.ports import ForgeError

# Far above any question; a longer text is no question, and would only take time.
_LONGEST, _MOST_WORDS = 1_000, 120


def understand(text: str, vocabulary: Vocabulary, as_of: AsOf) -> Understanding:
    """Tell what a text asks, looking from a moment; every word of it has to be understood."""
    if len(text) > _LONGEST or len(tokens := tokens_of(text)) > _MOST_WORDS:
        return Understanding(None, Refusal("that is too long for a question"))
    if not tokens:
        return Understanding(HelpAsked())
    try:
        return _understood(text, tokens, vocabulary, as_of)
    except AmbiguousDate as error:
        return Understanding(None, Refusal(str(error)))


def _understood(text: str, tokens: list[Token], vocabulary: Vocabulary, as_of: AsOf) -> Understanding:
    change = read_watch(text, vocabulary) or read_change(text, vocabulary, as_of)
    if change is not None:
        return Understanding(None, change) if isinstance(change, Refusal) else Understanding(change)
    ear = Ear(vocabulary, as_of)
    read, pairs = ear.mend(tokens)
    heard = ear.hear(read)
    decided = decide(heard, as_of)
    if heard.unknown:
        return Understanding(None, _unknown(heard.unknown, decided, vocabulary), tuple(pairs))
    if isinstance(decided, Refusal):
        return Understanding(None, decided, tuple(pairs))
    return Understanding(decided, None, tuple(pairs))


def _unknown(words: list[str], decided: Reading | Refusal, vocabulary: Vocabulary) -> Refusal:
    for word in words:
        if (error := vocabulary.unknown_repository(word)) is not None:
            return Refusal(str(error))
    told = ", ".join(f'"{word}"' for word in dict.fromkeys(words[:5]))
    nearest = "" if isinstance(decided, Refusal) else wording(decided)
    return Refusal(f"I do not know what {told} means here", nearest)


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
