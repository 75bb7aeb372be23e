"""GitLab's milestones, issues and merge requests."""

from datetime import date, datetime
from typing import Any

from bot.demo.recorded.clock_text import local_milliseconds
from bot.demo.recorded.github_bodies import RepositoryAddress, number
from bot.demo.recorded.gitlab_bodies import author, project_id
from bot.demo.recorded.history import RecordedMilestone, RecordedPull


def milestone(place: RepositoryAddress, one: RecordedMilestone) -> dict[str, Any]:
    """Return the JSON of a milestone; GitLab says when it was last changed, and not when it was closed."""
    return {
        "id": number(place.path, "milestone", str(one.number)),
        "iid": one.number,
        "project_id": project_id(place.path),
        "title": one.title,
        "description": "",
        "state": "active" if one.closed is None else "closed",
        "created_at": local_milliseconds(one.created),
        "updated_at": local_milliseconds(one.closed or one.created),
        "due_date": _day(one.due),
        "start_date": None,
        "expired": False,
        "web_url": f"{place.html}/-/milestones/{one.number}",
    }


def issue(place: RepositoryAddress, one: RecordedMilestone) -> dict[str, Any]:
    """Return the JSON of an issue."""
    return {
        **_numbered(place, "issues", one.number, one.title, one.created),
        "state": "opened" if one.closed is None else "closed",
        "closed_at": _moment(one.closed),
        "labels": list(one.labels),
        "due_date": _day(one.due),
        "milestone": None,
        "confidential": False,
        "issue_type": "issue",
    }


def merge_request(place: RepositoryAddress, one: RecordedPull) -> dict[str, Any]:
    """Return the JSON of a merge request."""
    return {
        **_numbered(place, "merge_requests", one.number, one.title, one.created),
        "state": "opened" if one.merged is None else "merged",
        "merged_at": _moment(one.merged),
        "closed_at": None,
        "source_branch": one.branch,
        "target_branch": "main",
        "source_project_id": project_id(place.path),
        "target_project_id": project_id(place.path),
        "labels": [],
        "draft": False,
        "sha": f"{number(place.path, str(one.number)):040x}",
    }


def _numbered(place: RepositoryAddress, kind: str, iid: int, title: str, created: datetime) -> dict[str, Any]:
    return {
        "id": number(place.path, kind, str(iid)),
        "iid": iid,
        "project_id": project_id(place.path),
        "title": title,
        "description": "",
        "created_at": local_milliseconds(created),
        "updated_at": local_milliseconds(created),
        "author": author(place),
        "assignees": [],
        "assignee": None,
        "user_notes_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "web_url": f"{place.html}/-/{kind}/{iid}",
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else local_milliseconds(moment)
