"""The one line that a digest begins with."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.digests.digest import RepositoryDigest
from bot.domain.repositories import Counts
from bot.domain.versions.version import ReleaseKind

_REPOSITORIES_SHOWN = 4
# The newest ones; a month of DIRAC has two to four.
_SERIES_SHOWN = 6


def headline(parts: Sequence[RepositoryDigest], *, late: int = 0, whole: str = "", unchecked: int = 0) -> str:
    """Return how many new ordinary releases there are, whose, and how many pre-releases beside them.

    For example ``6 patch releases of DIRAC (v7r0: 3, v7r1: 3); 3 pre-releases``. New
    releases of earlier periods, ``late``, are counted apart. Where the period is longer
    than the time since the previous digest, ``whole`` names it, and its total follows.
    With ``unchecked`` repositories, which the last poll could not reach, the number may
    be short, and the line says so.
    """
    new = [replace(part, counts=part.new_counts) for part in parts]
    clauses = [_counted(new), *([f"{late} earlier release{'s' * (late != 1)}"] if late else [])]
    if whole and new != list(parts):
        clauses.append(f"{whole}: {_counted(parts, with_pre_releases=False)}")
    return "; ".join([*clauses, *([_unchecked(unchecked, parts)] if unchecked else [])])


def _unchecked(unchecked: int, parts: Sequence[RepositoryDigest]) -> str:
    if len(parts) == 1:
        return f"{parts[0].name} not checked"
    return f"{unchecked} of {len(parts)} repositories not checked"


def _counted(parts: Sequence[RepositoryDigest], *, with_pre_releases: bool = True) -> str:
    having = [part for part in parts if part.counts.ordinary]
    pre = sum(part.counts.by_kind.get(ReleaseKind.PRE_RELEASE, 0) for part in parts)
    pre_releases = [f"{pre} pre-release{'s' * (pre != 1)}"] if pre and with_pre_releases else []
    if not having:
        return "; ".join([_nothing(parts), *pre_releases])
    total = sum(part.counts.ordinary for part in having)
    noun = f"{adjective(having)}release{'s' * (total != 1)}"
    if len(having) == 1:
        main = f"{total} {noun} of {having[0].name}{_by_series(having[0])}"
    else:
        main = f"{total} {noun}: {_by_repository(having)}"
    return "; ".join([main, *pre_releases])


def _nothing(parts: Sequence[RepositoryDigest]) -> str:
    noun = f"{adjective(parts)}releases"
    if len(parts) == 1:
        return f"No {noun} of {parts[0].name}"
    return f"No {noun} in {len(parts)} repositories" if parts else "No repository is watched"


def adjective(parts: Sequence[RepositoryDigest]) -> str:
    """Return ``patch `` where the ordinary releases of all parts are patch releases, else nothing."""
    return "patch " if all(part.counts.rule is Counts.PATCH for part in parts) else ""


def _by_series(part: RepositoryDigest) -> str:
    groups = [f"{group.keys[0][1]}: {group.count}" for group in part.counts.by_series]
    left = len(groups) - _SERIES_SHOWN
    more = [f"{left} more series"] if left > 0 else []
    return f" ({', '.join([*groups[-_SERIES_SHOWN:], *more])})"


def _by_repository(parts: Sequence[RepositoryDigest]) -> str:
    shown = [f"{part.counts.ordinary} of {part.name}{_by_series(part)}" for part in parts[:_REPOSITORIES_SHOWN]]
    more = len(parts) - len(shown)
    if more:
        rest = sum(part.counts.ordinary for part in parts[_REPOSITORIES_SHOWN:])
        shown.append(f"{rest} of {more} other{'s' * (more != 1)}")
    return ", ".join(shown)
