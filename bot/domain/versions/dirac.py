"""DIRAC's scheme: both of its spellings, ``v7r2p1`` and ``v7.2.1``, with one meaning."""

import re
from typing import ClassVar

from bot.domain.values import dataclass
from bot.domain.versions.base import NUMBER, plainest, without_prefix
from bot.domain.versions.version import Version, kind_of, number_order

# The first spelling, v7r0p49 and v7r2-pre34, read before any other: PEP 440
# would take "v7r2" for the post release 7.post2.
_LEGACY = re.compile(
    rf"v?(?P<major>{NUMBER})r(?P<minor>{NUMBER})(?:p(?P<patch>{NUMBER}))?(?:-pre(?P<pre>{NUMBER}))?",
    re.IGNORECASE,
)
# The second spelling, v7.2.1 and v7.2.0a34, with the slips that its history has:
# no "v" (7.2a28), no third number (v7.2a31), a dot before the "a" (v8.0.0.a18).
_DOTTED = re.compile(
    rf"v?(?P<major>{NUMBER})\.(?P<minor>{NUMBER})(?:\.(?P<patch>{NUMBER}))?(?:\.?(?P<phase>a|b|rc)(?P<pre>{NUMBER}))?",
    re.IGNORECASE,
)
_TYPED_DOT = re.compile(r"\.(?=(?:a|b|rc)[0-9]+$)", re.IGNORECASE)
_SERIES = re.compile(rf"v?(?P<major>{NUMBER})[r.](?P<minor>{NUMBER})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DiracScheme:
    """Both spellings that DIRAC uses, ``v7r2p1`` and ``v7.2.1``, with one meaning."""

    name: ClassVar[str] = "dirac"
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read a legacy or a dotted tag name, in any case."""
        rest = without_prefix(name, self.prefix)
        found = _LEGACY.fullmatch(rest) or _DOTTED.fullmatch(rest)
        if found is None:
            return None
        # They are read by the hundred thousand: groups by their places cost half of what groups by name do.
        major, minor, patch, *phase, pre = found.groups()
        numbers = (int(major), int(minor), int(patch or 0))
        if pre is None:
            return _version(numbers, "", None)
        return _version(numbers, phase[0].lower() if phase else "a", int(pre))

    def read_series(self, text: str) -> str | None:
        """Read ``v7r1``, ``7.1`` or ``V7R1`` as ``v7r1``."""
        found = _SERIES.fullmatch(without_prefix(text, self.prefix))
        return found and f"v{int(found['major'])}r{int(found['minor'])}"

    def spell(self, version: Version, names: tuple[str, ...]) -> str:
        """Take the legacy spelling where one of the tags has it, else the tag's own."""
        del version
        # There is nothing to choose for most releases, which are made by the hundred thousand.
        legacy = [n for n in names if _LEGACY.fullmatch(without_prefix(n, self.prefix))] if len(names) > 1 else []
        # "v8.0.0.a18" was typed by hand: it is shown as it was meant. The legacy spelling has no dot.
        return _TYPED_DOT.sub("", plainest(legacy or names))


def _version(numbers: tuple[int, int, int], phase: str, pre: int | None) -> Version:
    major, minor, patch = numbers
    suffix = "" if pre is None else f"{phase}{pre}"
    order = "".join(map(number_order, numbers))
    return Version(
        normalized=f"{major}.{minor}.{patch}{suffix}",
        series=f"v{major}r{minor}",
        kind=kind_of(minor, patch, is_pre=pre is not None),
        order=order + ("~" if pre is None else f"{phase:<2}{number_order(pre)}"),
    )
