"""The state of a certification as tables, from the first pre-release to the final release."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.certification.certification import Certification
from bot.domain.certification.milestones import ChangeKind, Milestone, MilestoneChange, MilestoneStatus
from bot.domain.digests.digest import CertificationDigest
from bot.render.certification_parts import certification_lines, heading
from bot.render.markup import TEXT
from bot.render.table import Cell, Column, Style, Table
from bot.render.words import printable

_COLUMNS = (
    Column("date"),
    Column("what"),
    Column("status"),
    Column("planned", rank=2),
    Column("note", rank=1),
    Column("source", rank=3),
)
_STYLES = {
    MilestoneStatus.DONE: Style.OK,
    MilestoneStatus.PLANNED: Style.PLAIN,
    MilestoneStatus.OVERDUE: Style.ERROR,
    MilestoneStatus.DROPPED: Style.FAINT,
}
_VERBS = {ChangeKind.ADD: "added", ChangeKind.DONE: "done", ChangeKind.MOVE: "moved", ChangeKind.DROP: "dropped"}


def certification_table(certification: Certification, zone: ZoneInfo) -> Table:
    """Return a certification as a table: state, milestones by date, suggestions, and people's changes."""
    part = CertificationDigest(certification, (), certification.moves, ())
    hints = [
        f"suggested for {hint.day}: {pull.title} {pull.url}"
        for hint in certification.hints
        for pull in hint.pull_requests
    ]
    changes = [f"change {change.number}: {change_line(change, zone)}" for change in certification.changes]
    way = Table.of(_COLUMNS, _way(certification, zone))
    return replace(
        way,
        title=heading(certification, TEXT),
        lines=tuple(certification_lines(part, TEXT, zone, with_period=False)),
        footer=(*hints, *changes),
    )


def certifications_sheet(certifications: Iterable[Certification], zone: ZoneInfo) -> Table:
    """Return the milestones of certifications by date in one table, each row with its repository and series."""
    columns = (Column("repository"), Column("series"), *_COLUMNS)
    return Table.of(columns, ([of.repository, of.series, *row] for of in certifications for row in _way(of, zone)))


def change_line(change: MilestoneChange, zone: ZoneInfo) -> str:
    """Return what was changed, by whom and when."""
    at = f"{change.at.astimezone(zone):%Y-%m-%d %H:%M} by {printable(change.who)}"
    if change.kind is ChangeKind.UNDO:
        return f"change {change.undoes} undone, {at}"
    day = f" {'to' if change.kind is ChangeKind.MOVE else 'on'} {change.day}" if change.day else ""
    note = f" ({printable(change.note)})" if change.note else ""
    return f"{printable(change.title)} {_VERBS[change.kind]}{day}{note}, {at}"


def _way(certification: Certification, zone: ZoneInfo) -> list[list[str | Cell]]:
    """Return rows for the milestones and the first and newest pre-release, in order of date."""
    rows = [(milestone.day, _row(milestone, certification.today)) for milestone in certification.milestones]
    ends = dict.fromkeys((*certification.pre_releases[:1], *certification.pre_releases[-1:]))
    for release in ends:
        if release.date is not None:
            day = release.date.astimezone(zone).date()
            rows.append((day, [str(day), release.version, Cell("pre-release", Style.FAINT), "", "", "tag"]))
    return [row for _, row in sorted(rows, key=lambda entry: (entry[0] is None, entry[0] or date.min))]


def _row(milestone: Milestone, today: date) -> list[str | Cell]:
    slipped = [*milestone.plans, milestone.planned] if milestone.planned else list(milestone.plans)
    status = milestone.status(today)
    return [
        str(milestone.day or ""),
        milestone.title,
        Cell(status.value, _STYLES[status]),
        " -> ".join(str(day) for day in slipped),
        milestone.note,
        milestone.source.value,
    ]
