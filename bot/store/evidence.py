"""What forges show of certification: replaced by each answer, but for the due dates, which are added to."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.certification.evidence import Evidence
from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ReportedMilestone
from bot.services.ports import EvidenceAnswer
from bot.store.membership import one_of
from bot.store.tables import evidence_validators, pull_requests, reported_milestones

# What stands before the label in the name of a list of issues.
_ISSUES = "issues:"

Dues = tuple[tuple[datetime, date | None], ...]


def read_evidence(connection: sa.Connection, repository: str) -> Evidence:
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


def write_evidence(connection: sa.Connection, repository: str, answer: EvidenceAnswer) -> None:
    """Write an answer; lists that it says nothing of stay as they are."""
    held = read_evidence(connection, repository)
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
