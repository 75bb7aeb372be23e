"""Watches: what maintainers asked in words to be watched, or to be watched no more, beside the configuration file."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from bot.domain.certification.changes import effective
from bot.domain.clocks import EVER
from bot.domain.organisations import Member
from bot.domain.values import dataclass
from bot.domain.watch_rules import WatchRules


class WatchKind(StrEnum):
    """What people do to what is watched; an accepted repository took the path of one that was watched there."""

    WATCH = "watch"
    UNWATCH = "unwatch"
    ACCEPT = "accept"
    UNDO = "undo"


_DEFAULTS = WatchRules()


@dataclass(frozen=True, slots=True)
class WatchChange:
    """One change: who made it, when, and what it was; kept for ever.

    ``number`` counts them in the order they were recorded. ``target`` is FORGE:PATH of a
    repository, or FORGE:PATH/* of an organisation. ``undoes`` is the number of the change that
    an undo takes back.
    """

    number: int
    at: datetime
    who: str
    kind: WatchKind
    target: str
    rules: WatchRules = _DEFAULTS
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Additions:
    """What the store adds to the watched repositories of the configuration file.

    ``changes`` are those that people made in words, oldest first; ``members`` the
    repositories that were listed below organisations, by the organisation's key.
    """

    changes: tuple[WatchChange, ...] = ()
    members: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)


def standing(changes: Iterable[WatchChange]) -> dict[str, WatchChange]:
    """Return the last word on each target, by the target in lower case: whether it is watched."""
    # Another machine's clock may be ahead of ours, and what it recorded holds all the same.
    said = [change for change in effective(changes, EVER) if change.kind is not WatchKind.ACCEPT]
    return {change.target.lower(): change for change in said}
