"""Days that are joined: "2019 and 2020", "January, February and March 2020", "Q1 and Q2 of 2020"."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.domain.periods.days import Days
from bot.domain.periods.phrases import Viewpoint, Words, read_days

_BEFORE = {"in", "on", "during", "over", "within", "for", "of", "throughout"}
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_HAS_YEAR = re.compile(r".*(?:19|20)[0-9]{2}.*")


class Part(NamedTuple):
    """Days, and the words that name them."""

    days: Days
    words: Words


def days_in_a_row(words: Words, at: int, viewpoint: Viewpoint) -> tuple[Sequence[Part], int]:
    """Read days of which each begins where those before it end, with the place after them; few or none elsewhere.

    Commas are no words: only what "and" joins to the last is a list. A year said of the last alone is that of all.
    """
    parts, after = _joined(words, at, viewpoint)
    if len(parts) < 2:  # noqa: PLR2004
        return (), at
    dated = _of_one_year(parts, viewpoint)
    is_row = all(one.days.after == following.days.first for one, following in pairwise(dated))
    return (dated, after) if is_row else ((), at)


def _joined(words: Words, at: int, viewpoint: Viewpoint) -> tuple[list[Part], int]:
    """Read a list of days up to the one after its "and"."""
    parts: list[Part] = []
    while True:
        is_last = bool(parts) and list(words[at : at + 1]) == ["and"]
        at += is_last
        place = at + (at < len(words) and words[at] in _BEFORE)
        read = read_days(words, place, viewpoint)
        if read is None:
            return [], at
        parts.append(Part(read[0], tuple(words[at : read[1]])))
        at = read[1]
        if is_last:
            return parts, at


def _of_one_year(parts: Sequence[Part], viewpoint: Viewpoint) -> Sequence[Part]:
    """Return a list with the year that its last part alone says in all of them."""
    *first, last = parts
    year = last.words[-1]
    if not _YEAR.fullmatch(year) or any(_HAS_YEAR.match(word) for part in first for word in part.words):
        return parts
    dated = []
    for part in first:
        words = (*part.words, year)
        read = read_days(words, words[0] in _BEFORE, viewpoint)
        if read is None or read[1] != len(words):
            return parts
        dated.append(Part(read[0], words))
    return [*dated, last]
