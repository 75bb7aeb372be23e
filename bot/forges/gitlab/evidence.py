"""GitLab's traces of certification: milestones, issues with a label, merge requests."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ReportedMilestone
from bot.forges.counter import RequestCounter
from bot.forges.gitlab.client import GitLabClient, project_address
from bot.forges.payload import read_date, text_of
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeError, TokenRefused

_NEWEST_FIRST = {"scope": "all", "state": "all", "order_by": "created_at", "sort": "desc"}


def gitlab_evidence(client: GitLabClient, where: str, request: EvidenceRequest, now: datetime) -> EvidenceAnswer:
    """Read the lists that are wanted; GitLab's lists have no validators."""
    counter = RequestCounter(where, request.path)
    try:
        milestones = tuple(_milestones(client, counter, now)) if request.milestones else ()
        issues = {label: tuple(_issues(client, counter, label, now)) for label in request.labels}
        pulls = tuple(_merge_requests(client, counter, request))
    except ForgeError as error:
        return EvidenceAnswer(request.path, requests=counter.requests, error=error)
    return EvidenceAnswer(request.path, milestones, issues, pulls, requests=counter.requests)


def _milestones(client: GitLabClient, counter: RequestCounter, now: datetime) -> Iterator[ReportedMilestone]:
    for entry in _entries(client, counter, "milestones", {}):
        # GitLab does not say when a milestone was closed; closing it was the last change to most.
        closed = entry.get("updated_at") if entry.get("state") == "closed" else None
        yield from _reported(entry, closed, now)


def _issues(client: GitLabClient, counter: RequestCounter, label: str, now: datetime) -> Iterator[ReportedMilestone]:
    try:
        for entry in _entries(client, counter, "issues", {"labels": label, "scope": "all"}):
            yield from _reported(entry, entry.get("closed_at"), now)
    except TokenRefused:
        # The project is there and readable, so this is GitLab's 403: issues are switched off.
        return


def _merge_requests(client: GitLabClient, counter: RequestCounter, request: EvidenceRequest) -> Iterator[PullRequest]:
    for entry in _entries(client, counter, "merge_requests", _NEWEST_FIRST):
        created = read_date(entry.get("created_at"))
        if created is None or not isinstance(entry.get("iid"), int):
            continue
        if created < request.since:
            return
        branch = text_of(entry, "source_branch")
        yield PullRequest(entry["iid"], text_of(entry, "title"), branch, created)


def _entries(
    client: GitLabClient, counter: RequestCounter, name: str, query: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for page in client.pages(counter, project_address(counter.path, f"/{name}"), {**query, "per_page": "100"}):
        yield from (entry for entry in page.entries if isinstance(entry, dict))


def _reported(entry: dict[str, Any], closed: object, now: datetime) -> Iterator[ReportedMilestone]:
    created = read_date(entry.get("created_at"))
    if created is not None and isinstance(entry.get("iid"), int):
        yield ReportedMilestone(
            number=entry["iid"],
            title=text_of(entry, "title"),
            created=created,
            dues=((now, _day(text_of(entry, "due_date"))),),
            closed=read_date(closed),
            url=text_of(entry, "web_url") or None,
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
