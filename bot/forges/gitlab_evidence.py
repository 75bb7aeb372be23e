"""GitLab's traces of certification: milestones, issues with a label, merge requests."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from bot.domain.hints import PullRequest
from bot.domain.milestones import ReportedMilestone
from bot.forges.answers import read_date, text_of
from bot.forges.gitlab_client import Asking, GitLabClient
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeError, TokenRefused

_NEWEST_FIRST = {"scope": "all", "state": "all", "order_by": "created_at", "sort": "desc"}


def gitlab_evidence(client: GitLabClient, where: str, request: EvidenceRequest, now: datetime) -> EvidenceAnswer:
    """Read the lists that are wanted; GitLab's lists have no validators."""
    asking = Asking(where, request.path)
    try:
        milestones = tuple(_milestones(client, asking, now)) if request.milestones else ()
        issues = {label: tuple(_issues(client, asking, label, now)) for label in request.labels}
        pulls = tuple(_merge_requests(client, asking, request))
    except ForgeError as error:
        return EvidenceAnswer(request.path, requests=asking.requests, error=error)
    return EvidenceAnswer(request.path, milestones, issues, pulls, requests=asking.requests)


def _milestones(client: GitLabClient, asking: Asking, now: datetime) -> Iterator[ReportedMilestone]:
    for entry in _entries(client, asking, "milestones", {}):
        # GitLab does not say when a milestone was closed; closing it was the last change to most.
        closed = entry.get("updated_at") if entry.get("state") == "closed" else None
        yield from _reported(entry, closed, now)


def _issues(client: GitLabClient, asking: Asking, label: str, now: datetime) -> Iterator[ReportedMilestone]:
    try:
        for entry in _entries(client, asking, "issues", {"labels": label, "scope": "all"}):
            yield from _reported(entry, entry.get("closed_at"), now)
    except TokenRefused:
        # The project is there and readable, so this is GitLab's 403: issues are switched off.
        return


def _merge_requests(client: GitLabClient, asking: Asking, request: EvidenceRequest) -> Iterator[PullRequest]:
    for entry in _entries(client, asking, "merge_requests", _NEWEST_FIRST):
        created = read_date(entry.get("created_at"))
        if created is None or not isinstance(entry.get("iid"), int):
            continue
        if created < request.since:
            return
        branch = text_of(entry, "source_branch")
        yield PullRequest(entry["iid"], text_of(entry, "title"), branch, created)


def _entries(client: GitLabClient, asking: Asking, name: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for page in client.pages(asking, asking.below(name), {**query, "per_page": "100"}):
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
