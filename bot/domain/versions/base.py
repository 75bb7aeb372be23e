"""What a version scheme is: the rule from a tag's name to its version; one module for each scheme stands beside this.

Every number is bounded to ten digits and every name to a hundred characters, so that no tag name can be costly to read.
"""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from bot.domain.versions.version import Version

NUMBER = r"[0-9]{1,10}"
LONGEST_NAME = 100
# The series of versions of one number, such as dates.
SINGLE = "single"
_LEAST_SINGLE = 100_000
_PLAIN_SERIES = re.compile(rf"v?(?P<series>(?:{NUMBER}!)?{NUMBER}\.{NUMBER})", re.IGNORECASE)


class Scheme(Protocol):
    """The rule from a tag's name to its version; ``name`` is how the configuration calls it."""

    name: ClassVar[str]

    @property
    def prefix(self) -> str:
        """What stands before the version in every tag's name."""
        ...

    def read(self, name: str) -> Version | None:
        """Return the version that the name means, or None."""
        ...

    def read_series(self, text: str) -> str | None:
        """Return the series as it is shown, from any spelling that people type, or None."""
        ...

    def spell(self, version: Version, names: tuple[str, ...]) -> str:
        """Choose how a release with these tag names is shown."""
        ...


class ShownAsSpelled:
    """What the schemes with one spelling share: series of two numbers, releases shown as their tag is spelled."""

    __slots__ = ()
    prefix: str

    def read_series(self, text: str) -> str | None:
        """Read ``v1.26`` or ``1.26`` as ``1.26``, and ``single`` as the series of single numbers."""
        if text.lower() == SINGLE:
            return SINGLE
        found = _PLAIN_SERIES.fullmatch(without_prefix(text, self.prefix) or text)
        return found["series"] if found else None

    def spell(self, version: Version, names: tuple[str, ...]) -> str:
        """Show the tag as it is spelled."""
        del version
        return plainest(names)


def series_of(numbers: Sequence[int]) -> str:
    """Return the series of a version: its first two numbers; ``single`` for a date, of which each would be its own.

    A date is one number of six digits or more, with zeros at most after it: ``8`` and ``1042`` may be the first of
    ``8.0.1`` and ``1042.0.1``, but no patches follow ``20240115``.
    """
    major, minor, *rest = numbers
    return f"{major}.{minor}" if minor or any(rest) or major < _LEAST_SINGLE else SINGLE


def without_prefix(name: str, prefix: str) -> str:
    """Return a name without its prefix, in any case; empty if the name lacks the prefix."""
    if not prefix:
        return name
    return name[len(prefix) :] if name.lower().startswith(prefix.lower()) else ""


def is_floating(name: str, twins: Iterable[str]) -> bool:
    """Return whether a tag is the first part of a twin's name, as ``v4`` is of ``v4.0.0``: it follows releases."""
    return any(twin.startswith((f"{name}.", f"{name}_")) for twin in twins)


def plainest(names: Iterable[str]) -> str:
    """Return the twin to show: no floating one, with a leading v before without, the shortest, the first by text."""
    names = tuple(names)
    if len(names) == 1:
        return names[0]
    return min(names, key=lambda name: (is_floating(name, names), name[:1] not in "vV", len(name), name))
