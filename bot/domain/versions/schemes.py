"""Version schemes: which version a tag name means, or that it names none.

Every number is bounded to ten digits, so that no tag name can be costly to read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from packaging.version import InvalidVersion
from packaging.version import Version as Pep440Version

from bot.domain.patterns import Pattern
from bot.domain.versions.version import Version, kind_of, number_order

_NUMBER = r"[0-9]{1,10}"

# DIRAC's first spelling, v7r0p49 and v7r2-pre34, read before any other: PEP 440
# would take "v7r2" for the post release 7.post2.
_LEGACY = re.compile(
    rf"v?(?P<major>{_NUMBER})r(?P<minor>{_NUMBER})(?:p(?P<patch>{_NUMBER}))?(?:-pre(?P<pre>{_NUMBER}))?",
    re.IGNORECASE,
)
# DIRAC's second spelling, v7.2.1 and v7.2.0a34, with the slips that its history has:
# no "v" (7.2a28), no third number (v7.2a31), a dot before the "a" (v8.0.0.a18).
_DOTTED = re.compile(
    rf"v?(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})(?:\.(?P<patch>{_NUMBER}))?(?:\.?(?P<phase>a|b|rc)(?P<pre>{_NUMBER}))?",
    re.IGNORECASE,
)
_DIRAC_SERIES = re.compile(rf"v?(?P<major>{_NUMBER})[r.](?P<minor>{_NUMBER})", re.IGNORECASE)
_PLAIN_SERIES = re.compile(rf"v?(?P<series>(?:{_NUMBER}!)?{_NUMBER}\.{_NUMBER})", re.IGNORECASE)
# The grammar of semver.org 2.0.0, without leading zeros; build metadata has no part in the order.
_PLAIN_NUMBER = r"(?:0|[1-9][0-9]{0,9})"
_SEMVER = re.compile(
    rf"v?(?P<major>{_PLAIN_NUMBER})\.(?P<minor>{_PLAIN_NUMBER})\.(?P<patch>{_PLAIN_NUMBER})"
    r"(?:-(?P<pre>(?:0|[1-9][0-9]*|[0-9]*[a-z-][0-9a-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-z-][0-9a-z-]*))*))?"
    r"(?:\+[0-9a-z-]+(?:\.[0-9a-z-]+)*)?",
    re.IGNORECASE,
)
# A post release may be spelled "1.0r2" in PEP 440, and nobody who writes so in a tag means that.
_R_AS_POST = re.compile(r"[0-9][-_.]?r(?:ev)?[-_.]?[0-9]", re.IGNORECASE)
_LONGEST_NAME = 100


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


@dataclass(frozen=True, slots=True)
class DiracScheme:
    """Both spellings that DIRAC uses, ``v7r2p1`` and ``v7.2.1``, with one meaning."""

    name: ClassVar[str] = "dirac"
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read a legacy or a dotted tag name, in any case."""
        rest = _without_prefix(name, self.prefix)
        found = _LEGACY.fullmatch(rest) or _DOTTED.fullmatch(rest)
        if found is None:
            return None
        parts = found.groupdict()
        numbers = (int(parts["major"]), int(parts["minor"]), int(parts["patch"] or 0))
        pre = parts["pre"]
        if pre is None:
            return _dirac_version(numbers, "", None)
        return _dirac_version(numbers, (parts.get("phase") or "a").lower(), int(pre))

    def read_series(self, text: str) -> str | None:
        """Read ``v7r1``, ``7.1`` or ``V7R1`` as ``v7r1``."""
        found = _DIRAC_SERIES.fullmatch(_without_prefix(text, self.prefix))
        return found and f"v{int(found['major'])}r{int(found['minor'])}"

    def spell(self, version: Version, names: tuple[str, ...]) -> str:
        """Take the legacy spelling where one of the tags has it, else the tag's own."""
        del version
        legacy = [n for n in names if _LEGACY.fullmatch(_without_prefix(n, self.prefix))]
        chosen = _plainest(legacy or names)
        # "v8.0.0.a18" was typed by hand: it is shown as it was meant.
        return re.sub(r"\.(?=(?:a|b|rc)[0-9]+$)", "", chosen, flags=re.IGNORECASE)


class _ShownAsSpelled:
    """What the schemes with one spelling share: series of two numbers, releases shown as their tag is spelled."""

    __slots__ = ()
    prefix: str

    def read_series(self, text: str) -> str | None:
        """Read ``v1.26`` or ``1.26`` as ``1.26``."""
        return _plain_series(text, self.prefix)

    def spell(self, version: Version, names: tuple[str, ...]) -> str:
        """Show the tag as it is spelled."""
        del version
        return _plainest(names)


@dataclass(frozen=True, slots=True)
class Pep440Scheme(_ShownAsSpelled):
    """Python's versions, https://peps.python.org/pep-0440/.

    Development versions mark where work begins and are no releases; a version
    with a local part is somebody's own build. Both name none.
    """

    name: ClassVar[str] = "pep440"
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read a PEP 440 version; a post release counts as a patch."""
        rest = _without_prefix(name, self.prefix)
        if len(rest) > _LONGEST_NAME or _R_AS_POST.search(rest):
            return None
        try:
            parsed = Pep440Version(rest)
        except InvalidVersion:
            return None
        if parsed.dev is not None or parsed.local is not None:
            return None
        return _pep440_version(parsed)


@dataclass(frozen=True, slots=True)
class SemverScheme(_ShownAsSpelled):
    """Semantic versions, https://semver.org/."""

    name: ClassVar[str] = "semver"
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read a semantic version; build metadata is left aside."""
        rest = _without_prefix(name, self.prefix)
        found = _SEMVER.fullmatch(rest) if len(rest) <= _LONGEST_NAME else None
        if found is None:
            return None
        numbers = (int(found["major"]), int(found["minor"]), int(found["patch"]))
        return _numbered_version(numbers, found["pre"])


@dataclass(frozen=True, slots=True)
class RegexScheme(_ShownAsSpelled):
    """A project's own rule: named groups ``major``, ``minor``, ``patch`` and ``pre`` on the whole name."""

    name: ClassVar[str] = "regex"
    pattern: Pattern
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read the groups; ``minor`` and ``patch`` that are not there count as zero, ``pre`` as no pre-release."""
        rest = _without_prefix(name, self.prefix)
        parts = self.pattern.read_whole(rest) if 0 < len(rest) <= _LONGEST_NAME else None
        if parts is None:
            return None
        texts = [parts.get("major", ""), parts.get("minor", "0"), parts.get("patch", "0")]
        if not all(re.fullmatch(_NUMBER, text) for text in texts):
            return None
        major, minor, patch = (int(text) for text in texts)
        return _numbered_version((major, minor, patch), parts.get("pre"))


def _without_prefix(name: str, prefix: str) -> str:
    """Take the prefix off; a name without it reads as nothing where a prefix is requested."""
    if not prefix:
        return name
    return name[len(prefix) :] if name.lower().startswith(prefix.lower()) else ""


def is_floating(name: str, twins: Iterable[str]) -> bool:
    """Return whether a tag is the first part of a twin's name, as ``v4`` is of ``v4.0.0``: it follows releases."""
    return any(twin.startswith((f"{name}.", f"{name}_")) for twin in twins)


def _plainest(names: tuple[str, ...] | list[str]) -> str:
    """Choose among twins: no floating one, with a leading v before without, the shortest, the first by text."""
    return min(names, key=lambda name: (is_floating(name, names), name[:1] not in "vV", len(name), name))


def _plain_series(text: str, prefix: str) -> str | None:
    found = _PLAIN_SERIES.fullmatch(_without_prefix(text, prefix) or text)
    return found["series"] if found else None


def _dirac_version(numbers: tuple[int, int, int], phase: str, pre: int | None) -> Version:
    major, minor, patch = numbers
    suffix = "" if pre is None else f"{phase}{pre}"
    order = "".join(map(number_order, numbers))
    return Version(
        normalized=f"{major}.{minor}.{patch}{suffix}",
        series=f"v{major}r{minor}",
        kind=kind_of(minor, patch, is_pre=pre is not None),
        order=order + ("~" if pre is None else f"{phase:<2}{number_order(pre)}"),
    )


def _pep440_version(parsed: Pep440Version) -> Version:
    major, minor, patch, *more = [*parsed.release, 0, 0][: max(3, len(parsed.release))]
    while more and not more[-1]:
        more.pop()
    numbers = [major, minor, patch, *more]
    epoch = f"{parsed.epoch}!" if parsed.epoch else ""
    pre = "" if parsed.pre is None else f"{parsed.pre[0]}{parsed.pre[1]}"
    post = "" if parsed.post is None else f".post{parsed.post}"
    later = patch or any(more) or parsed.post is not None
    return Version(
        normalized=epoch + ".".join(map(str, numbers)) + pre + post,
        series=f"{epoch}{major}.{minor}",
        kind=kind_of(minor, int(bool(later)), is_pre=parsed.pre is not None),
        order=_pep440_order(parsed, numbers),
    )


def _pep440_order(parsed: Pep440Version, numbers: list[int]) -> str:
    # "!" ends the numbers and sorts before any further one; "~" stands for "final", after a, b and rc.
    order = number_order(parsed.epoch) + "".join(map(number_order, numbers)) + "!"
    order += "~" if parsed.pre is None else f"{parsed.pre[0]:<2}{number_order(parsed.pre[1])}"
    return order + ("!" if parsed.post is None else f"~{number_order(parsed.post)}")


def _numbered_version(numbers: tuple[int, int, int], pre: str | None) -> Version:
    major, minor, patch = numbers
    suffix = "" if pre is None else f"-{pre}"
    return Version(
        normalized=f"{major}.{minor}.{patch}{suffix}",
        series=f"{major}.{minor}",
        kind=kind_of(minor, patch, is_pre=pre is not None),
        order="".join(map(number_order, numbers)) + ("~" if pre is None else _identifiers_order(pre)),
    )


def _identifiers_order(pre: str) -> str:
    """Order of semver.org rule 11: numbers by value and before words, words by code point, fewer before more."""
    return "".join(f"0{number_order(int(i))}!" if i.isdecimal() else f"1{i}!" for i in pre.split("."))
