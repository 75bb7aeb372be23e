"""A project's own rule: a regular expression with named groups."""

import re
from typing import ClassVar

from bot.domain.patterns import Pattern
from bot.domain.values import dataclass
from bot.domain.versions.base import LONGEST_NAME, NUMBER, SINGLE, ShownAsSpelled, series_of, without_prefix
from bot.domain.versions.version import Version, kind_of, natural_order, number_order

# The groups that a pattern may have: four numbers, the word of a pre-release (rc), and its number.
GROUPS = ("major", "minor", "patch", "build", "phase", "pre")
_LATER = GROUPS[1:4]


@dataclass(frozen=True, slots=True)
class RegexScheme(ShownAsSpelled):
    """Named groups ``major``, ``minor``, ``patch``, ``build``, ``phase`` and ``pre``, matched on the whole name."""

    name: ClassVar[str] = "regex"
    pattern: Pattern
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read the groups: a number that is missing is zero, without ``phase`` and ``pre`` it is final."""
        rest = without_prefix(name, self.prefix)
        parts = self.pattern.read_whole(rest) if 0 < len(rest) <= LONGEST_NAME else None
        if parts is None:
            return None
        texts = [parts.get("major", ""), *(parts.get(group, "0") for group in ("minor", "patch", "build"))]
        if not all(re.fullmatch(NUMBER, text) for text in texts):
            return None
        major, minor, patch, build = (int(text) for text in texts)
        pre = parts.get("phase", "") + parts.get("pre", "")
        numbers = (major, minor, patch, build)
        # A pattern without a second number reads single numbers alone, however small.
        is_single = self.pattern.groups.keys().isdisjoint(_LATER)
        return _version(numbers, pre, SINGLE if is_single else series_of(numbers))


def _version(numbers: tuple[int, int, int, int], pre: str, series: str) -> Version:
    _, minor, patch, build = numbers
    shown = numbers if build else numbers[:3]
    return Version(
        normalized=".".join(map(str, shown)) + (f"-{pre}" if pre else ""),
        series=series,
        kind=kind_of(minor, patch or build, is_pre=bool(pre)),
        order="".join(map(number_order, numbers)) + (natural_order(pre) if pre else "~"),
    )
