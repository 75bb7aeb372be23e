"""Certification: the way of one series to its final release, as of any moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from bot.domain.certification.changes import effective
from bot.domain.certification.hints import Hint, open_hints
from bot.domain.certification.milestones import (
    HACKATHON,
    RELEASE,
    ChangeKind,
    Milestone,
    MilestoneChange,
    MilestoneSource,
    MilestoneStatus,
    ReportedMilestone,
    milestones_after,
)
from bot.domain.patterns import Pattern
from bot.domain.periods.period import AsOf
from bot.domain.releases import Release
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said of one series' certification.

    ``configured`` and ``changes`` are people's word, which holds; ``reported`` are
    milestones of the forge, ``hints`` the days that pull requests suggest.
    ``pattern`` chooses the forge's milestones by title, ``label`` its issues; None
    and empty choose none. ``configured_at`` is since when the configuration has it, as
    far as anybody knows; None where it is not configured and has changes alone.
    """

    repository: str
    series: str
    highlights: tuple[str, ...] = ()
    configured: tuple[Milestone, ...] = ()
    changes: tuple[MilestoneChange, ...] = ()
    reported: tuple[ReportedMilestone, ...] = ()
    hints: tuple[Hint, ...] = ()
    pattern: Pattern | None = None
    label: str = ""
    configured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The milestone that comes next, and in how many days from the day asked on (below 0: overdue)."""

    milestone: Milestone
    days: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """A milestone whose planned date was moved."""

    title: str
    before: date | None
    after: date | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Certification:
    """The status of a series' certification on ``today``.

    ``pre_releases`` are those so far, in order of version; ``released`` is the
    final release, once it is there. ``hints`` suggest days that no milestone
    has yet: they are suggestions, and count for nothing. ``changes`` are those that
    people made by then and that nobody took back.
    """

    repository: str
    series: str
    today: date
    milestones: tuple[Milestone, ...]
    highlights: tuple[str, ...]
    pre_releases: tuple[Release, ...]
    released: Release | None
    moves: tuple[Move, ...] = ()
    hints: tuple[Hint, ...] = ()
    changes: tuple[MilestoneChange, ...] = ()

    @property
    def is_open(self) -> bool:
        """Return whether the final release is still to come."""
        return self.released is None

    @property
    def next(self) -> Next | None:
        """Return the first milestone that is neither done nor dropped; an undated one comes last."""
        waiting = [m for m in self.milestones if m.status(self.today) in _WAITING]
        if not waiting:
            return None
        first = min(waiting, key=lambda milestone: (milestone.planned is None, milestone.planned or date.min))
        return Next(first, None if first.planned is None else (first.planned - self.today).days)

    def done(self, kind: str = HACKATHON) -> tuple[Milestone, ...]:
        """Return the milestones of a kind that are done."""
        return tuple(m for m in self.milestones if m.kind == kind and m.status(self.today) is MilestoneStatus.DONE)

    def due(self, within: timedelta) -> tuple[Milestone, ...]:
        """Return the milestones that are overdue, or planned within a time from today."""
        last = self.today + within
        return tuple(
            m
            for m in self.milestones
            if m.planned is not None and m.status(self.today) in _WAITING and m.planned <= last
        )


_WAITING = (MilestoneStatus.PLANNED, MilestoneStatus.OVERDUE)


def certification_of(plan: Plan, releases: Sequence[Release], as_of: AsOf) -> Certification:
    """Return how a certification stood at ``as_of``.

    The final release closes it on its own: the milestone ``release`` is then done on
    the date of the tag, whatever was planned.
    """
    until = as_of.end
    past = [r for r in releases if r.series == plan.series and r.is_counted and r.date is not None and r.date < until]
    milestones = milestones_after(told_milestones(plan, as_of), plan.changes, until=until, zone=as_of.zone)
    released = _final(past)
    if released is not None:
        milestones = _closed(milestones, released, as_of)
    return Certification(
        repository=plan.repository,
        series=plan.series,
        today=as_of.day,
        milestones=tuple(milestones),
        highlights=plan.highlights,
        pre_releases=tuple(release for release in past if not release.kind.is_final),
        released=released,
        moves=_moves(plan, as_of),
        hints=tuple(open_hints((hint for hint in plan.hints if hint.day <= as_of.day), milestones)),
        changes=tuple(effective(plan.changes, until)),
    )


def has_begun(plan: Plan, releases: Sequence[Release], as_of: AsOf) -> bool:
    """Return whether anything of a series' certification was there at ``as_of``.

    That is a release of the series, a pre-release above all; a milestone that somebody had planned by then, that the
    forge showed by then, or whose configured day had come; or the plan itself, once it was configured.
    """
    until = as_of.end
    return (
        any(r.series == plan.series and r.is_counted and r.date is not None and r.date < until for r in releases)
        or bool(effective(plan.changes, until))
        or any(each.created <= until for each in plan.reported)
        or any(each.day is not None and each.day <= as_of.day for each in plan.configured)
        or (plan.configured_at is not None and plan.configured_at <= until)
    )


def is_planned(plan: Plan, releases: Sequence[Release], as_of: AsOf) -> bool:
    """Return whether people configured or changed a certification, and it had begun at ``as_of``."""
    is_told = plan.configured_at is not None or bool(effective(plan.changes, as_of.end))
    return is_told and has_begun(plan, releases, as_of)


def told_milestones(plan: Plan, as_of: AsOf) -> list[Milestone]:
    """Set what is configured over what the forge has under the same title."""
    past = [each for each in plan.reported if each.created <= as_of.end]
    by_title = {each.title.casefold(): each.as_milestone(as_of.end, as_of.zone) for each in past}
    by_title |= {milestone.title.casefold(): milestone for milestone in plan.configured}
    return list(by_title.values())


def _final(past: Sequence[Release]) -> Release | None:
    """Find the release that a certification is for: the first final one of its series."""
    final = [release for release in past if release.kind.is_final]
    return min(final, key=lambda release: release.order) if final else None


def _closed(milestones: Sequence[Milestone], released: Release, as_of: AsOf) -> list[Milestone]:
    if released.date is None:
        return list(milestones)
    day = released.date.astimezone(as_of.zone).date()
    planned = [milestone for milestone in milestones if milestone.kind == RELEASE]
    others = [milestone for milestone in milestones if milestone.kind != RELEASE]
    last = planned[-1] if planned else Milestone(RELEASE, released.version)
    closed = replace(last, done=day, dropped=False, source=MilestoneSource.TAG, url=released.url)
    return [*others, *planned[:-1], closed]


def _moves(plan: Plan, as_of: AsOf) -> tuple[Move, ...]:
    """List the changes of planned dates, oldest first."""
    planned = {milestone.title.casefold(): milestone.planned for milestone in told_milestones(plan, as_of)}
    moves = [move for each in plan.reported for move in _moves_on_the_forge(each, as_of)]
    for change in effective(plan.changes, as_of.end):
        key = change.title.casefold()
        if change.kind is ChangeKind.MOVE:
            moves.append(Move(change.title, planned.get(key), change.day, change.at))
        if change.kind in (ChangeKind.MOVE, ChangeKind.ADD):
            planned[key] = change.day
    return tuple(sorted(moves, key=lambda move: move.at))


def _moves_on_the_forge(reported: ReportedMilestone, as_of: AsOf) -> list[Move]:
    seen = [entry for entry in reported.dues if entry[0] <= as_of.end]
    return [Move(reported.title, before[1], after[1], after[0]) for before, after in pairwise(seen)]
