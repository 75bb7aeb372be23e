"""The words of subscribing: what is to be told, and whether to somebody directly."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.commands.language import Instruction
from bot.domain.filters import KindWord
from bot.domain.periods.period import AsOf
from bot.domain.periods.tokens import Token
from bot.domain.values import dataclass
from bot.queries.base import Refusal
from bot.queries.language.lexer import Cues, Lexer
from bot.queries.language.lexicon import Cue
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.selection import Filters

if TYPE_CHECKING:
    from bot.services.subscriptions import Wish

EXAMPLE = "subscribe DIRAC v7r1 here"
_ME, _HERE = {"me", "dm", "direct", "directly", "privately"}, {"here", "us", "channel", "everyone", "everybody"}
_PLACES = _ME | _HERE | {"this", "message", "messages"}
# "tell me about v7r1p29" is a question, "notify me about v7r1" is none.
_ALWAYS_TELLING = {"notify", "alert", "ping", "inform"}
_ABOUT = {"about", "of", "on"}
_WHEN = (("as", "soon", "as"), ("when",), ("whenever",), ("once",), ("if",))
# In the present: "tell me when v7r1 was released" asks for a date. The longest come first.
_IS_OUT = (
    *((be, state) for be in ("is", "are", "gets", "get") for state in ("out", "released", "published", "available")),
    ("comes", "out"),
    ("come", "out"),
    ("there", "is"),
    ("is", "there"),
    ("has",),
    ("appears",),
)
_NUMBER = re.compile(r"#?[0-9]{1,9}")
_EVERY = {"all", "everything", "every"}
_BESIDE = frozenset({Cue.NEW, Cue.NOUN, Cue.ALL, Cue.FILLER, Cue.OUT, Cue.NEXT, Cue.REPOSITORIES})


@dataclass(frozen=True, slots=True)
class Wished:
    """What somebody wants to be told, and whether in a direct message."""

    wish: "Wish"
    kinds: tuple[KindWord, ...] = ()
    is_direct: bool = False


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Which subscriptions somebody wants to end: by number, or by the repositories, series and releases named."""

    number: int | None = None
    repositories: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    is_direct: bool = False
    is_all: bool = False


def read_wish(said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> Wished | Refusal | None:
    """Return what a text wants to be told, a Refusal where that is unclear, None for another text."""
    if said.verb == "subscribe":
        return _wished(said.tokens[1:], (), vocabulary, as_of, is_once=False)
    words = tuple(token.text for token in said.tokens)
    begin = _after_told(words)
    if begin is None:
        return None
    whom, rest = words[:begin], said.tokens[begin:]
    if words[0] in _ALWAYS_TELLING and rest and rest[0].text in _ABOUT:
        return _wished(rest[1:], whom, vocabulary, as_of, is_once=False)
    awaited = _awaited(rest)
    return None if awaited is None else _wished(awaited, whom, vocabulary, as_of, is_once=True)


def read_unwanted(said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> Unwanted | Refusal | None:
    """Return which subscriptions a text wants to end, a Refusal where that is unclear, None for another text."""
    if said.verb != "unsubscribe":
        return None
    words = {token.text for token in said.tokens[1:]}
    rest = [token for token in said.tokens[1:] if token.text not in _PLACES | _EVERY]
    numbers = [token.text for token in rest if _NUMBER.fullmatch(token.text)]
    others = [token for token in rest if token.text not in numbers]
    cues = _heard(others, vocabulary, as_of)
    if isinstance(cues, Refusal):
        return cues
    if len(numbers) > 1:
        return Refusal("one number at a time, please", f"unsubscribe {numbers[0]}")
    versions = dict.fromkeys((*cues.series, *(token.text for token in _versions(others, vocabulary))))
    number = int(numbers[0].lstrip("#")) if numbers else None
    return Unwanted(number, tuple(cues.repositories), tuple(versions), _is_direct(words), bool(words & _EVERY))


def _after_told(words: Sequence[str]) -> int | None:
    """Return where a text goes on after ``tell me``, ``let us know here``; None for another text."""
    is_told = len(words) > 1 and words[0] in {"tell", *_ALWAYS_TELLING} and words[1] in _ME | _HERE
    is_let = words[:1] == ("let",) and words[2:3] == ("know",) and words[1] in {"me", "us", "everyone", "everybody"}
    if not (is_told or is_let):
        return None
    begin = 2 if is_told else 3
    return next((at for at in range(begin, len(words)) if words[at] not in _PLACES), len(words))


def _awaited(tokens: Sequence[Token]) -> list[Token] | None:
    """Return the words that name what is waited for in ``when v7r2 is out``; None for another text."""
    words = tuple(token.text for token in tokens)
    begin = next((len(form) for form in _WHEN if words[: len(form)] == form), None)
    if begin is None:
        return None
    for form in _IS_OUT:
        for at in range(begin, len(words) - len(form) + 1):
            if words[at : at + len(form)] == form:
                return [*tokens[begin:at], *tokens[at + len(form) :]]
    return None


def _wished(
    tokens: Sequence[Token], whom: Sequence[str], vocabulary: Vocabulary, as_of: AsOf, *, is_once: bool
) -> Wished | Refusal:
    """Read what is named; ``is_once`` means one release, unless new ones in general are spoken of."""
    from bot.services.subscriptions import Wish

    rest = [token for token in tokens if token.text not in _PLACES]
    cues = _heard(rest, vocabulary, as_of)
    if isinstance(cues, Refusal):
        return cues
    is_direct = _is_direct({*whom, *(token.text for token in tokens)})
    kinds, repositories = Filters.heard_in(cues).kinds, tuple(cues.repositories)
    named = _versions(rest, vocabulary)
    is_one = is_once and not kinds and not cues.has(Cue.NEW, Cue.NOUN)
    if is_one and not named and not repositories:
        return Refusal("name a release or a repository", "tell me when v7r2 is out")
    if cues.versions or (is_one and named):
        if len(named) > 1 or kinds:
            return Refusal("one release at a time, please", f"tell me when {named[0].written} is out")
        return Wished(Wish(repositories, version=named[0].written), is_direct=is_direct)
    return Wished(Wish(repositories, tuple(cues.series)), kinds, is_direct)


def _heard(tokens: Sequence[Token], vocabulary: Vocabulary, as_of: AsOf) -> Cues | Refusal:
    """Return what the words say; every word has to be understood."""
    cues = Lexer(vocabulary, as_of).tokenize(tokens)
    for word in cues.unknown:
        if (error := vocabulary.unknown_repository(word)) is not None:
            return Refusal(str(error))
    if cues.unknown:
        unknown = ", ".join(f'"{word}"' for word in dict.fromkeys(cues.unknown[:5]))
        return Refusal(f"I do not know {unknown}", EXAMPLE)
    if cues.spans or cues.units or cues.digests or cues.claims or cues.heard - _BESIDE:
        return Refusal("a subscription is to repositories, series, kinds of release, or one release", EXAMPLE)
    return cues


def _versions(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    """Return the words that name a series or a release."""
    return [token for token in tokens if vocabulary.is_version(token.text) or vocabulary.series_of(token.text)]


def _is_direct(words: set[str]) -> bool:
    return not words.isdisjoint(_ME) and words.isdisjoint(_HERE)
