"""Certifying: the plans of all series in certification, and the changes that people make to them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.certification.certification import (
    Certification,
    Plan,
    certification_of,
    has_begun,
    is_planned,
    told_milestones,
)
from bot.domain.certification.changes import effective
from bot.domain.certification.evidence import Evidence
from bot.domain.certification.hints import hints_of
from bot.domain.certification.milestones import (
    ChangeKind,
    Milestone,
    MilestoneChange,
    find_milestone,
    milestones_after,
)
from bot.domain.clocks import EVER
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.series_status import Line, line_of, marked_series
from bot.domain.values import dataclass
from bot.services.names import lines_named, unknown_series

if TYPE_CHECKING:
    from bot.store.certification import CertificationStore
    from bot.store.releases import ReleaseStore
    from bot.store.store import Store

# A file does not say since when it plans a certification: since the day before it was read, so that what looks from
# now, or from a slot of today, always finds it, and what looks from years ago does not.
_CONFIGURED_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Order:
    """A change that a person asks for: to which milestone of which series, and what.

    ``title`` may be a part of the milestone's title, but for a new one.
    """

    kind: ChangeKind
    title: str
    milestone_kind: str = ""
    day: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a change, and the moment and day of making it."""

    who: str
    now: AsOf


def plans_as_known(
    configured: Sequence[Plan], repositories: Sequence[Repository], recorded: "CertificationStore", now: AsOf
) -> list[Plan]:
    """Return the configured plans with the changes made since, and a plan for each series that has only changes.

    Each comes with what the forge shows of it. A series all of whose changes were taken back has no plan.
    """
    changes = dict(recorded.changes())
    known_at = now.end - _CONFIGURED_BEFORE
    plans = [
        replace(plan, changes=tuple(changes.pop((plan.repository, plan.series), ())), configured_at=known_at)
        for plan in configured
    ]
    plans += [Plan(*key, changes=tuple(made)) for key, made in changes.items() if effective(made, EVER)]
    watched = {repository.key: repository for repository in repositories}
    return [
        with_evidence(plan, watched[plan.repository], recorded.evidence(plan.repository), now.zone)
        for plan in plans
        if plan.repository in watched
    ]


def with_evidence(plan: Plan, repository: Repository, evidence: Evidence, zone: ZoneInfo) -> Plan:
    """Set beside a plan the forge's milestones that it chooses, and the hints of the pull requests."""
    pulls = [replace(pull, url=repository.url_of_pull(pull.number)) for pull in evidence.pulls]
    chosen = [each for each in evidence.milestones if plan.pattern is not None and plan.pattern.is_in(each.title)]
    return replace(
        plan,
        reported=(*chosen, *evidence.issues.get(plan.label, ())),
        hints=tuple(hints_of(pulls, plan.series, repository.scheme, zone)),
    )


def certifications(
    repositories: Sequence[Repository], plans: Sequence[Plan], recorded: "ReleaseStore", as_of: AsOf
) -> list[Certification]:
    """Return the status at ``as_of`` of the certifications that people had configured or changed by then."""
    watched = [plan for plan in plans if any(plan.repository == repository.key for repository in repositories)]
    releases: dict[Line, list[Release]] = {(plan.repository, plan.series): [] for plan in watched}
    for release in recorded.of_lines(releases):
        releases[line_of(release)].append(release)
    held = [(plan, releases[plan.repository, plan.series]) for plan in watched]
    return [certification_of(plan, found, as_of) for plan, found in held if is_planned(plan, found, as_of)]


def certification_at(plan: Plan, recorded: "ReleaseStore", as_of: AsOf) -> Certification | None:
    """Return the status of one series' certification, whatever its source; None where it had not begun."""
    releases = recorded.of_lines([(plan.repository, plan.series)])
    return certification_of(plan, releases, as_of) if has_begun(plan, releases, as_of) else None


def planned_lines(plans: Sequence[Plan]) -> frozenset[tuple[str, str]]:
    """Return the series, each after its repository, that have a plan: those are known, even without a release."""
    return frozenset((plan.repository, plan.series) for plan in plans)


def plan_named(
    text: str,
    repositories: Sequence[Repository],
    plans: Sequence[Plan],
    store: "Store",
    watched: Sequence[Repository],
) -> Plan:
    """Find the plan of a series in any spelling, or begin one. Raises UsageError for an unknown or unclear series.

    A series is known when it has a plan, a release or a status; ``watched`` are the repositories that may have one
    that these have not.
    """
    lines = lines_named(text, repositories)
    planned = [plan for plan in plans if (plan.repository, plan.series) in lines]
    marked = marked_series(watched, store.series.changes()).keys()
    if not planned:
        known = store.releases.known_series(lines).keys() | marked
        planned = [Plan(*line) for line in lines if line in known]
    if len(planned) == 1:
        return planned[0]
    if planned:
        keys = " and ".join(plan.repository for plan in planned)
        raise UsageError(f'series "{text}"', f"exists in {keys}", "choose one with --repository")
    raise unknown_series(text, repositories, watched, store.releases, lambda: planned_lines(plans) | marked)


def change(plan: Plan, order: Order, recorded: "CertificationStore", maker: Maker) -> MilestoneChange:
    """Record a change. Raises UsageError, and records nothing, for one that cannot be."""
    if order.kind is ChangeKind.ADD:
        return _record(plan, replace(order, title=_title_of(order, plan, maker)), recorded, maker)
    found = find_milestone(_milestones(plan, maker.now), order.title)
    if order.kind is ChangeKind.DONE and order.day is not None and order.day > maker.now.day:
        raise UsageError(
            f'milestone "{found.title}"', f"done date {order.day} is in the future", "give a date up to today"
        )
    return _record(plan, replace(order, title=found.title, milestone_kind=found.kind), recorded, maker)


def accept(plan: Plan, day: date, title: str, store: "Store", maker: Maker) -> MilestoneChange:
    """Record a suggested date as a done milestone. Raises UsageError for a day that is not suggested."""
    certification = certification_of(plan, store.releases.of([plan.repository]), maker.now)
    hint = next((each for each in certification.hints if each.day == day), None)
    if hint is None:
        days = ", ".join(str(each.day) for each in certification.hints) or "none"
        raise UsageError(f"suggested date {day}", "not found", f"suggested dates: {days}")
    numbers = ", ".join(f"#{pull.number}" for pull in hint.pull_requests)
    order = Order(ChangeKind.ADD, title, hint.kind, day, f"from {numbers}")
    return _record(
        plan, replace(order, title=_title_of(order, plan, maker), kind=ChangeKind.DONE), store.certification, maker
    )


def undo(plans: Sequence[Plan], number: int | None, recorded: "CertificationStore", maker: Maker) -> MilestoneChange:
    """Take back a change, the latest by default. Raises UsageError if there is none, or it was taken back before."""
    standing = [
        (plan, made)
        for plan in plans
        for made in effective(plan.changes, maker.now.end)
        if number in (None, made.number)
    ]
    if not standing:
        which = "the last change" if number is None else f"change {number}"
        raise UsageError(which, "not found", "list the changes: release-bot certification changes")
    plan, last = max(standing, key=lambda entry: entry[1].number)
    taken_back = MilestoneChange(
        0, maker.now.end, maker.who, ChangeKind.UNDO, last.title, last.milestone_kind, undoes=last.number
    )
    recorded.add_change(plan.repository, plan.series, taken_back)
    return last


def _record(plan: Plan, order: Order, recorded: "CertificationStore", maker: Maker) -> MilestoneChange:
    made = MilestoneChange(
        0, maker.now.end, maker.who, order.kind, order.title, order.milestone_kind, order.day, order.note
    )
    return recorded.add_change(plan.repository, plan.series, made)


def _title_of(order: Order, plan: Plan, maker: Maker) -> str:
    """Return a new milestone's title, made of its kind by default. Raises UsageError for one that is taken."""
    present = _milestones(plan, maker.now)
    title = order.title.strip() or _new_title(order.milestone_kind, present)
    if any(milestone.title.casefold() == title.casefold() for milestone in present):
        raise UsageError(f'milestone "{title}"', "already exists", "move that milestone, or choose another title")
    return title


def _milestones(plan: Plan, as_of: AsOf) -> list[Milestone]:
    return milestones_after(told_milestones(plan, as_of), plan.changes, until=as_of.end, zone=as_of.zone)


def _new_title(kind: str, present: Sequence[Milestone]) -> str:
    """Name a new milestone after its kind, with the first number that is free."""
    words = kind.replace("-", " ").capitalize()
    titles = {milestone.title.casefold() for milestone in present}
    numbered = [f"{words} {number}" for number in range(1, len(present) + 2)]
    names = numbered if kind == "hackathon" else [words, *numbered[1:]]
    return next(name for name in names if name.casefold() not in titles)
