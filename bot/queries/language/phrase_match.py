"""Phrases found among the words of a text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from bot.queries.language import lexicon
from bot.queries.language.lexicon import Cue

_T = TypeVar("_T")
_LONGEST_PHRASE = 6


def longest(phrases: Mapping[tuple[str, ...], _T], words: Sequence[str], at: int) -> tuple[_T, int] | None:
    """Return what the longest phrase that begins at a place means, with the place after it; None without one."""
    for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
        phrase = tuple(words[at : at + length])
        if phrase in phrases:
            return phrases[phrase], at + length
    return None


def after_any(phrases: Iterable[tuple[str, ...]], words: Sequence[str], at: int) -> int | None:
    """Return the place after the longest of the phrases that begins at a place, None without one."""
    return max((at + len(each) for each in phrases if tuple(words[at : at + len(each)]) == each), default=None)


def ranks(words: Sequence[str]) -> bool:
    """Return whether a text asks for the most or the fewest of something."""
    found = (longest(lexicon.PHRASES, words, at) for at in range(len(words)))
    return any(each is not None and each[0] in {Cue.MOST, Cue.FEWEST} for each in found)
