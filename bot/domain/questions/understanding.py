"""Understanding: from a text to what is asked, or to a refusal with the nearest question."""

from bot.domain.dates.digits import AmbiguousDate
from bot.domain.dates.tokens import Token, tokens_of
from bot.domain.periods import AsOf
from bot.domain.questions.asked import HelpAsked, Reading, Refusal, Understanding
from bot.domain.questions.changing import read_change
from bot.domain.questions.deciding import decide
from bot.domain.questions.hearing import Ear
from bot.domain.questions.vocabulary import Vocabulary
from bot.domain.questions.watching import read_watch
from bot.domain.questions.wording import wording

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
