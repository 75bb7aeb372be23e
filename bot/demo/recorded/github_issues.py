"""GitHub's milestones, issues and pull requests, with every field that their description requires."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from bot.demo.recorded.clock_text import utc_seconds
from bot.demo.recorded.github_bodies import RepositoryAddress, account, node_id, number
from bot.demo.recorded.github_repository import repository
from bot.demo.recorded.history import RecordedMilestone, RecordedPull
from bot.demo.recorded.snapshot import Snapshot

_WRITER = "recorded"


def milestone(place: RepositoryAddress, one: RecordedMilestone) -> dict[str, Any]:
    """Return the JSON of a milestone."""
    url = f"{place.api}/milestones/{one.number}"
    due = None if one.due is None else utc_seconds(datetime.combine(one.due, time(8), UTC))
    return {
        "url": url,
        "html_url": f"{place.html}/milestone/{one.number}",
        "labels_url": f"{url}/labels",
        "id": number(place.path, "milestone", str(one.number)),
        "node_id": node_id("MI", place.path, str(one.number)),
        "number": one.number,
        "title": one.title,
        "description": None,
        "creator": account(place.base, _WRITER, "User"),
        "open_issues": 0,
        "closed_issues": 0,
        **_times(one.created, one.closed),
        "due_on": due,
    }


def issue(place: RepositoryAddress, one: RecordedMilestone) -> dict[str, Any]:
    """Return the JSON of an issue; its milestone carries the due date, since an issue has none of its own."""
    url = f"{place.api}/issues/{one.number}"
    return {
        "url": url,
        "repository_url": place.api,
        **{f"{name}_url": f"{url}/{name}" for name in ("comments", "events")},
        "labels_url": f"{url}/labels{{/name}}",
        "html_url": f"{place.html}/issues/{one.number}",
        "id": number(place.path, "issue", str(one.number)),
        "node_id": node_id("I", place.path, str(one.number)),
        "number": one.number,
        "title": one.title,
        "user": account(place.base, _WRITER, "User"),
        "labels": [_label(place, name) for name in one.labels],
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": milestone(place, one) if one.due else None,
        "comments": 0,
        **_times(one.created, one.closed),
        "author_association": "MEMBER",
        "body": None,
        "state_reason": "completed" if one.closed else None,
    }


def pull(place: RepositoryAddress, one: RecordedPull, snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON of a pull request as a list does."""
    url = f"{place.api}/pulls/{one.number}"
    addresses = {
        "issue": f"{place.api}/issues/{one.number}",
        "html": f"{place.html}/pull/{one.number}",
        "diff": f"{place.html}/pull/{one.number}.diff",
        "patch": f"{place.html}/pull/{one.number}.patch",
        "commits": f"{url}/commits",
        "review_comments": f"{url}/comments",
        "review_comment": f"{place.api}/pulls/comments{{/number}}",
        "comments": f"{place.api}/issues/{one.number}/comments",
        "statuses": f"{place.api}/statuses/{number(place.path, str(one.number)):040x}",
    }
    return {
        "url": url,
        "id": number(place.path, "pull", str(one.number)),
        "node_id": node_id("PR", place.path, str(one.number)),
        **{f"{name}_url": address for name, address in addresses.items()},
        "number": one.number,
        "locked": False,
        "title": one.title,
        "user": account(place.base, _WRITER, "User"),
        "body": None,
        "labels": [],
        "milestone": None,
        **_times(one.created, one.merged),
        "merged_at": None if one.merged is None else utc_seconds(one.merged),
        "merge_commit_sha": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _branch(place, snapshot, one.branch),
        "base": _branch(place, snapshot, "main"),
        "_links": {name: {"href": address} for name, address in {"self": url, **addresses}.items() if name in _LINKS},
        "author_association": "MEMBER",
        "auto_merge": None,
        "draft": False,
    }


_LINKS = {"self", "html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses"}


def _times(created: datetime, closed: datetime | None) -> Mapping[str, Any]:
    return {
        "state": "open" if closed is None else "closed",
        "created_at": utc_seconds(created),
        "updated_at": utc_seconds(closed or created),
        "closed_at": None if closed is None else utc_seconds(closed),
    }


def _label(place: RepositoryAddress, name: str) -> dict[str, Any]:
    return {
        "id": number(place.path, "label", name),
        "node_id": node_id("LA", place.path, name),
        "url": f"{place.api}/labels/{name}",
        "name": name,
        "color": "ededed",
        "default": False,
        "description": None,
    }


def _branch(place: RepositoryAddress, snapshot: Snapshot, name: str) -> dict[str, Any]:
    owner = place.path.partition("/")[0]
    return {
        "label": f"{owner}:{name}",
        "ref": name,
        "sha": f"{number(place.path, name):040x}",
        "user": account(place.base, owner, "Organization"),
        "repo": repository(place, snapshot),
    }
