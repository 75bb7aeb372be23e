"""Milestones: the dated steps of a certification, and the changes that people make to them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.certification.changes import effective
from bot.domain.errors import UsageError
from bot.domain.values import dataclass

HACKATHON, FINAL_CERTIFICATION, RELEASE = "hackathon", "final-certification", "release"
# The kind of a forge's milestone whose title tells none.
OTHER = "other"
KINDS = (HACKATHON, FINAL_CERTIFICATION, RELEASE)


class MilestoneStatus(StrEnum):
    """The status of a milestone on a day; dropped means that it did not happen."""

    PLANNED = "planned"
    DONE = "done"
    OVERDUE = "overdue"
    DROPPED = "dropped"


class MilestoneSource(StrEnum):
    """Where a milestone's latest word came from."""

    CONFIGURATION = "configuration"
    COMMAND = "command"
    FORGE = "forge"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of a certification.

    ``plans`` are the dates it was planned for, the first first, without the
    present one: how far it slipped. ``url`` is its page on a forge, where it has one.
    """

    kind: str
    title: str
    planned: date | None = None
    done: date | None = None
    note: str = ""
    dropped: bool = False
    source: MilestoneSource = MilestoneSource.CONFIGURATION
    plans: tuple[date, ...] = ()
    url: str | None = None

    def status(self, today: date) -> MilestoneStatus:
        """Return its status on a day: overdue from the day after the planned one."""
        if self.dropped:
            return MilestoneStatus.DROPPED
        if self.done is not None and self.done <= today:
            return MilestoneStatus.DONE
        if self.planned is not None and self.planned < today:
            return MilestoneStatus.OVERDUE
        return MilestoneStatus.PLANNED

    @property
    def day(self) -> date | None:
        """Return the day it was done, else the planned one."""
        return self.done or self.planned


@dataclass(frozen=True, slots=True)
class ReportedMilestone:
    """A milestone, or an issue with a label, as a forge holds it.

    ``dues`` are the due dates in the order they were seen, each with the moment of
    seeing; the last one holds now. ``closed`` is when it was closed, None while open.
    """

    number: int
    title: str
    created: datetime
    dues: tuple[tuple[datetime, date | None], ...]
    closed: datetime | None
    url: str | None

    def as_milestone(self, until: datetime, zone: ZoneInfo) -> Milestone:
        """Return it as a step of a certification, planned as was known at ``until``."""
        known = [due for seen, due in self.dues if seen <= until] or [due for _, due in self.dues[:1]]
        return Milestone(
            kind=kind_in(self.title),
            title=self.title,
            planned=known[-1] if known else None,
            done=None if self.closed is None else self.closed.astimezone(zone).date(),
            source=MilestoneSource.FORGE,
            plans=tuple(due for due in known[:-1] if due is not None),
            url=self.url,
        )


def kind_in(title: str) -> str:
    """Return a milestone's kind from the words of its title; a forge has no field for it."""
    if re.search(r"\bhac[kh]\w{0,5}on\b", title, re.IGNORECASE):
        return HACKATHON
    if re.search(r"\bcertif", title, re.IGNORECASE):
        return FINAL_CERTIFICATION
    return RELEASE if re.search(r"\breleased?\b", title, re.IGNORECASE) else OTHER


class ChangeKind(StrEnum):
    """What people do to milestones."""

    ADD = "add"
    DONE = "done"
    MOVE = "move"
    DROP = "drop"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class MilestoneChange:
    """One change: who made it, when, and what it was; kept for ever.

    ``number`` counts changes in the order they were recorded. ``undoes`` is the
    number of the change that an undo takes back.
    """

    number: int
    at: datetime
    who: str
    kind: ChangeKind
    title: str = ""
    milestone_kind: str = ""
    day: date | None = None
    note: str = ""
    undoes: int | None = None


def milestones_after(
    configured: Sequence[Milestone], changes: Iterable[MilestoneChange], *, until: datetime, zone: ZoneInfo
) -> list[Milestone]:
    """Return the milestones as they were at ``until``: what was configured, then each change in order of time.

    What is done later than that is still to come, with what was noted of it.
    """
    today = _last_day(until, zone)
    state = {milestone.title.casefold(): as_on(milestone, today) for milestone in configured}
    for change in effective(changes, until):
        key = change.title.casefold()
        state[key] = _changed(state.get(key), change)
    return sorted((as_on(milestone, today) for milestone in state.values()), key=_place)


def as_on(milestone: Milestone, today: date) -> Milestone:
    """Take back what had not happened on a day: a later done date, and the note that was written with it."""
    if milestone.done is None or milestone.done <= today:
        return milestone
    return replace(milestone, done=None, note="")


def find_milestone(milestones: Sequence[Milestone], text: str) -> Milestone:
    """Find the milestone that a person means by its title or a part of it. Raises UsageError for none or several."""
    wanted = text.casefold().strip()
    exact = [milestone for milestone in milestones if milestone.title.casefold() == wanted]
    found = exact or [milestone for milestone in milestones if wanted and wanted in milestone.title.casefold()]
    if len(found) == 1:
        return found[0]
    titles = ", ".join(f'"{milestone.title}"' for milestone in found or milestones) or "none yet"
    if found:
        raise UsageError(f'milestone "{text}"', f"matches {len(found)} milestones", f"choose one of {titles}")
    raise UsageError(f'milestone "{text}"', "not found", f"milestones: {titles}")


def _changed(milestone: Milestone | None, change: MilestoneChange) -> Milestone:
    base = milestone or Milestone(change.milestone_kind, change.title)
    base = replace(base, source=MilestoneSource.COMMAND, note=change.note or base.note)
    match change.kind:
        case ChangeKind.ADD:
            return replace(base, kind=change.milestone_kind or base.kind, planned=change.day or base.planned)
        case ChangeKind.DONE:
            return replace(base, done=change.day, dropped=False)
        case ChangeKind.MOVE:
            plans = base.plans if base.planned is None else (*base.plans, base.planned)
            return replace(base, planned=change.day, plans=plans, done=None, dropped=False)
        case _:
            return replace(base, dropped=True, done=None)


def _place(milestone: Milestone) -> tuple[bool, date, int, str]:
    kinds = KINDS.index(milestone.kind) if milestone.kind in KINDS else 0
    return (milestone.day is None, milestone.day or date.min, kinds, milestone.title)


def _last_day(until: datetime, zone: ZoneInfo) -> date:
    """Return the day of the last moment before ``until``."""
    return (until - timedelta(seconds=1)).astimezone(zone).date()
