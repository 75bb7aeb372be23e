"""GitLab's lists of a group's projects, with those of the groups in it, or of a user's."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bot.domain.organisations import Listed, is_below
from bot.domain.repositories import is_path
from bot.forges.answers import id_of, text_of
from bot.forges.gitlab_client import Asking, GitLabClient
from bot.services.ports import ForgeUnavailable, RepositoryNotFound

_OLDEST_FIRST = {"per_page": "100", "order_by": "id", "sort": "asc"}
# Projects that are shared with a group belong to another.
_OF_A_GROUP = {**_OLDEST_FIRST, "include_subgroups": "true", "with_shared": "false"}


def list_group(client: GitLabClient, where: str, path: str) -> list[Listed]:
    """List the projects of a group and of the groups in it, or of a user, that the token can see. Raises ForgeError."""
    name = quote(path, safe="")
    for address, query in ((f"/groups/{name}/projects", _OF_A_GROUP), (f"/users/{name}/projects", _OLDEST_FIRST)):
        try:
            found = _projects(client, Asking(where, path), address, query)
            return [each for each in found if is_below(each.path, path)]
        except RepositoryNotFound:
            continue
    raise RepositoryNotFound(where, "GitLab knows no such group or user", "check the path; a private one needs a token")


def _projects(client: GitLabClient, asking: Asking, address: str, query: dict[str, str]) -> Iterator[Listed]:
    for page in client.pages(asking, address, query):
        yield from (_listed(asking.where, entry) for entry in page.entries)


def _listed(where: str, entry: Any) -> Listed:
    path = text_of(entry, "path_with_namespace")
    if not is_path(path) or "/" not in path:
        raise ForgeUnavailable(where, "GitLab's list of projects has an entry that is none")
    is_fork = isinstance(entry.get("forked_from_project"), dict)
    is_archived = entry.get("archived") is True
    return Listed(path, is_fork=is_fork, is_archived=is_archived, identity=id_of(entry, "id"))
