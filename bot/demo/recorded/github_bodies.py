"""The objects that GitHub's REST API answers with: every field that its description requires."""

import base64
import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

from bot.demo.recorded.clock_text import utc_seconds
from bot.demo.recorded.history import RecordedRelease, RecordedTag
from bot.demo.recorded.snapshot import RecordedObject, Snapshot

# Who tagged, who committed and what they wrote is not in the recorded facts.
PERSON = {"name": "Recorded", "email": "recorded@example.invalid"}
UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


@dataclass(frozen=True)
class RepositoryAddress:
    """Where a repository is served: the addresses of its objects are made from it."""

    base: str
    path: str

    @property
    def api(self) -> str:
        """Return the repository's address in the API."""
        return f"{self.base}/repos/{self.path}"

    @property
    def html(self) -> str:
        """Return the address of its page."""
        return f"{self.base}/{self.path}"


def number(*parts: str) -> int:
    """Make the number that identifies something for ever."""
    return zlib.crc32("/".join(parts).lower().encode())


def repository_id(snapshot: Snapshot) -> int:
    """Return the number of a repository, which it keeps when it is renamed."""
    return number(snapshot.identity) & 0x7FFFFFFF


def node_id(kind: str, *parts: str) -> str:
    """Make the global id that the GraphQL API knows it by."""
    return f"{kind}_{base64.urlsafe_b64encode('/'.join(parts).encode()).decode().rstrip('=')}"


def tree_of(commit: str) -> str:
    """Make the id of a commit's tree: it is not in the recorded facts."""
    return hashlib.sha1(f"tree {commit}".encode(), usedforsecurity=False).hexdigest()


def ref(place: RepositoryAddress, tag: RecordedTag) -> dict[str, Any]:
    """Return the JSON of a ref as a git-ref."""
    kind = "tag" if tag.tag_object else tag.target_type
    return {
        "ref": f"refs/tags/{tag.name}",
        "node_id": node_id("REF", place.path, "refs/tags", tag.name),
        "url": f"{place.api}/git/refs/tags/{tag.name}",
        "object": _object(place, tag.target, kind),
    }


def annotated(place: RepositoryAddress, tag: RecordedTag) -> dict[str, Any]:
    """Return the JSON of the tag object of an annotated tag as a git-tag."""
    return {
        "node_id": node_id("TA", place.path, tag.target),
        "tag": tag.name,
        "sha": tag.target,
        "url": f"{place.api}/git/tags/{tag.target}",
        "message": f"{tag.name}\n",
        "tagger": {**PERSON, "date": utc_seconds(tag.tagged)} if tag.tagged else None,
        "object": _object(place, tag.commit, tag.target_type),
        "verification": UNSIGNED,
    }


def _object(place: RepositoryAddress, oid: str, kind: str) -> dict[str, str]:
    return {"sha": oid, "type": kind, "url": f"{place.api}/git/{kind}s/{oid}"}


def git_commit(place: RepositoryAddress, commit: RecordedObject) -> dict[str, Any]:
    """Return the JSON of a commit as a git-commit."""
    person = {**PERSON, "date": utc_seconds(commit.committed)}
    return {
        "sha": commit.oid,
        "node_id": node_id("C", place.path, commit.oid),
        "url": f"{place.api}/git/commits/{commit.oid}",
        "html_url": f"{place.html}/commit/{commit.oid}",
        "author": person,
        "committer": person,
        "tree": _tree(place, commit.oid),
        "message": "recorded commit",
        "parents": [],
        "verification": UNSIGNED,
    }


def commit(place: RepositoryAddress, found: RecordedObject) -> dict[str, Any]:
    """Return the JSON of a commit as ``/commits/{sha}`` does."""
    inner = git_commit(place, found)
    kept = ("url", "author", "committer", "message", "tree", "verification")
    return {
        "sha": found.oid,
        "node_id": inner["node_id"],
        "commit": {name: inner[name] for name in kept} | {"comment_count": 0},
        "url": f"{place.api}/commits/{found.oid}",
        "html_url": inner["html_url"],
        "comments_url": f"{place.api}/commits/{found.oid}/comments",
        "author": account(place.base, "recorded", "User"),
        "committer": account(place.base, "recorded", "User"),
        "parents": [],
        "stats": {"total": 0, "additions": 0, "deletions": 0},
        "files": [],
    }


def _tree(place: RepositoryAddress, oid: str) -> dict[str, str]:
    tree = tree_of(oid)
    return {"sha": tree, "url": f"{place.api}/git/trees/{tree}"}


def listed_tag(place: RepositoryAddress, tag: RecordedTag) -> dict[str, Any]:
    """Return the JSON of a tag as ``/tags`` does: peeled, without a date."""
    return {
        "name": tag.name,
        "zipball_url": f"{place.api}/zipball/refs/tags/{tag.name}",
        "tarball_url": f"{place.api}/tarball/refs/tags/{tag.name}",
        "commit": {"sha": tag.commit, "url": f"{place.api}/commits/{tag.commit}"},
        "node_id": node_id("REF", place.path, "refs/tags", tag.name),
    }


def release(place: RepositoryAddress, one: RecordedRelease, snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON of a release object."""
    identity = number(place.path, "release", one.tag)
    url = f"{place.api}/releases/{identity}"
    published = None if one.draft or one.published is None else utc_seconds(one.published)
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "html_url": f"{place.html}/releases/tag/{one.tag}",
        "id": identity,
        "author": account(place.base, "recorded", "User"),
        "node_id": node_id("RE", place.path, one.tag),
        "tag_name": one.tag,
        "target_commitish": "main",
        "name": one.tag,
        "draft": one.draft,
        "immutable": False,
        "prerelease": one.prerelease,
        "created_at": utc_seconds(snapshot.created(one)),
        "updated_at": published,
        "published_at": published,
        "assets": [],
        "tarball_url": f"{place.api}/tarball/{one.tag}",
        "zipball_url": f"{place.api}/zipball/{one.tag}",
        "body": one.body,
    }


def account(base: str, login: str, kind: str) -> dict[str, Any]:
    """Return the JSON of an account as a simple-user."""
    url = f"{base}/users/{login}"
    lists = ("followers", "subscriptions", "repos", "received_events")
    return {
        "login": login,
        "id": number("account", login),
        "node_id": node_id("U", login),
        "avatar_url": f"{base}/avatars/{login}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{base}/{login}",
        **{f"{name}_url": f"{url}/{name}" for name in lists},
        "organizations_url": f"{url}/orgs",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "events_url": f"{url}/events{{/privacy}}",
        "type": kind,
        "site_admin": False,
    }
