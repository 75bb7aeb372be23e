"""Hackathons by their number: "hackathon 3", "hackathon #3", "the third hackathon"."""

from collections.abc import Sequence

from bot.domain.periods.numbers import MONTHS, number_in, ordinal_in

_NOUNS = {"hackathon", "hackaton", "hackhaton", "hackathlon", "hackfest"}
# More is a year.
_MOST = 99


def numbered_hackathon(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """Return the number of the hackathon that is named from a place on, and the place after it; None for none."""
    first, second, third = (*words[at : at + 3], "", "", "")[:3]
    if first in _NOUNS and third not in MONTHS:
        number = number_in(second.lstrip("#"))
    elif second in _NOUNS:
        number = ordinal_in(first)
    else:
        return None
    return (number, at + 2) if number is not None and 0 < number <= _MOST else None
