"""A project that changed its numbering: its highest version is an old one, and its newest release a lower one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.releases import Release, came_after


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
