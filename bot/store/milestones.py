"""The changes that people make to milestones: added, read, never altered."""

from dataclasses import replace

import sqlalchemy as sa

from bot.domain.certification.milestones import ChangeKind, MilestoneChange
from bot.store.tables import milestone_changes


def add_change(connection: sa.Connection, repository: str, series: str, change: MilestoneChange) -> MilestoneChange:
    """Keep a change, and give it with the number that it got."""
    values = {
        "repository": repository,
        "series": series,
        "at": change.at,
        "who": change.who,
        "kind": change.kind.value,
        "title": change.title,
        "milestone_kind": change.milestone_kind,
        "day": change.day,
        "note": change.note,
        "undoes": change.undoes,
    }
    number = connection.scalar(sa.insert(milestone_changes).values(values).returning(milestone_changes.c.id))
    return replace(change, number=number or 0)


def read_changes(connection: sa.Connection) -> dict[tuple[str, str], list[MilestoneChange]]:
    """Read every change by repository and series, in the order they were kept."""
    found: dict[tuple[str, str], list[MilestoneChange]] = {}
    for row in connection.execute(sa.select(milestone_changes).order_by(milestone_changes.c.id)):
        found.setdefault((row.repository, row.series), []).append(_change_of(row))
    return found


def _change_of(row: sa.Row[tuple[object, ...]]) -> MilestoneChange:
    return MilestoneChange(
        number=row.id,
        at=row.at,
        who=row.who,
        kind=ChangeKind(row.kind),
        title=row.title,
        milestone_kind=row.milestone_kind,
        day=row.day,
        note=row.note,
        undoes=row.undoes,
    )
