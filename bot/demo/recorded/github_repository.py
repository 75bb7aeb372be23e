"""A repository as GitHub's REST API describes it: the long one, ``full-repository``."""

from typing import Any

from bot.demo.recorded.clock_text import utc_seconds
from bot.demo.recorded.github_bodies import RepositoryAddress, account, node_id, repository_id
from bot.demo.recorded.snapshot import Snapshot

# What follows the repository's address in each of its *_url fields.
_ADDRESSES = {
    "forks": "/forks",
    "keys": "/keys{/key_id}",
    "collaborators": "/collaborators{/collaborator}",
    "teams": "/teams",
    "hooks": "/hooks",
    "issue_events": "/issues/events{/number}",
    "events": "/events",
    "assignees": "/assignees{/user}",
    "branches": "/branches{/branch}",
    "tags": "/tags",
    "blobs": "/git/blobs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "git_refs": "/git/refs{/sha}",
    "trees": "/git/trees{/sha}",
    "statuses": "/statuses/{sha}",
    "languages": "/languages",
    "stargazers": "/stargazers",
    "contributors": "/contributors",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "commits": "/commits{/sha}",
    "git_commits": "/git/commits{/sha}",
    "comments": "/comments{/number}",
    "issue_comment": "/issues/comments{/number}",
    "contents": "/contents/{+path}",
    "compare": "/compare/{base}...{head}",
    "merges": "/merges",
    "archive": "/{archive_format}{/ref}",
    "downloads": "/downloads",
    "issues": "/issues{/number}",
    "pulls": "/pulls{/number}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "labels": "/labels{/name}",
    "releases": "/releases{/id}",
    "deployments": "/deployments",
}
_COUNTS = (
    "size",
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "subscribers_count",
    "network_count",
)
_ABSENT = ("description", "homepage", "language", "license", "mirror_url")
_FLAGS = {
    "private": False,
    "disabled": False,
    "is_template": False,
    "has_projects": True,
    "has_downloads": True,
    "has_wiki": True,
    "has_pages": False,
    "has_discussions": False,
    "allow_forking": True,
    "web_commit_signoff_required": False,
}


def repository(place: RepositoryAddress, snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON of a repository; what is not in the recorded facts is empty or zero."""
    owner, _, name = snapshot.path.partition("/")
    newest = snapshot.newest
    pushed = utc_seconds(newest.committed) if newest else "1970-01-01T00:00:00Z"
    return {
        "id": repository_id(snapshot),
        "node_id": node_id("R", snapshot.path),
        "name": name,
        "full_name": snapshot.path,
        "owner": account(place.base, owner, "Organization"),
        **_addresses(place),
        **dict.fromkeys(_COUNTS, 0),
        **dict.fromkeys(_ABSENT),
        **_FLAGS,
        "fork": snapshot.fork,
        "archived": snapshot.archived,
        "has_issues": snapshot.has_issues,
        "topics": [],
        "visibility": "public",
        "default_branch": "main",
        "created_at": created(snapshot),
        "updated_at": pushed,
        "pushed_at": pushed,
    }


def created(snapshot: Snapshot) -> str:
    """Return when the oldest recorded commit was made: the best that is known of the repository's beginning."""
    return utc_seconds(snapshot.oldest) if snapshot.oldest else "1970-01-01T00:00:00Z"


def _addresses(place: RepositoryAddress) -> dict[str, str]:
    host = place.base.partition("://")[2]
    return {
        "html_url": place.html,
        "url": place.api,
        **{f"{name}_url": place.api + rest for name, rest in _ADDRESSES.items()},
        "clone_url": f"{place.html}.git",
        "svn_url": place.html,
        "git_url": f"git://{host}/{place.path}.git",
        "ssh_url": f"git@{host}:{place.path}.git",
    }
