"""How often each milestone of a plan was moved and when it changed last, for calendars that take up changes."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import ChangeKind, ReportedMilestone
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """How often a milestone was moved, and when it was changed last."""

    moves: int
    at: datetime


def revisions(plan: Plan, until: datetime) -> Mapping[str, Revision]:
    """Return the revision of each milestone that was changed by a moment, by its title in lower case.

    An undone move counts twice, there and back, so that the number never goes down. What a configuration file says is
    no change: nobody knows when it was written.
    """
    found: dict[str, Revision] = {}
    for title, at, is_move in _changes(plan, until):
        before = found.get(title, Revision(0, at))
        found[title] = Revision(before.moves + is_move, max(before.at, at))
    return found


def _changes(plan: Plan, until: datetime) -> Iterator[tuple[str, datetime, bool]]:
    for reported in plan.reported:
        yield from _of_the_forge(reported, until)
    moving = {each.number for each in plan.changes if each.kind is ChangeKind.MOVE}
    for change in plan.changes:
        if change.at <= until:
            yield change.title.casefold(), change.at, change.kind is ChangeKind.MOVE or change.undoes in moving


def _of_the_forge(reported: ReportedMilestone, until: datetime) -> Iterator[tuple[str, datetime, bool]]:
    title = reported.title.casefold()
    if reported.created <= until:
        yield title, reported.created, False
    if reported.closed is not None and reported.closed <= until:
        yield title, reported.closed, False
    for before, after in pairwise(reported.dues):
        if after[0] <= until:
            yield title, after[0], before[1] != after[1]
