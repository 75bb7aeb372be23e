"""GitHub's lists by REST: every tag of a repository in one request, with an ETag; the repositories of an owner."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bot.domain.organisations import Listed, is_below
from bot.domain.repositories import is_path
from bot.domain.tags import TagRef
from bot.domain.values import dataclass
from bot.forges.counter import RequestCounter
from bot.forges.github.client import ApiResult, EmptyRepository, GitHubClient
from bot.forges.payload import id_of, is_object_id, is_tag_name, text_of
from bot.services.ports import ForgeUnavailable, PollRequest, RepositoryNotFound

_PREFIX = "refs/tags/"
_A_PAGE = 100
# Far more than any organisation has.
_MOST_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class Refs:
    """Every tag, None where nothing changed since the validator; ``bare`` names those on a blob or a tree."""

    refs: tuple[TagRef, ...] | None
    validator: str | None
    bare: tuple[str, ...] = ()


def read_refs(client: GitHubClient, request: PollRequest, counter: RequestCounter) -> Refs:
    """List every tag. Raises ForgeError."""
    held = None if request.full else request.validator
    try:
        answer = client.get(counter, f"/repos/{request.path}/git/matching-refs/tags/", validator=held)
    except EmptyRepository:
        return Refs((), None)
    if answer.is_unchanged:
        return Refs(None, request.validator)
    read = _read(counter.where, answer)
    bare = tuple(ref.name for ref, kind in read if kind in {"blob", "tree"})
    return Refs(tuple(ref for ref, _ in read), answer.validator, bare)


def read_identity(client: GitHubClient, request: PollRequest, counter: RequestCounter) -> str:
    """Ask for GitHub's id of a repository, which stays its own however it is called. Raises ForgeError."""
    try:
        return id_of(client.get(counter, f"/repos/{request.path}").value, "id")
    except EmptyRepository:
        return ""


def _read(where: str, answer: ApiResult) -> list[tuple[TagRef, str]]:
    """Read the list of refs; anything that is not wholly such a list is refused, never taken for "no tags"."""
    if not isinstance(answer.value, list):
        raise ForgeUnavailable(where, "GitHub's tag list is not a list")
    read = [_read_ref(where, entry) for entry in answer.value]
    if len({ref.name for ref, _ in read}) < len(read):
        raise ForgeUnavailable(where, "GitHub lists a tag twice")
    return read


def _read_ref(where: str, entry: Any) -> tuple[TagRef, str]:
    """Read one ref and the kind of object that it names."""
    ref = text_of(entry, "ref")
    target = entry.get("object") if isinstance(entry, dict) else None
    oid, kind = text_of(target, "sha"), text_of(target, "type")
    name = ref.removeprefix(_PREFIX)
    if not ref.startswith(_PREFIX) or not is_tag_name(name) or not is_object_id(oid):
        raise ForgeUnavailable(where, "GitHub's tag list has an invalid entry")
    return TagRef(name, oid, kind == "tag"), kind


def list_organisation(client: GitHubClient, where: str, path: str) -> list[Listed]:
    """List the repositories of an organisation that the token can see, or the public ones of a user.

    Raises ForgeError.
    """
    name = quote(path, safe="")
    for address in (f"/orgs/{name}/repos", f"/users/{name}/repos"):
        try:
            return [each for each in _pages(client, RequestCounter(where), address) if is_below(each.path, path)]
        except RepositoryNotFound:
            continue
    raise RepositoryNotFound(where, "organisation or user not found on GitHub", "check the name")


def _pages(client: GitHubClient, counter: RequestCounter, address: str) -> Iterator[Listed]:
    for number in range(1, _MOST_PAGES + 1):
        entries = client.get(counter, f"{address}?per_page={_A_PAGE}&page={number}").value
        if not isinstance(entries, list):
            raise ForgeUnavailable(counter.where, "GitHub's repository list is not a list")
        yield from (_listed(counter.where, entry) for entry in entries)
        if len(entries) < _A_PAGE:
            return
    raise ForgeUnavailable(counter.where, "GitHub's repository list does not end")


def _listed(where: str, entry: Any) -> Listed:
    path = text_of(entry, "full_name")
    if not is_path(path) or path.count("/") != 1:
        raise ForgeUnavailable(where, "GitHub's repository list has an invalid entry")
    is_archived = entry.get("archived") is True
    return Listed(path, is_fork=entry.get("fork") is True, is_archived=is_archived, identity=id_of(entry, "id"))
