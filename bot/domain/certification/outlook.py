"""What a certification still has ahead, what fell into a period, and how long it took: by its milestones' days."""

from collections.abc import Sequence
from datetime import UTC, date
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.certification.milestones import (
    FINAL_CERTIFICATION,
    HACKATHON,
    RELEASE,
    Milestone,
    MilestoneStatus,
)
from bot.domain.periods.period import Period, midnight
from bot.domain.values import dataclass

if TYPE_CHECKING:
    from bot.domain.certification.certification import Certification

_OPEN = (MilestoneStatus.PLANNED, MilestoneStatus.OVERDUE)


class Goal(StrEnum):
    """What is waited for: the release of a series, its final certification, a hackathon, or any step."""

    RELEASE = "release"
    CERTIFICATION = "final certification"
    HACKATHON = "hackathon"
    STEP = "milestone"


# The kinds of milestone that each goal is read from, the first that is planned; None is every kind.
_KINDS: dict[Goal, Sequence[str | None]] = {
    Goal.RELEASE: (RELEASE, FINAL_CERTIFICATION),
    Goal.CERTIFICATION: (FINAL_CERTIFICATION,),
    Goal.HACKATHON: (HACKATHON,),
    Goal.STEP: (None,),
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """A certification with the milestone that a goal waits for; None where none is planned.

    ``done`` is the milestone that reached the goal, None where nothing did.
    """

    certification: "Certification"
    milestone: Milestone | None = None
    done: Milestone | None = None

    @property
    def certified_on(self) -> date | None:
        """Return the day of the final certification, None where it was not done."""
        return _last_day(self.certification, FINAL_CERTIFICATION)

    @property
    def released_on(self) -> date | None:
        """Return the day of the final release, None where it is still to come."""
        return _last_day(self.certification, RELEASE)

    @property
    def days(self) -> int | None:
        """Return in how many days it is planned (below 0: overdue), None where it has no date."""
        if self.milestone is None or self.milestone.planned is None:
            return None
        return (self.milestone.planned - self.certification.today).days


@dataclass(frozen=True, slots=True)
class Course:
    """The first and the last milestone done of a certification; ``is_over`` where it is certified or released."""

    first: date
    last: date
    is_over: bool

    @property
    def days(self) -> int:
        """Return the days from the first to the last."""
        return (self.last - self.first).days


def remaining(certification: "Certification") -> tuple[Milestone, ...]:
    """Return the milestones that are neither done nor dropped, those without a date last."""
    waiting = (each for each in certification.milestones if each.status(certification.today) in _OPEN)
    return tuple(sorted(waiting, key=lambda each: (each.planned is None, each.planned or date.min)))


def outlook(certification: "Certification", goal: Goal) -> Outlook:
    """Return the next milestone of a goal: one with a date before one without."""
    waiting = remaining(certification)
    for kind in _KINDS[goal]:
        dated = [each for each in waiting if kind in (None, each.kind) and each.planned is not None]
        if dated:
            return Outlook(certification, dated[0])
    undated = next((each for each in waiting if {None, each.kind} & set(_KINDS[goal])), None)
    certified = certification.done(FINAL_CERTIFICATION) if goal is Goal.CERTIFICATION else ()
    return Outlook(certification, undated, certified[-1] if certified and undated is None else None)


def _last_day(certification: "Certification", kind: str) -> date | None:
    done = certification.done(kind)
    return done[-1].done if done else None


def within(milestones: Sequence[Milestone], period: Period) -> tuple[Milestone, ...]:
    """Return the milestones done or planned on a day of the period, by day; a dropped one did not happen."""
    first = date.min if period.start is None else period.start.astimezone(period.zone).date()
    end = period.end.astimezone(UTC)
    dated = [(each.day, each) for each in milestones if each.day is not None and not each.dropped]
    inside = [(day, each) for day, each in dated if first <= day and midnight(day, period.zone).astimezone(UTC) < end]
    return tuple(each for _, each in sorted(inside, key=lambda pair: pair[0]))


def course(certification: "Certification") -> Course | None:
    """Return how long a certification took, or has taken so far; None where no step before the release was done.

    It ends with the final certification; where none is recorded, with the release.
    """
    today = certification.today
    done = [each for each in certification.milestones if each.done and each.status(today) is MilestoneStatus.DONE]
    steps = [each.done for each in done if each.done and each.kind != RELEASE]
    if not steps:
        return None
    end = _last_day(certification, FINAL_CERTIFICATION) or _last_day(certification, RELEASE)
    return Course(min(steps), max(end or today, min(steps)), end is not None)
