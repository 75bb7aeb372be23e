"""A version: what it is called, its series, its kind, and its place in the order of versions."""

import re
from enum import StrEnum
from functools import lru_cache

from bot.domain.values import dataclass


class ReleaseKind(StrEnum):
    """How large a step a release is; the first three are final."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    PRE_RELEASE = "pre-release"

    @property
    def is_final(self) -> bool:
        """Return whether a release of this kind is meant for production."""
        return self is not ReleaseKind.PRE_RELEASE


@dataclass(frozen=True, slots=True)
class Version:
    """One version, whatever its spelling.

    ``normalized`` identifies it within a repository. ``order`` is a text whose
    code point order is the order of versions; it means nothing across schemes.
    """

    normalized: str
    series: str
    kind: ReleaseKind
    order: str


def kind_of(minor: int, patch: int, *, is_pre: bool) -> ReleaseKind:
    """Return the kind from the numbers: the last number above zero decides."""
    if is_pre:
        return ReleaseKind.PRE_RELEASE
    if patch:
        return ReleaseKind.PATCH
    return ReleaseKind.MINOR if minor else ReleaseKind.MAJOR


# The least number with ten digits.
_TEN_DIGITS = 10**9


@lru_cache(maxsize=1024)
def number_order(number: int) -> str:
    """Write a number so that text order is number order: its length, then its digits."""
    digits = str(number)
    return f"0{len(digits)}{digits}" if number < _TEN_DIGITS else f"{len(digits)}{digits}"


def natural_order(text: str) -> str:
    """Write a text so that numbers in it are in the order of numbers, and come before letters: rc2 before rc10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return "".join(f"0{number_order(int(part))}" if part[0] in "0123456789" else f"1{part}!" for part in parts)
