"""GitHub's lists of an organisation's or a user's repositories."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bot.domain.organisations import Listed, is_below
from bot.domain.repositories import is_path
from bot.forges.answers import id_of, text_of
from bot.forges.github_client import GitHubClient
from bot.forges.github_wire import Asking
from bot.services.ports import ForgeUnavailable, RepositoryNotFound

_A_PAGE = 100
# Far more than any organisation has.
_MOST_PAGES = 1_000


def list_organisation(client: GitHubClient, where: str, path: str) -> list[Listed]:
    """List the repositories of an organisation that the token can see, or the public ones of a user.

    Raises ForgeError.
    """
    name = quote(path, safe="")
    for address in (f"/orgs/{name}/repos", f"/users/{name}/repos"):
        try:
            return [each for each in _pages(client, Asking(where), address) if is_below(each.path, path)]
        except RepositoryNotFound:
            continue
    raise RepositoryNotFound(where, "GitHub knows no such organisation or user", "check the name")


def _pages(client: GitHubClient, asking: Asking, address: str) -> Iterator[Listed]:
    for number in range(1, _MOST_PAGES + 1):
        entries = client.get(asking, f"{address}?per_page={_A_PAGE}&page={number}").value
        if not isinstance(entries, list):
            raise ForgeUnavailable(asking.where, "GitHub's list of repositories is no list")
        yield from (_listed(asking.where, entry) for entry in entries)
        if len(entries) < _A_PAGE:
            return
    raise ForgeUnavailable(asking.where, "GitHub's list of repositories has no end")


def _listed(where: str, entry: Any) -> Listed:
    path = text_of(entry, "full_name")
    if not is_path(path) or path.count("/") != 1:
        raise ForgeUnavailable(where, "GitHub's list of repositories has an entry that is none")
    is_archived = entry.get("archived") is True
    return Listed(path, is_fork=entry.get("fork") is True, is_archived=is_archived, identity=id_of(entry, "id"))
