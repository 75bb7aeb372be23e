"""Two to four numbers with any separators, as most projects that are neither Python's nor semver's spell them.

A single number is read if it has six digits or more, as dates have; a shorter one may be anything.

``v01-37``, ``R_2_8_2``, ``v3_3_rc10``, ``2.4.5.8``, ``1.0.9.patch1``, ``V_9_9_P1``: numbers separated by ``.``, ``_``
or ``-``, then a word for a pre-release or a patch with its number, in any case.
"""

import re
from typing import ClassVar

from bot.domain.values import dataclass
from bot.domain.versions.base import LONGEST_NAME, NUMBER, ShownAsSpelled, series_of, without_prefix
from bot.domain.versions.version import Version, kind_of, number_order

# The words in the order of the versions that they make; what is in neither table makes no version.
_PRE = {
    "dev": "dev",
    "alpha": "a",
    "a": "a",
    "beta": "b",
    "b": "b",
    "milestone": "m",
    "m": "m",
    "pre": "pre",
    "rc": "rc",
    "c": "rc",
}
_RANKS = {phase: str(rank) for rank, phase in enumerate(dict.fromkeys(_PRE.values()))}
_PATCH = ("patch", "post", "pl", "p")
# Words before the numbers that every project may use; any other is the repository's prefix.
_BEFORE = "version|release|ver|rel|v|r"
_WORD = rf"(?P<word>{'|'.join(_PRE)}|{'|'.join(_PATCH)})[._-]?(?P<number>{NUMBER})?"
_NAME = re.compile(
    rf"(?:(?:{_BEFORE})[._-]?)?(?P<numbers>{NUMBER}(?:[._-]{NUMBER}){{1,3}})(?:[._-]?{_WORD})?", re.IGNORECASE
)
# PostgreSQL's REL_16_BETA1 comes before REL_16_0. A single number without a word may be anything.
_OF_ONE_NUMBER = re.compile(
    rf"(?:(?:{_BEFORE})[._-]?)?(?P<numbers>{NUMBER})[._-](?P<word>{'|'.join(_PRE)})[._-]?(?P<number>{NUMBER})",
    re.IGNORECASE,
)
_DATE = re.compile(rf"(?:(?:{_BEFORE})[._-]?)?(?P<numbers>[0-9]{{6,10}})(?:[._-]?{_WORD})?", re.IGNORECASE)
_MOST_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class NumberedScheme(ShownAsSpelled):
    """Two to four numbers, or one date, then perhaps ``devN``, ``aN``, ``bN``, ``mN``, ``preN``, ``rcN`` or ``pN``.

    All are in natural order.
    """

    name: ClassVar[str] = "numbered"
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read the numbers and the word; a pre-release without a number is its number 0."""
        rest = without_prefix(name, self.prefix)
        if len(rest) > LONGEST_NAME:
            return None
        found = _NAME.fullmatch(rest) or _OF_ONE_NUMBER.fullmatch(rest) or _DATE.fullmatch(rest)
        if found is None:
            return None
        numbers = [int(number) for number in re.findall(NUMBER, found["numbers"])]
        word = (found["word"] or "").lower()
        if word in _PATCH:
            return None if found["number"] is None else _version(numbers, "", int(found["number"]))
        return _version(numbers, _PRE.get(word, ""), int(found["number"] or 0))


def _version(numbers: list[int], phase: str, number: int) -> Version:
    """Return the version; ``phase`` is empty for a final one, and ``number`` then the patch after its numbers."""
    padded = [*numbers, 0, 0, 0][:_MOST_NUMBERS]
    _, minor, patch, build = padded
    after = f"{phase}{number}" if phase else f"p{number}" if number else ""
    order = "".join(map(number_order, padded))
    return Version(
        normalized=".".join(map(str, padded if build else padded[:3])) + after,
        series=series_of(padded),
        kind=kind_of(minor, patch or build or number, is_pre=bool(phase)),
        order=order + (f"{_RANKS[phase]}{number_order(number)}" if phase else f"~{number_order(number)}"),
    )
