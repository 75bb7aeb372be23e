"""Hearing: each word of a text as what it says, the longest phrase first; no word is passed over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.periods.numbers import LENGTHS, MONTHS, NUMBERS, ORDINALS, WEEKDAYS, number_in
from bot.domain.periods.period import AsOf
from bot.domain.periods.phrases import RELATIVE_WORDS
from bot.domain.periods.spans import SPAN_WORDS, Reader, Span
from bot.domain.periods.tokens import Token
from bot.queries.language import lexicon
from bot.queries.language.kind_words import asks_several, brought_in_at, kind_at, left_out_at, narrowed_at, restricts
from bot.queries.language.lexicon import Cue
from bot.queries.language.numbered import numbered_hackathon
from bot.queries.language.phrase_match import after_any, longest, ranks
from bot.queries.language.slips import correction_of
from bot.queries.language.vocabulary import Vocabulary, address_in


@dataclass
class Cues:
    """What a text says, in the order it was said; ``unknown`` are the words that say nothing known.

    ``few`` are numbers of releases with whether they are counted from the first on: "the last 5", "the first".
    ``is_several`` says that two questions are asked at once, ``numbered`` are hackathons by their number.
    """

    spans: list[Span] = field(default_factory=list)
    series: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)
    kinds: list[KindWord] = field(default_factory=list)
    is_without_pre: bool = False
    is_with_pre: bool = False
    units: list[GroupBy] = field(default_factory=list)
    ranked: list[GroupBy] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    claims: list[int] = field(default_factory=list)
    few: list[tuple[int, bool]] = field(default_factory=list)
    numbered: list[int] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    heard: set[Cue] = field(default_factory=set)
    is_several: bool = False
    unknown: list[str] = field(default_factory=list)

    def has(self, *cues: Cue) -> bool:
        """Return whether any of the cues was heard."""
        return not self.heard.isdisjoint(cues)

    @property
    def has_more_than_repositories(self) -> bool:
        """Return whether anything known was said that is neither a cue nor a repository."""
        names = (self.spans, self.series, self.versions, self.kinds, self.units, self.digests, self.claims)
        return any(names) or self.is_without_pre or self.is_with_pre

    @property
    def has_names(self) -> bool:
        """Return whether anything was said that is no cue: a name, a kind, a unit, an interval, an unknown word."""
        return self.has_more_than_repositories or bool(self.repositories or self.unknown)


@dataclass(frozen=True)
class Lexer:
    """Hears strings with a vocabulary, looking from a moment."""

    vocabulary: Vocabulary
    as_of: AsOf

    def correct_typos(self, tokens: Sequence[Token]) -> tuple[list[Token], list[tuple[str, str]]]:
        """Fix slips of typing; give the words as they are read, and the pairs that differ."""
        read, pairs = [], []
        for token in tokens:
            better = None if self._is_known(token.text) else correction_of(token.text)
            read.append(token if better is None else Token(better, token.written))
            if better is not None:
                pairs.append((token.written, better))
        return read, pairs

    def _is_known(self, word: str) -> bool:
        return word in known_words() or word in self.vocabulary.words_of_names

    def tokenize(self, tokens: Sequence[Token]) -> Cues:
        """Hear every word."""
        words = [token.text for token in tokens]
        cues = Cues(words=set(words))
        at, turns = 0, ""
        while at < len(words):
            named = {letter: len(getattr(cues, name)) for letter, name in _TURNS.items()}
            is_compared = cues.has(Cue.COMPARE)
            after = at if restricts(words, at) else self._take(words, at, cues)
            if after == at:
                cues.unknown.append(tokens[at].written or words[at])
                after = at + 1
            start, at = at, after
            turns += "".join(letter for letter, name in _TURNS.items() if len(getattr(cues, name)) > named[letter])
            turns += "c" * (cues.has(Cue.COMPARE) and not is_compared) + "." * (words[start] in {"and", "or"})
        cues.is_several = asks_several(turns)
        if cues.series:
            # "The v7r1 series": the noun says no more than the name.
            cues.heard.discard(Cue.LINE)
        if Cue.MADE in cues.heard and cues.has(Cue.HACKATHON, Cue.MILESTONE, Cue.CERTIFICATION, Cue.FINAL):
            # A milestone that was done has that status; a release that was done was made.
            cues.heard = (cues.heard - {Cue.MADE}) | {Cue.READY}
        return cues

    def _take(self, words: Sequence[str], at: int, cues: Cues) -> int:
        """Take the longest that is known from a place on; give the place after it, the same where nothing is."""
        takers = (
            self._take_repository,
            self._take_digest,
            self._take_series,
            self._take_span,
            _take_claim,
            _take_few,
            _take_numbered,
            _take_unit,
            _take_ranked,
            self._take_kind,
            _take_cue,
        )
        trials = [Cues() for _ in takers]
        ends = [taker(words, at, trial) for taker, trial in zip(takers, trials, strict=True)]
        longest = max(ends)
        if longest > at:
            _add(cues, trials[ends.index(longest)])
        return longest

    def _take_repository(self, words: Sequence[str], at: int, cues: Cues) -> int:
        if (address := address_in(words[at])) is not None:
            return self._take_address(address, at, cues)
        found = longest(self.vocabulary.names, words, at)
        if found is None:
            return at
        cues.repositories.append(found[0])
        return found[1]

    def _take_address(self, address: str, at: int, cues: Cues) -> int:
        """Hear a pasted link to a repository, or to one of its releases."""
        found = self.vocabulary.at_address(address)
        if found is None:
            return at
        key, release = found
        cues.repositories.append(key)
        cues.versions += [release] if release else []
        return at + 1

    def _take_digest(self, words: Sequence[str], at: int, cues: Cues) -> int:
        """Hear a digest's name only beside the word digest: "weekly" alone is a way to count."""
        beside = {*words[max(0, at - 1) : at], *words[at + 1 : at + 2]}
        if words[at] in self._digests and beside & _DIGEST_WORDS:
            cues.digests.append(self._digests[words[at]])
            return at + 1
        return at

    @cached_property
    def _digests(self) -> Mapping[str, str]:
        return {name.casefold(): name for name in self.vocabulary.digests}

    def _take_series(self, words: Sequence[str], at: int, cues: Cues) -> int:
        series = self.vocabulary.series_of(words[at], cues.repositories)
        if series is not None:
            cues.series.append(series)
        elif self.vocabulary.is_version(words[at]):
            cues.versions.append(words[at])
        else:
            return at
        return at + 1

    def _take_span(self, words: Sequence[str], at: int, cues: Cues) -> int:
        read = self._reader.read(words, at)
        if read is None:
            return at
        cues.spans.append(read[0])
        return read[1]

    def _take_kind(self, words: Sequence[str], at: int, cues: Cues) -> int:
        """Hear a kind of release; with "without" or "including" only pre-releases can be meant."""
        if (end := left_out_at(words, at, lambda place: self._is_name(words, place))) is not None:
            cues.is_without_pre = True
            return end
        if (end := brought_in_at(words, at)) is not None:
            cues.is_with_pre = True
            return end
        if (end := narrowed_at(words, at)) is not None:
            return end
        found = kind_at(words, at)
        if found is None:
            return at
        cues.kinds.append(found[0])
        return found[1]

    def _is_name(self, words: Sequence[str], at: int) -> bool:
        takers = (self._take_repository, self._take_series)
        return at < len(words) and any(taker(words, at, Cues()) > at for taker in takers)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.as_of, self.vocabulary.is_edge)


def _take_claim(words: Sequence[str], at: int, cues: Cues) -> int:
    """Hear ``which reading gives seven``, ``why not 7``."""
    place = after_any(lexicon.CLAIMS, words, at)
    number = None if place is None else number_in("".join(words[place : place + 1]))
    if place is None or number is None:
        return at
    cues.claims.append(number)
    return place + 1


def _take_few(words: Sequence[str], at: int, cues: Cues) -> int:
    """Hear ``the last 5``, ``first``, ``10 newest``; "last" alone asks for the newest of each series."""
    found = longest(lexicon.ENDS, words, at)
    if found is not None:
        is_first, place = found
        if words[place : place + 1] == ["first"]:
            # "Oldest first" is an order.
            return at
        number = number_in("".join(words[place : place + 1]))
        if number is None and not is_first:
            return at
        cues.few.append((1 if number is None else number, is_first))
        cues.heard.add(Cue.FEW)
        return place + (number is not None)
    number = number_in(words[at])
    found = longest(lexicon.ENDS, words, at + 1)
    if number is None or found is None:
        return at
    cues.few.append((number, found[0]))
    cues.heard.add(Cue.FEW)
    return found[1]


def _take_numbered(words: Sequence[str], at: int, cues: Cues) -> int:
    """Hear ``hackathon 3``, ``the third hackathon``."""
    found = numbered_hackathon(words, at)
    if found is None:
        return at
    cues.numbered.append(found[0])
    cues.heard |= {Cue.HACKATHON, Cue.NUMBERED}
    return found[1]


def _take_unit(words: Sequence[str], at: int, cues: Cues) -> int:
    """Hear ``by series``, ``per month``, ``by series and month``, ``monthly``, ``week by week``."""
    if words[at] in lexicon.RATES:
        cues.units.append(lexicon.RATES[words[at]])
        return at + 1
    if words[at + 1 : at + 2] == ["by"] and words[at + 2 : at + 3] == [words[at]] and (words[at],) in lexicon.UNITS:
        cues.units.append(lexicon.UNITS[words[at],])
        return at + 3
    place = after_any(lexicon.PER, words, at)
    if words[at] == "a" and words[at - 1 : at] in _BEFORE_LENGTH:
        # "In a month" is a length of time.
        return at
    if place is None or (found := longest(lexicon.UNITS, words, place)) is None:
        return at
    cues.units.append(found[0])
    at = found[1]
    more = longest(lexicon.UNITS, words, at + (words[at : at + 1] in (["and"], ["then"])))
    if more is None or more[1] == at:
        return at
    cues.units.append(more[0])
    return more[1]


def _take_ranked(words: Sequence[str], at: int, cues: Cues) -> int:
    """Hear the unit of ``the busiest month``, ``which series had most``: only where the text ranks."""
    found = longest(lexicon.UNITS, words, at)
    if found is None or found[0] not in lexicon.RANKED or not ranks(words):
        return at
    # "Which DIRAC series had most?"
    is_asked = words[at - 1 : at] in _BEFORE_SERIES or words[max(0, at - 2) : at - 1] in _WHICH
    if found[0] is GroupBy.SERIES and not is_asked:
        return at
    cues.ranked.append(found[0])
    return found[1]


def _take_cue(words: Sequence[str], at: int, cues: Cues) -> int:
    found = longest(lexicon.PHRASES, words, at)
    if found is None:
        return at
    cues.heard.add(found[0])
    return found[1]


def _add(cues: Cues, more: Cues) -> None:
    for name in _LISTS:
        held = getattr(cues, name)
        held.extend(each for each in getattr(more, name) if each not in held)
    # "The first pre-release and the first final one" are two questions.
    cues.few += more.few
    cues.is_without_pre |= more.is_without_pre
    cues.is_with_pre |= more.is_with_pre
    cues.heard |= more.heard


_TURNS = {"k": "kinds", "r": "repositories", "s": "series", "i": "spans"}
_LISTS = (
    *("spans", "series", "versions", "repositories", "kinds"),
    *("units", "ranked", "digests", "claims", "numbered"),
)
_DIGEST_WORDS = {words[0] for words, cue in lexicon.PHRASES.items() if cue is Cue.DIGEST}
_BEFORE_LENGTH = [[word] for word in ("in", "within", "during", "for", "over", "since", "half")]
_WHICH = [["which"], ["what"]]
_BEFORE_SERIES = [[word] for word in lexicon.BEFORE_RANKED_SERIES]
_MARKERS = (lexicon.WITH, lexicon.WITHOUT, lexicon.PER, lexicon.CLAIMS, lexicon.ENDS)


@cache
def known_words() -> frozenset[str]:
    """Return the words that say something in a question, whatever is watched."""
    phrases = (lexicon.PHRASES, lexicon.KINDS, lexicon.UNITS, *_MARKERS)
    told = {word for each in phrases for phrase in each for word in phrase}
    of_time = {*MONTHS, *NUMBERS, *ORDINALS, *LENGTHS, *WEEKDAYS, *SPAN_WORDS, *RELATIVE_WORDS}
    return frozenset(told | {*lexicon.RATES} | of_time)
