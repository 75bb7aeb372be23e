"""Follow-ups: texts that say only what differs from the question before, such as "and v7r0?", "list them", "why?"."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum, auto

from bot.domain.filters import KindWord
from bot.domain.periods.spans import Span
from bot.domain.periods.tokens import Token, tokens_of
from bot.domain.values import dataclass
from bot.queries.language import lexicon
from bot.queries.language.lexer import Cues, Lexer
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import is_yearless


class Ask(StrEnum):
    """What a follow-up asks of the releases that were meant: as before, which, how many, how counted, how often."""

    SAME = auto()
    LIST = auto()
    COUNT = auto()
    MADE = auto()
    LATEST = auto()
    RATE = auto()


@dataclass(frozen=True, slots=True)
class Fragment:
    """A follow-up: what it asks, what it names, and words read as others, ``(written, read)``.

    One that ``stands_alone`` is a question in its own right where no other came before; one that ``is_bare`` says in no
    word that it follows another.
    """

    ask: Ask
    cues: Cues
    corrections: tuple[tuple[str, str], ...] = ()
    stands_alone: bool = False
    is_bare: bool = False

    @property
    def is_a_name(self) -> bool:
        """Whether it names what a question can be about, and says in no word that it follows another.

        "v7r1" after what it cannot follow begins anew; "in 2019" would lose what the question before was about.
        """
        return self.is_bare and bool(self.cues.repositories or self.cues.series or self.cues.versions)


def _phrases(*said: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for each in said for phrase in each.split(", "))


# Said before a question without changing it.
_COURTESIES = _phrases("ok, okay, great, thanks, thank you, thx, cool, right, well, hmm, so, yes, please, hi, hello")
_JOINERS = _phrases("and, then, also, what about, how about")
# A question in its own right that begins with one of these is read with it: it may restrict.
_LIMITERS = _phrases(
    "only, just, now, same, the same, same thing, the same thing, same question, the same question, same again, "
    "do the same, ditto, same but, the same but"
)
_AFTER = _phrases("please, pls, instead, too, then, thanks, thank you, as well, again")
_NUMBER = ("", "it", "that", "this", "they", "them", "these", "the number", "that number", "this number")
# With what they restrict after them, and alone.
_ASKS = {
    Ask.LIST: _phrases(
        "list them, list those, list these, list all of them, list them all, show them, show them all, show me "
        "them, show all of them, show those, which of them, which of those, which of these, print them, enumerate "
        "them, name them, which ones, all of them, which are they, which are those, which were they, what are "
        "they, what were they, which were in, which are in, which were from, which are from"
    ),
    Ask.COUNT: _phrases("how many of them, how many of those, how many of these, count them"),
    Ask.MADE: frozenset(),
    Ask.LATEST: frozenset(),
    Ask.RATE: frozenset(),
}
_ASKS_ALONE = {
    Ask.LIST: _phrases(
        "list, list all, show, show all, which, the list, the full list, give me the list, when were they released, "
        "when were they, when did they come out, when were those released, when were these released"
    ),
    Ask.COUNT: _phrases("how many, how many are they, how many are there, how many were there, how many in total"),
    Ask.MADE: _phrases(
        "why, why is that, why that, why that many, how so, how come, how do you know, how do you know that, "
        "where does that come from, where does that number come from, what is counted, what do you count, "
        "what did you count, what counts, explain, explain that, explain the number",
        *(f"how {do} you {verb} {what}" for do in ("do", "did") for verb in ("get", "count") for what in _NUMBER),
        *(f"how {be} {what} {made}" for be in ("is", "was", "are") for what in _NUMBER for made in ("counted", "made")),
    ),
}
# Only after what joins them to the question before: "latest" alone asks for all of the newest.
_LATEST = _phrases(
    "the latest, latest, the newest, newest, the last, the latest one, the newest one, the last one, "
    "which is the latest, what is the latest, what was the latest, which was the last, what was the last"
)
# Beside a follow-up: more than that makes a question in its own right. A bare name has less.
_BESIDE_BARE = frozenset({Cue.FILLER, Cue.EVERYWHERE})
_BESIDE = _BESIDE_BARE | {Cue.NOUN, Cue.OUT, Cue.REPOSITORIES, Cue.ALL}
_BESIDE_RATE = frozenset({Cue.RATE, Cue.COUNT, Cue.LIST, Cue.FILLER})
_PRE_RELEASES = frozenset(phrase for phrase, kind in lexicon.KINDS.items() if kind is KindWord.PRE_RELEASE)


def read_fragment(tokens: Sequence[Token], lexer: Lexer) -> Fragment | None:
    """Return the follow-up that a text is, None for a question that needs no other before it."""
    words = [token.text for token in tokens]
    begin, is_opened = _opened(words)
    end = _before_courtesies(words, begin)
    ask, start = _asked(words[:end], begin)
    if is_opened and tuple(words[begin:end]) in _LATEST:
        ask, start = Ask.LATEST, end
    read, corrections = lexer.correct_typos(tokens[start:end])
    cues = lexer.tokenize(read)
    if ask is Ask.SAME and _asks_how_often(cues):
        return Fragment(Ask.RATE, cues, tuple(corrections), stands_alone=True, is_bare=True)
    is_said = is_opened or ask is not Ask.SAME
    if is_opened and ask is Ask.SAME and cues.has(Cue.COUNT) and not cues.has(Cue.NOUN):
        ask = Ask.COUNT
    beside = _BESIDE if is_said else _BESIDE_BARE
    if cues.digests or cues.heard - beside - ({Cue.COUNT} if ask is Ask.COUNT else set()):
        return None
    if not is_said and (cues.unknown or not names_something(cues)):
        return None
    stands_alone = not is_opened and names_something(cues)
    return Fragment(ask, cues, tuple(corrections), stands_alone, not is_said)


def _asks_how_often(cues: Cues) -> bool:
    """Return whether a text asks how often, or for an average, and says nothing of what: "on average per month?"."""
    is_of_nothing = not names_something(replace(cues, units=[])) and not (cues.unknown or cues.digests or cues.ranked)
    return is_of_nothing and cues.has(Cue.RATE) and cues.heard <= _BESIDE_RATE


def in_the_year_of(span: Span | None, fragment: Fragment, lexer: Lexer) -> Fragment:
    """Return a follow-up with its month in the year of the interval before: June of 2019, not the last June.

    One that names a year, or that follows no interval within one year, is returned as it is.
    """
    cues = fragment.cues
    year = _year_of(span)
    if year is None or len(cues.spans) != 1 or not is_yearless(cues.spans[0].text):
        return fragment
    dated = lexer.tokenize(tokens_of(f"{cues.spans[0].text} {year}"))
    if len(dated.spans) != 1 or dated.unknown or dated.spans[0].start == cues.spans[0].start:
        return fragment
    return replace(fragment, cues=replace(cues, spans=dated.spans))


def _year_of(span: Span | None) -> int | None:
    if span is None or not isinstance(span.start, datetime) or not isinstance(span.end, datetime):
        return None
    last = span.end - timedelta(seconds=1)
    return last.year if last.year == span.start.year else None


def without_joiners(tokens: Sequence[Token]) -> list[Token]:
    """Return a text without what joins it to the one before: "and what is the latest?"."""
    words, at, begin = [token.text for token in tokens], 0, 0
    while after := _longest_at(_JOINERS, words, at) or _longest_at(_COURTESIES, words, at):
        begin = after if _longest_at(_JOINERS, words, at) else begin
        at = after
    return list(tokens[begin:] or tokens)


def names_something(cues: Cues) -> bool:
    """Return whether releases are restricted or divided by what was heard."""
    named = (cues.spans, cues.series, cues.versions, cues.repositories, cues.kinds, cues.units, cues.claims)
    return any(named) or cues.is_with_pre or cues.is_without_pre or cues.has(Cue.EVERYWHERE)


def is_filtered(cues: Cues) -> bool:
    """Return whether releases are restricted to an interval or to kinds."""
    return bool(cues.spans or cues.kinds or cues.is_with_pre or cues.is_without_pre)


def _opened(words: Sequence[str]) -> tuple[int, bool]:
    """Return the place after the words that open a follow-up, and whether there are any."""
    at, is_opened = 0, False
    while True:
        # "Also pre-releases" adds them to what was counted: the lexer hears that.
        adds = words[at : at + 1] == ["also"] and bool(_longest_at(_PRE_RELEASES, words, at + 1))
        opened = 0 if adds else _longest_at(_JOINERS | _LIMITERS, words, at)
        after = opened or _longest_at(_COURTESIES, words, at)
        if adds or not after:
            return at, is_opened or adds
        at, is_opened = after, is_opened or bool(opened)


def _asked(words: Sequence[str], at: int) -> tuple[Ask, int]:
    """Return what is asked from a place on, and the place after the words that ask it."""
    rest = tuple(words[at:])
    alone = next((ask for ask, phrases in _ASKS_ALONE.items() if rest in phrases), None)
    if alone is not None:
        return alone, len(words)
    found = max((_longest_at(phrases, words, at), ask) for ask, phrases in _ASKS.items())
    return (found[1], found[0]) if found[0] else (Ask.SAME, at)


def _before_courtesies(words: Sequence[str], begin: int) -> int:
    """Return the place after which only courtesies follow."""
    end = len(words)
    while length := next((len(p) for p in _AFTER if end - len(p) > begin and tuple(words[end - len(p) : end]) == p), 0):
        end -= length
    return end


def _longest_at(phrases: Iterable[tuple[str, ...]], words: Sequence[str], at: int) -> int:
    """Return the place after the longest of the phrases at a place, 0 where there is none."""
    return max((at + len(each) for each in phrases if tuple(words[at : at + len(each)]) == each), default=0)
