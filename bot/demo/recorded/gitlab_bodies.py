"""The objects that GitLab's API answers with."""

from datetime import datetime
from typing import Any

from bot.demo.recorded.clock_text import local_milliseconds
from bot.demo.recorded.github_bodies import PERSON, RepositoryAddress, number
from bot.demo.recorded.history import RecordedRelease, RecordedTag
from bot.demo.recorded.snapshot import RecordedObject, Snapshot, peeled

_COUNTED = ("forks_count", "star_count", "open_issues_count")


def project_id(path: str) -> int:
    """Make the number that a project is known by."""
    return number("project", path) & 0x7FFFFFFF


def project(place: RepositoryAddress, snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON of a project as everyone may see it."""
    group, _, name = snapshot.path.rpartition("/")
    newest = snapshot.newest
    first = min((found.committed for found in snapshot.objects.values()), default=None)
    host = place.base.partition("://")[2]
    return {
        "id": project_id(snapshot.identity),
        "description": None,
        "name": name,
        "name_with_namespace": " / ".join(snapshot.path.split("/")),
        "path": name,
        "path_with_namespace": snapshot.path,
        "created_at": local_milliseconds(first) if first else None,
        "default_branch": None if snapshot.empty else "main",
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{host}:{snapshot.path}.git",
        "http_url_to_repo": f"{place.html}.git",
        "web_url": place.html,
        "readme_url": None,
        "avatar_url": None,
        **dict.fromkeys(_COUNTED, 0),
        "last_activity_at": local_milliseconds(newest.committed) if newest else None,
        "visibility": "public",
        "archived": snapshot.archived,
        "empty_repo": snapshot.empty,
        "namespace": _namespace(place, group),
        **({"forked_from_project": {"id": 1, "path_with_namespace": f"elsewhere/{name}"}} if snapshot.fork else {}),
    }


def _namespace(place: RepositoryAddress, group: str) -> dict[str, Any]:
    parent, _, name = group.rpartition("/")
    return {
        "id": project_id(group),
        "name": name,
        "path": name,
        "kind": "group",
        "full_path": group,
        "parent_id": project_id(parent) if parent else None,
        "avatar_url": None,
        "web_url": f"{place.base}/groups/{group}",
    }


def tag(place: RepositoryAddress, one: RecordedTag, snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON of a tag with its commit; ``created_at`` is there for annotated tags only."""
    found = snapshot.releases.get(one.name)
    return {
        "name": one.name,
        "message": one.name if one.tag_object else "",
        "target": one.target,
        "commit": commit(place, peeled(one)) if one.target_type == "commit" else None,
        "release": {"tag_name": one.name, "description": found.body} if found and found.published else None,
        "protected": False,
        "created_at": local_milliseconds(one.tagged) if one.tag_object and one.tagged else None,
    }


def commit(place: RepositoryAddress, found: RecordedObject) -> dict[str, Any]:
    """Return the JSON of a commit; what people wrote and their names are not in the recorded facts."""
    date = local_milliseconds(found.committed)
    people = {f"{role}_{key}": PERSON[key] for role in ("author", "committer") for key in ("name", "email")}
    return {
        "id": found.oid,
        "short_id": found.oid[:8],
        "created_at": date,
        "parent_ids": [],
        "title": "recorded commit",
        "message": "recorded commit",
        **people,
        "authored_date": date,
        "committed_date": date,
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{place.html}/-/commit/{found.oid}",
    }


def release(place: RepositoryAddress, one: RecordedRelease, snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    """Return the JSON of a release; GitLab has neither drafts nor a pre-release mark, but announces releases."""
    found = snapshot.by_name.get(one.tag)
    released = local_milliseconds(one.published) if one.published else None
    return {
        "tag_name": one.tag,
        "name": one.tag,
        "description": one.body,
        "created_at": released,
        "released_at": released,
        "upcoming_release": one.published is not None and one.published > now,
        "author": author(place),
        "commit": commit(place, peeled(found)) if found and found.target_type == "commit" else None,
        "commit_path": f"/{snapshot.path}/-/commit/{found.commit}" if found else None,
        "tag_path": f"/{snapshot.path}/-/tags/{one.tag}",
        "assets": {"count": 0, "sources": [], "links": []},
        "evidences": [],
        "_links": {"self": f"{place.html}/-/releases/{one.tag}"},
    }


def author(place: RepositoryAddress) -> dict[str, Any]:
    """Return the JSON of who wrote it: a placeholder, since that is not in the recorded facts."""
    return {
        "id": 1,
        "username": "recorded",
        "name": PERSON["name"],
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{place.base}/recorded",
    }
