"""How a certification stands, for a terminal: the way from the first pre-release to the final one."""

from datetime import date
from zoneinfo import ZoneInfo

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.domain.certifications import Certification
from bot.domain.digests import CertificationDigest
from bot.domain.milestones import ChangeKind, Milestone, MilestoneChange, MilestoneStatus
from bot.render.certification_parts import certification_lines, heading
from bot.render.markup import TEXT
from bot.render.words import printable

_MARKS = {
    MilestoneStatus.DONE: "[green]done[/green]",
    MilestoneStatus.PLANNED: "planned",
    MilestoneStatus.OVERDUE: "[red]overdue[/red]",
    MilestoneStatus.DROPPED: "[dim]dropped[/dim]",
}
_VERBS = {ChangeKind.ADD: "added", ChangeKind.DONE: "done", ChangeKind.MOVE: "moved", ChangeKind.DROP: "dropped"}


def certification_table(certification: Certification, zone: ZoneInfo) -> RenderableType:
    """Show a certification: its state in words, the way by date, and the changes that people made."""
    part = CertificationDigest(certification, (), certification.moves, ())
    words = [Text(line) for line in certification_lines(part, TEXT, zone, with_period=False)]
    made = [
        Text(f"change {change.number}: {change_line(change, zone)}", style="dim") for change in certification.changes
    ]
    evidence = [
        Text(f"hint of {hint.day}: {printable(pull.title)} {printable(pull.url)}", style="dim")
        for hint in certification.hints
        for pull in hint.pull_requests
    ]
    return Lines(Text(heading(certification, TEXT), style="bold"), *words, _way(certification, zone), *evidence, *made)


def change_line(change: MilestoneChange, zone: ZoneInfo) -> str:
    """Say what was changed, by whom and when."""
    at = f"{change.at.astimezone(zone):%Y-%m-%d %H:%M} by {printable(change.who)}"
    if change.kind is ChangeKind.UNDO:
        return f"change {change.undoes} undone, {at}"
    day = f" {'to' if change.kind is ChangeKind.MOVE else 'on'} {change.day}" if change.day else ""
    note = f" ({printable(change.note)})" if change.note else ""
    return f"{printable(change.title)} {_VERBS[change.kind]}{day}{note}, {at}"


def _way(certification: Certification, zone: ZoneInfo) -> Table:
    """List the milestones with the first and the newest pre-release among them, in order of date."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("date", "what", "status", "planned", "note", "source"):
        table.add_column(column, overflow="fold")
    rows = [(milestone.day, _row(milestone, certification.today)) for milestone in certification.milestones]
    ends = dict.fromkeys((*certification.pre_releases[:1], *certification.pre_releases[-1:]))
    for release in ends:
        if release.date is not None:
            day = release.date.astimezone(zone).date()
            rows.append((day, [str(day), escape(printable(release.version)), "[dim]pre-release[/dim]", "", "", "tag"]))
    for _, row in sorted(rows, key=lambda entry: (entry[0] is None, entry[0] or date.min)):
        table.add_row(*row)
    return table


def _row(milestone: Milestone, today: date) -> list[str]:
    slipped = [*milestone.plans, milestone.planned] if milestone.planned else list(milestone.plans)
    return [
        str(milestone.day or ""),
        escape(printable(milestone.title)),
        _MARKS[milestone.status(today)],
        " -> ".join(str(day) for day in slipped),
        escape(printable(milestone.note)),
        milestone.source.value,
    ]
