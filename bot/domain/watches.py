"""Watches: what maintainers asked in words to be watched, or to be watched no more, beside the configuration file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.changes import effective

# Another machine's clock may be ahead of ours, and what it recorded holds all the same.
_EVER = datetime.max.replace(tzinfo=UTC)


class WatchKind(StrEnum):
    """What people do to what is watched; an accepted repository took the path of one that was watched there."""

    WATCH = "watch"
    UNWATCH = "unwatch"
    ACCEPT = "accept"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class WatchChange:
    """One change: who made it, when, and what it was; kept for ever.

    ``number`` counts them in the order they were recorded. ``target`` is FORGE:PATH of a
    repository, or FORGE:PATH/* of an organisation. ``scheme``, ``prefix`` and ``counts``
    are rules of the configuration, empty where its defaults hold. ``undoes`` is the number
    of the change that an undo takes back.
    """

    number: int
    at: datetime
    who: str
    kind: WatchKind
    target: str
    scheme: str = ""
    prefix: str = ""
    counts: str = ""
    undoes: int | None = None


def standing(changes: Iterable[WatchChange]) -> dict[str, WatchChange]:
    """Give the last word on each target, by the target in lower case: whether it is watched."""
    said = [change for change in effective(changes, _EVER) if change.kind is not WatchKind.ACCEPT]
    return {change.target.lower(): change for change in said}
