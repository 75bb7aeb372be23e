"""From a text to its question or command, or to a refusal with the nearest question, and to the answer."""

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from typing import Any

from bot.commands.base import Command, CommandContext
from bot.commands.registry import read_command
from bot.domain.errors import ForgeError, UsageError
from bot.domain.periods.digits import AmbiguousDate
from bot.domain.periods.period import AsOf
from bot.domain.periods.tokens import Token, tokens_of
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result, answer_of, run
from bot.queries.follow_up import follow, interval_of, nearest_alone, without_series
from bot.queries.help import Help, examples, quoted
from bot.queries.language.chat_marks import without_interjection, without_marks
from bot.queries.language.follow_up import Fragment, in_the_year_of, read_fragment, without_joiners
from bot.queries.language.foreign import is_foreign
from bot.queries.language.lexer import Lexer
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.registry import decide, impossible, too_many_intervals
from bot.queries.several import two_questions
from bot.queries.small_talk import SmallTalk
from bot.render.markup import Markup

_ENGLISH_ONLY = "I read English only; try “how many releases in the last month?”, “latest releases” or “help”"
# Far above any question; a longer text is not a question, and would only take time.
LONGEST, _MOST_WORDS = 1_000, 120
_LONGEST_PAGE = 1_200
_NEGATIONS = {"not", "no", "never", "without", "except", "excluding", "but", "other", "than", "besides", "minus", "nor"}
_NEGATIONS |= {"excluded", "exclude", "excludes", "aside", "leave", "leaving", "outside", "non", "ignore", "ignored"}
_NEGATIONS |= {
    "omitted",
    "unlike",
    "instead",
    "w/o",
    "sans",
    "neither",
    "ignoring",
    "skip",
    "skipping",
    "omit",
    "omitting",
    "apart",
    "unless",
    "don't",
    "isn't",
}


@dataclass(frozen=True, slots=True)
class Understanding:
    """What became of a text; ``corrections`` are words read as others, ``(written, read)``.

    ``follows`` says that the question before it decides, or would decide, what it asks; ``merged`` is then the whole
    question as understood, and ``instead`` the nearest one if that cannot be answered.
    """

    asked: Query | Command | None
    refusal: Refusal | None = None
    corrections: tuple[tuple[str, str], ...] = ()
    follows: bool = False
    merged: str = ""
    instead: str = ""

    def data(self) -> Json:
        """Return what was understood as JSON; the intent is null where nothing was."""
        asked = self.asked
        parts = {"intent": None} if asked is None else {"intent": asked.intent, **asked.parameters()}
        return parts | {"mended": [{"written": written, "read": read} for written, read in self.corrections]}


@dataclass(frozen=True, slots=True)
class Refused(Result):
    """Why a text cannot be answered, and examples of questions; ``nearest`` is the most similar valid question."""

    reason: str
    nearest: str = ""
    examples: Sequence[str] = ()

    def answer(self, markup: Markup) -> Answer:
        """Return a polite refusal."""
        nearest = f". Did you mean: “{markup.plain(self.nearest)}”?" if self.nearest else ""
        parts = (quoted("Try:", self.examples, markup),) if self.examples else ()
        follow_ups = (FollowUp("Ask this", self.nearest),) if self.nearest else ()
        return Answer(f"Sorry, {markup.plain(self.reason)}{nearest}", parts, (), follow_ups)

    def data(self) -> Any:
        """Return the same as JSON."""
        return {"reason": self.reason, "nearest": self.nearest or None, "examples": list(self.examples)}


@dataclass(frozen=True, slots=True)
class Reply:
    """A text with what was understood of it, and what that came to."""

    text: str
    understanding: Understanding
    result: Result
    vocabulary: Vocabulary = field(default=Vocabulary(()), repr=False)
    page: str = ""

    def answer(self, markup: Markup) -> Answer:
        """Return the reply in words; the question that a follow-up made, and words read as others, are named."""
        words = answer_of(self.result, markup)
        read = [
            f"“{known}” (not “{markup.plain(written)}”)" for written, known in self.understanding.corrections if written
        ]
        assumed = f"Assuming you meant {' and '.join(read)}: " if read else ""
        merged = self.vocabulary.in_words(self.understanding.merged)
        whole = [f"understood as: “{markup.plain(merged)}”"] if merged else []
        asked = (replace(each, question=self.vocabulary.in_words(each.question)) for each in words.follow_ups)
        return replace(
            words,
            sentence=f"{assumed}{words.sentence}",
            notes=(*whole, *words.notes),
            follow_ups=tuple(asked),
            page=self.page,
        )


def understand(text: str, vocabulary: Vocabulary, as_of: AsOf, before: str = "") -> Understanding:
    """Return what a text asks, looking from a moment; every word of it has to be understood.

    ``before`` is the question that a follow-up refers to, as ``Query.wording`` says it, empty where there is none.
    """
    if len(text) > LONGEST or len(tokens := tokens_of(without_interjection(without_marks(text)))) > _MOST_WORDS:
        return Understanding(None, Refusal("the question is too long"))
    if not tokens:
        # Nothing but emoji is a wave; nothing at all, a question of what can be asked.
        return Understanding(SmallTalk() if tokens_of(text) else Help())
    try:
        return _understood(text, tokens, _Reading(vocabulary, as_of, before))
    except AmbiguousDate as error:
        return Understanding(None, Refusal(str(error)))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a text is read with: the words that are known, the moment, and the question before it."""

    vocabulary: Vocabulary
    as_of: AsOf
    before: str

    @property
    def lexer(self) -> Lexer:
        return Lexer(self.vocabulary, self.as_of)

    def previous(self) -> Query | None:
        """Return the question before, None where there is none."""
        asked = understand(self.before, self.vocabulary, self.as_of).asked if self.before else None
        return asked if isinstance(asked, Query) else None


def _understood(text: str, tokens: list[Token], reading: _Reading) -> Understanding:
    command = read_command(text, reading.vocabulary, reading.as_of)
    if command is not None:
        return Understanding(None, command) if isinstance(command, Refusal) else Understanding(command)
    fragment = read_fragment(tokens, reading.lexer)
    if fragment is None:
        return _two(text, reading) or _in_full(without_joiners(tokens), reading)
    previous = reading.previous()
    if fragment.stands_alone and (previous is None or (fragment.is_a_name and follow(previous, fragment) is None)):
        return replace(_in_full(tokens, reading), follows=True)
    return replace(_following(fragment, previous, reading), corrections=fragment.corrections, follows=True)


def _following(fragment: Fragment, previous: Query | None, reading: _Reading) -> Understanding:
    """Return what a follow-up asks, or why it cannot, with the question that could be asked instead."""
    if fragment.cues.unknown:
        return Understanding(None, _unknown(fragment.cues.unknown, "", reading.vocabulary))
    within = in_the_year_of(interval_of(previous), fragment, reading.lexer)
    looks_ahead = previous is not None and previous.looks_ahead
    if refusal := too_many_intervals(within.cues) or impossible(within.cues, reading.as_of, looks_ahead=looks_ahead):
        return Understanding(None, refusal)
    if previous is None:
        reason = "there is no earlier question here that this could follow"
        return Understanding(None, Refusal(reason, nearest_alone(fragment)))
    asked = follow(previous, within)
    if asked is None:
        return Understanding(None, Refusal(f"this cannot follow “{reading.before}”", nearest_alone(fragment)))
    return Understanding(asked, merged=asked.wording(), instead=without_series(asked, within))


def _two(text: str, reading: _Reading) -> Understanding | None:
    """Refuse a text that asks two questions, with the first of them; None for any other text."""
    asked = two_questions(without_interjection(without_marks(text)), lambda part: _alone(part, reading))
    if asked is None:
        return None
    first, second = (reading.vocabulary.in_words(each.wording()) for each in asked)
    return Understanding(None, Refusal(f"one question at a time, please: “{first}”, then “{second}”", first))


def _alone(tokens: Sequence[Token], reading: _Reading) -> Query | None:
    fragment = read_fragment(tokens, reading.lexer)
    if fragment is not None and fragment.is_bare:
        # "How many releases? In 2020."
        return None
    asked = _in_full(without_joiners(tokens), reading).asked
    return asked if isinstance(asked, Query) else None


def _in_full(tokens: Sequence[Token], reading: _Reading) -> Understanding:
    lexer = reading.lexer
    read, corrections = lexer.correct_typos(tokens)
    cues = lexer.tokenize(read)
    decided = decide(cues, reading.as_of)
    own_words = decided.own_words if isinstance(decided, Query) else ()
    is_clear = isinstance(decided, Query) and not (cues.unknown or corrections)
    if not is_clear and is_foreign(token.text for token in tokens):
        return Understanding(None, Refusal(_ENGLISH_ONLY, is_whole=True))
    if unknown := [word for word in cues.unknown if word not in own_words]:
        nearest = "" if isinstance(decided, Refusal) else decided.wording()
        return Understanding(None, _unknown(unknown, nearest, reading.vocabulary), tuple(corrections))
    if isinstance(decided, Refusal):
        return Understanding(None, decided, tuple(corrections))
    return Understanding(decided, None, tuple(corrections))


def _unknown(words: list[str], nearest: str, vocabulary: Vocabulary) -> Refusal:
    for word in words:
        if (error := vocabulary.unknown_repository(word)) is not None:
            return Refusal(str(error))
    unknown = ", ".join(f'"{word}"' for word in dict.fromkeys(words[:5]))
    # What a negation leaves out is not known: no question without it is near.
    is_offered = _NEGATIONS.isdisjoint(map(str.casefold, words))
    return Refusal(f"I do not know {unknown}", vocabulary.in_words(nearest) if is_offered else "")


def ask(
    text: str,
    context: QueryContext,
    vocabulary: Vocabulary,
    command: CommandContext | None,
    before: Callable[[], str] = str,
) -> Reply:
    """Answer a text; ``command`` None means that nothing may be changed, whoever its author is.

    ``before`` gives the question before it in the conversation, and is called only for a text that may follow one.
    """
    understanding = understand(text, vocabulary, context.as_of)
    if understanding.follows and (previous := before()):
        understanding = understand(text, vocabulary, context.as_of, previous)
    result = _result(understanding, context, command)
    return Reply(text, understanding, result, vocabulary, _page(understanding.asked, result, context, vocabulary))


def _page(asked: Query | Command | None, result: Result, context: QueryContext, vocabulary: Vocabulary) -> str:
    """Return the URL of the page that answers the same, empty where there is none."""
    if not isinstance(asked, Query) or isinstance(result, Refused) or asked.is_aside or asked.depends_on_asker:
        return ""
    page = context.page_of(vocabulary.in_words(asked.wording()), context.as_of, context.own)
    # A chat shows no more, and a browser sends little more.
    return page if len(page) <= _LONGEST_PAGE else ""


def _result(understanding: Understanding, context: QueryContext, command: CommandContext | None) -> Result:
    asked = understanding.asked
    if asked is None:
        refusal = understanding.refusal or Refusal("I did not understand the question")
        return Refused(refusal.reason, refusal.nearest, () if refusal.is_whole else examples(context))
    try:
        if isinstance(asked, Query):
            return run(asked, context)
        if command is None or not (context.is_maintainer or asked.is_for_everyone):
            return Refused("only maintainers may change things; please ask one of them")
        return asked.run(command)
    except (UsageError, ForgeError) as error:
        return Refused(f"{error}; try again" if error.retry else str(error), understanding.instead)
