"""A project that changed its numbering: its highest version is an old one, and its newest release a lower one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.patterns import Pattern
from bot.domain.releases import Release, came_after
from bot.domain.values import dataclass

_Dated = list[tuple[datetime, str]]
# So many releases are the newest.
_NEWEST = 20
_YEAR = timedelta(days=365)
_FIRST_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Renumbered:
    """The highest version of a repository, and its newest release by date, which is a lower version."""

    highest: Release
    newest: Release


def is_overtaken(highest: Release, newest: Release) -> bool:
    """Return whether a lower version came out more than a day after the highest."""
    return newest.order < highest.order and came_after(newest, highest)


def is_renumbered(highest: Release, newest: Release, began: datetime | None) -> bool:
    """Return whether a lower version that came later is of a new numbering: its series ``began`` after the highest.

    A patch release of an older series that goes on beside the newest one is none.
    """
    if not is_overtaken(highest, newest) or highest.date is None:
        return False
    return newest.series == highest.series or (began is not None and began > highest.date)


def mark_of(release: Release, renumbered: Mapping[str, Renumbered]) -> str | None:
    """Return what a release is among those of a renumbered repository; None for the others."""
    both = renumbered.get(release.repository)
    if both is None or release.normalized not in {both.highest.normalized, both.newest.normalized}:
        return None
    return "highest version" if release.normalized == both.highest.normalized else "newest by date"


def numbering_of(releases: Sequence[Release]) -> tuple[Pattern, ...]:
    """Return the patterns of two numberings of a project, the older first; empty where there is one.

    There are two where the newest release has one of the lower first numbers, and the higher ones all began before all
    the lower ones, or none of them has been used for a year and the newest releases.
    """
    majors: dict[int, _Dated] = {}
    for release in releases:
        if release.date is not None:
            majors.setdefault(_major(release), []).append((release.date, release.version))
    for border in sorted(majors)[:-1]:
        older, newer = ({m: d for m, d in majors.items() if (m > border) is is_older} for is_older in (True, False))
        ended, newest = (max(map(max, side.values()))[0] for side in (older, newer))
        is_apart = _starts(older, is_last=True) <= _starts(newer, is_last=False)
        if newest > ended and (is_apart or _is_given_up(newer, ended)):
            return _pattern_of(older, (spelled for dated in older.values() for _, spelled in dated)), Pattern(".")
    return ()


def _is_given_up(newer: Mapping[int, _Dated], ended: datetime) -> bool:
    """Return whether the newest releases all came more than a year after the last of the other numbers."""
    later = [date for dated in newer.values() for date, _ in dated if date > ended + _YEAR]
    return len(later) >= _NEWEST


def _starts(majors: Mapping[int, _Dated], *, is_last: bool) -> datetime:
    """Return when the last or the first of several first numbers began.

    One that has a single release may be a slip, or have been tagged years later, and is passed over.
    """
    began = sorted((min(dated)[0], len(dated)) for dated in majors.values())
    if is_last:
        began.reverse()
    (first, count), *others = began
    return others[0][0] if count == 1 and others else first


def _major(release: Release) -> int:
    found = _FIRST_NUMBER.search(release.normalized.rpartition("!")[2])
    return int(found[0]) if found else 0


def _pattern_of(majors: Iterable[int], spelled: Iterable[str]) -> Pattern:
    """Return a pattern found in the versions, as they are spelled, of these first numbers alone."""
    numbers = {str(major) for major in majors}
    before, written = set[str](), set[str]()
    for version in spelled:
        found = next((each for each in _FIRST_NUMBER.finditer(version) if str(int(each[0])) in numbers), None)
        if found is not None:
            before.add(re.escape(version[: found.start()]))
            written.add(found[0])
    start = f"(?:{'|'.join(sorted(before))})" if len(before) > 1 else "".join(before)
    return Pattern(f"^{start}(?:{'|'.join(sorted(written, key=int))})(?:[^0-9]|$)")
