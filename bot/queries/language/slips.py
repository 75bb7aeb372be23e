"""Slips of typing: words that no dictionary has, one letter away from a word that questions are made of.

A word of the language is never corrected, whatever it looks like: "sprint" is not "print". ``near_words.txt`` has the
dictionary's words that would be; ``make words`` writes it.
"""

from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from string import ascii_lowercase

from bot.domain.filters import KindWord
from bot.domain.periods.numbers import MONTHS, NUMBERS, ORDINALS, UNITS, WEEKDAYS
from bot.domain.periods.phrases import RELATIVE_WORDS
from bot.queries.language import lexicon
from bot.queries.language.lexicon import Cue

_SHORTEST = 4
# Too short to be compared letter by letter, and often typed so; no dictionary has them.
_SHORT = {"hwo": "how", "teh": "the", "hte": "the", "mnay": "many", "waht": "what", "adn": "and", "lst": "last"}
_SHORT |= {"wehn": "when", "whcih": "which", "sicne": "since", "shwo": "show", "lits": "list", "fro": "for"}
# What restricts nothing is never read into a word that may have been meant to.
_RESTRICT_NOTHING = {Cue.FILLER, Cue.ALL, Cue.EVERYWHERE, Cue.LIST, Cue.NEW, Cue.HELP}
_RESTRICT_NOTHING |= {Cue.GREETING, Cue.THANKS, Cue.PRAISE}
_BOUNDS = ("since", "until", "between", "before", "after", "during")


def correction_of(word: str) -> str | None:
    """Return the word that a slip was meant for, None where there is none, or more than one it could be."""
    if word in _SHORT:
        return _SHORT[word]
    return None if word in _near_words() else slip_of(word)


def slip_of(word: str) -> str | None:
    """Return the word of questions that is one letter away, whether or not a dictionary has the word itself.

    One letter is wrong, missing, doubled or too many, or two are swapped.
    """
    if len(word) < _SHORTEST or not word.isalpha() or not word.isascii() or word in targets():
        return None
    found = targets().intersection(one_letter_away(word))
    # Of a word and its plural the plural is as good: "releaes".
    meant = [each for each in found if f"{each}s" not in found]
    return meant[0] if len(meant) == 1 else None


@cache
def targets() -> frozenset[str]:
    """Return the words that slips are read as: those that ask, or restrict what is asked."""
    phrases = [phrase for phrase, cue in lexicon.PHRASES.items() if cue not in _RESTRICT_NOTHING]
    phrases += [phrase for phrase, kind in lexicon.KINDS.items() if kind is not KindWord.ALL]
    words = {word for phrase in (*phrases, *lexicon.UNITS) for word in phrase if (word,) in _SINGLE}
    words |= {*lexicon.RATES, *MONTHS, *NUMBERS, *ORDINALS, *UNITS, *WEEKDAYS, *_BOUNDS, "please", "thanks"}
    words |= RELATIVE_WORDS & {"today", "yesterday", "christmas", "quarter", "calendar"}
    return frozenset(word for word in words if len(word) >= _SHORTEST and word.isalpha())


_SINGLE: Collection[tuple[str, ...]] = {*lexicon.PHRASES, *lexicon.KINDS, *lexicon.UNITS}


def one_letter_away(word: str) -> Iterator[str]:
    """Yield what a word becomes with one letter wrong, missing or too many, or with two swapped."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    for head, tail in cuts:
        yield from (head + letter + tail for letter in ascii_lowercase)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in ascii_lowercase)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


@cache
def _near_words() -> frozenset[str]:
    return frozenset(files("bot.queries.language").joinpath("near_words.txt").read_text(encoding="ascii").split())
