"""Certification: the changes that people make to milestones, and what forges show, replaced by each answer.

Changes are added and never altered. Due dates are added to too, so that it is known when each one was moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.certification.evidence import Evidence, EvidenceUpdate
from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ChangeKind, MilestoneChange, ReportedMilestone
from bot.store.database import Database
from bot.store.membership import one_of
from bot.store.schema import evidence_validators, milestone_changes, pull_requests, reported_milestones

# What stands before the label in the name of a list of issues.
_ISSUES = "issues:"

Dues = tuple[tuple[datetime, date | None], ...]


class CertificationStore:
    """The recorded changes to milestones, and the evidence of certification that forges show."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_change(self, repository: str, series: str, change: MilestoneChange) -> MilestoneChange:
        """Record a change to the milestones of a series, and return it with the number that it got."""
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
        with self._database.writing() as connection:
            number = connection.scalar(sa.insert(milestone_changes).values(values).returning(milestone_changes.c.id))
        return replace(change, number=number or 0)

    def changes(self) -> dict[tuple[str, str], list[MilestoneChange]]:
        """Read every change to milestones by repository and series, in the order they were recorded."""
        found: dict[tuple[str, str], list[MilestoneChange]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(sa.select(milestone_changes).order_by(milestone_changes.c.id)):
                found.setdefault((row.repository, row.series), []).append(_change_of(row))
        return found

    def evidence(self, repository: str) -> Evidence:
        """Read what is held of the traces of certification in one repository."""
        with self._database.reading() as connection:
            return _read_evidence(connection, repository)

    def write_evidence(self, repository: str, answer: EvidenceUpdate) -> None:
        """Record what a forge said of them; lists that it says nothing of stay as they are."""
        with self._database.writing() as connection:
            held = _read_evidence(connection, repository)
            if answer.milestones is not None:
                _replace(connection, repository, "milestones", answer.milestones, held.milestones)
            for label, issues in answer.issues.items():
                _replace(connection, repository, f"{_ISSUES}{label}", issues, held.issues.get(label, ()))
            if answer.pulls is not None:
                _put_pulls(connection, repository, answer.pulls, held.pulls)
            if dict(answer.validators) != dict(held.validators):
                connection.execute(sa.delete(evidence_validators).where(evidence_validators.c.repository == repository))
                _insert(
                    connection,
                    evidence_validators,
                    [{"repository": repository, "list": name, "validator": v} for name, v in answer.validators.items()],
                )


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


def _read_evidence(connection: sa.Connection, repository: str) -> Evidence:
    """Read what is held of one repository."""
    rows = connection.execute(
        sa.select(reported_milestones)
        .where(reported_milestones.c.repository == repository)
        .order_by(reported_milestones.c.number)
    ).all()
    pulls = sa.select(pull_requests).where(pull_requests.c.repository == repository).order_by(pull_requests.c.number)
    validators = sa.select(evidence_validators).where(evidence_validators.c.repository == repository)
    return Evidence(
        milestones=tuple(_reported(row) for row in rows if row.list == "milestones"),
        issues=_by_label(rows),
        pulls=tuple(PullRequest(row.number, row.title, row.branch, row.created) for row in connection.execute(pulls)),
        validators={row.list: row.validator for row in connection.execute(validators)},
    )


def _replace(
    connection: sa.Connection,
    repository: str,
    name: str,
    reported: Sequence[ReportedMilestone],
    held: Sequence[ReportedMilestone],
) -> None:
    dues = {each.number: each.dues for each in held}
    table = reported_milestones
    connection.execute(sa.delete(table).where(table.c.repository == repository, table.c.list == name))
    rows = [
        {
            "repository": repository,
            "list": name,
            "number": each.number,
            "title": each.title,
            "created": each.created,
            "closed": each.closed,
            "url": each.url,
            "dues": _written(_continued(dues.get(each.number, ()), each.dues)),
        }
        for each in {each.number: each for each in reported}.values()
    ]
    _insert(connection, table, rows)


def _by_label(rows: Iterable[Any]) -> dict[str, tuple[ReportedMilestone, ...]]:
    issues: dict[str, tuple[ReportedMilestone, ...]] = {}
    for row in rows:
        if row.list.startswith(_ISSUES):
            label = row.list.removeprefix(_ISSUES)
            issues[label] = (*issues.get(label, ()), _reported(row))
    return issues


def _put_pulls(
    connection: sa.Connection, repository: str, pulls: Iterable[PullRequest], held: Sequence[PullRequest]
) -> None:
    """Write pull requests that are new or changed; older ones, which no answer repeats, are kept."""
    known = {pull.number: pull for pull in held}
    changed = {pull.number: pull for pull in pulls if known.get(pull.number) != pull}
    table = pull_requests
    if changed:
        connection.execute(sa.delete(table).where(table.c.repository == repository, one_of(table.c.number, changed)))
    rows = [
        {
            "repository": repository,
            "number": pull.number,
            "title": pull.title,
            "branch": pull.branch,
            "created": pull.created,
        }
        for pull in changed.values()
    ]
    _insert(connection, table, rows)


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def _continued(held: Dues, new: Dues) -> Dues:
    """Add the due date seen now, unless it is the one that was seen last."""
    return (*held, *(entry for entry in new if not held or entry[1] != held[-1][1]))


def _written(dues: Dues) -> list[list[str | None]]:
    return [[seen.isoformat(), None if due is None else due.isoformat()] for seen, due in dues]


def _reported(row: Any) -> ReportedMilestone:
    dues = tuple((datetime.fromisoformat(seen), date.fromisoformat(due) if due else None) for seen, due in row.dues)
    return ReportedMilestone(row.number, row.title, row.created, dues, row.closed, row.url)
