"""A text as words: lower case, without the punctuation around them, slips of typing corrected where that is safe."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

# Quotation marks and dashes come curled and long from chats and phones.
_AROUND = "?!.,;:\"'`()[]{}<>*_~…“”„«»"
_BETWEEN = re.compile(r"[\s,;]+")
_IS = re.compile(r"(what|when|where|how|which|that|it|there|who)['\u2019]?s")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s?$")
_RANGE = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_JOINED = {"&": "and", "\u2013": "-", "\u2014": "-"}
# Below this share of letters in common another word may well be meant.
_ALIKE = 0.8
_SHORTEST_MENDED = 4
# Short words that are often typed so, and have too few letters to be compared.
_SLIPS = {"hwo": "how", "teh": "the", "hte": "the", "mnay": "many", "wat": "what", "waht": "what", "wich": "which"}
_SLIPS |= {"adn": "and", "fo": "of", "ni": "in", "lst": "last", "wehn": "when", "whcih": "which", "sicne": "since"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is read, and as it was written."""

    text: str
    written: str


def tokens_of(text: str) -> list[Token]:
    """Split a text into words; commas separate as spaces do, ``what's`` is two words, ``1-15`` three."""
    return [token for chunk in _BETWEEN.split(text) for token in _tokens(chunk)]


def _tokens(chunk: str) -> list[Token]:
    written = _JOINED.get(chunk, chunk).strip(_AROUND)
    word = written.casefold()
    if word.endswith("s") and (asked := _IS.fullmatch(word)):
        return [Token(asked[1], written), Token("is", "")]
    if "-" in word and (numbers := _RANGE.fullmatch(word)):
        return [Token(numbers[1], numbers[1]), Token("-", ""), Token(numbers[2], numbers[2])]
    word = _POSSESSIVE.sub("", word)
    return [Token(word, written)] if word else []


def mended(word: str, known: Iterable[str]) -> str | None:
    """Find the one known word that a slip of typing was meant for, None where there is none.

    Words with digits and short ones are never corrected: another one may well be meant.
    """
    if word in _SLIPS:
        return _SLIPS[word]
    if len(word) < _SHORTEST_MENDED or not word.isalpha():
        return None
    found = get_close_matches(word, known, n=1, cutoff=_ALIKE)
    return found[0] if found else None
