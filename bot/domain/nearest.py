"""The known names nearest to one that is not known: slips of typing, and versions next to it."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

# As many as an error suggests.
MOST = 5
# Of a name that holds the word the rest counts little: "charts" is near "diracx-charts".
_HELD, _PER_LETTER, _SHORTEST_HELD = 0.5, 0.01, 3


def nearest(word: str, known: Iterable[str], most: int = MOST) -> list[str]:
    """Return the ``most`` names nearest to a word, the nearest first.

    Names are near by their letters, and versions also by their numbers: to ``v7r12`` both ``v7r1`` and ``v7r3`` are.
    """
    names = sorted(set(known))
    by_letters = sorted(names, key=lambda name: (distance(word, name), _apart(word, name)))
    numbered = [name for name in names if re.search(r"[0-9]", name)] if re.search(r"[0-9]", word) else []
    by_numbers = sorted(numbered, key=lambda name: (_apart(word, name), distance(word, name)))
    both = chain.from_iterable(zip_longest(by_letters[:most], by_numbers[:most]))
    return list(dict.fromkeys(name for name in both if name is not None))[:most]


def distance(word: str, name: str) -> float:
    """Return how many slips of typing a word is from a name, in any case: letters wrong, missing, added or swapped."""
    one, other = word.casefold(), name.casefold()
    if len(one) >= _SHORTEST_HELD and one in other and one != other:
        return _HELD + _PER_LETTER * (len(other) - len(one))
    return _slips(one, other)


def fewest_slips(word: str, name: str) -> float:
    """Return a number that the distance of a word from a name is never below, found without comparing letter by letter.

    Each letter more or less is a slip, and each one that the name does not have.
    """
    one, other = word.casefold(), name.casefold()
    return 0 if one in other else max(abs(len(one) - len(other)), len(set(one).difference(other)))


def _slips(one: str, other: str) -> int:
    """Return the optimal string alignment distance."""
    before: Sequence[int] = ()
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        above, row = row, [i]
        for j, against in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and against == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]


def _apart(word: str, name: str) -> tuple[int, ...]:
    """Return how far the numbers of two names are from each other, the first number first."""
    one, other = ([int(number) for number in re.findall(r"[0-9]{1,10}", text)] for text in (word, name))
    return tuple(abs(a - b) for a, b in zip_longest(one, other, fillvalue=0))
