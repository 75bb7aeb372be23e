"""Python's versions, https://peps.python.org/pep-0440/."""

import re
from typing import ClassVar

from packaging.version import InvalidVersion
from packaging.version import Version as Pep440Version

from bot.domain.values import dataclass
from bot.domain.versions.base import LONGEST_NAME, ShownAsSpelled, series_of, without_prefix
from bot.domain.versions.version import Version, kind_of, number_order

# A post release may be spelled "1.0r2" or "12r" in PEP 440, and nobody who writes so in a tag means that.
_R_AS_POST = re.compile(r"[0-9][-_.]?r(?:ev)?(?:[-_.]?[0-9]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pep440Scheme(ShownAsSpelled):
    """Python's versions.

    Development versions mark where work begins and are no releases; a version
    with a local part is somebody's own build. Both name none.
    """

    name: ClassVar[str] = "pep440"
    prefix: str = ""

    def read(self, name: str) -> Version | None:
        """Read a PEP 440 version; a post release counts as a patch."""
        rest = without_prefix(name, self.prefix)
        if len(rest) > LONGEST_NAME or _R_AS_POST.search(rest):
            return None
        try:
            parsed = Pep440Version(rest)
        except InvalidVersion:
            return None
        if parsed.dev is not None or parsed.local is not None:
            return None
        return _version(parsed)


def _version(parsed: Pep440Version) -> Version:
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
        series=f"{epoch}{major}.{minor}" if epoch else series_of(numbers),
        kind=kind_of(minor, int(bool(later)), is_pre=parsed.pre is not None),
        order=_order(parsed, numbers),
    )


def _order(parsed: Pep440Version, numbers: list[int]) -> str:
    # "!" ends the numbers and sorts before any further one; "~" stands for "final", after a, b and rc.
    order = number_order(parsed.epoch) + "".join(map(number_order, numbers)) + "!"
    order += "~" if parsed.pre is None else f"{parsed.pre[0]:<2}{number_order(parsed.pre[1])}"
    return order + ("!" if parsed.post is None else f"~{number_order(parsed.post)}")
