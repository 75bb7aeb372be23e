"""Semantic versions, https://semver.org/."""

import re
from typing import ClassVar

from bot.domain.values import dataclass
from bot.domain.versions.base import LONGEST_NAME, ShownAsSpelled, without_prefix
from bot.domain.versions.version import Version, kind_of, natural_order, number_order

# The grammar of semver.org 2.0.0, without leading zeros.
_PLAIN_NUMBER = r"(?:0|[1-9][0-9]{0,9})"
_SEMVER = re.compile(
    rf"v?(?P<major>{_PLAIN_NUMBER})\.(?P<minor>{_PLAIN_NUMBER})\.(?P<patch>{_PLAIN_NUMBER})"
    r"(?:-(?P<pre>(?:0|[1-9][0-9]*|[0-9]*[a-z-][0-9a-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-z-][0-9a-z-]*))*))?"
    r"(?:\+(?P<build>[0-9a-z-]+(?:\.[0-9a-z-]+)*))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SemverScheme(ShownAsSpelled):
    """Semantic versions.

    Build metadata has no part in the order of semver.org; where ``builds_differ`` says that two builds of one version
    are two releases, they are in natural order.
    """

    name: ClassVar[str] = "semver"
    prefix: str = ""
    builds_differ: bool = False

    def read(self, name: str) -> Version | None:
        """Read a semantic version."""
        rest = without_prefix(name, self.prefix)
        found = _SEMVER.fullmatch(rest) if len(rest) <= LONGEST_NAME else None
        if found is None:
            return None
        numbers = (int(found["major"]), int(found["minor"]), int(found["patch"]))
        return _version(numbers, found["pre"], found["build"] if self.builds_differ else None)


def _version(numbers: tuple[int, int, int], pre: str | None, build: str | None) -> Version:
    major, minor, patch = numbers
    suffix = ("" if pre is None else f"-{pre}") + ("" if build is None else f"+{build}")
    order = "".join(map(number_order, numbers)) + ("~" if pre is None else _identifiers_order(pre))
    return Version(
        normalized=f"{major}.{minor}.{patch}{suffix}",
        series=f"{major}.{minor}",
        kind=kind_of(minor, patch, is_pre=pre is not None),
        order=order + ("" if build is None else f"+{natural_order(build)}"),
    )


def _identifiers_order(pre: str) -> str:
    """Order of semver.org rule 11: numbers by value and before words, words by code point, fewer before more."""
    return "".join(f"0{number_order(int(i))}!" if i.isdecimal() else f"1{i}!" for i in pre.split("."))
