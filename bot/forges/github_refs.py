"""GitHub's list of every tag of a repository: one REST request, with an ETag."""

from dataclasses import dataclass
from typing import Any

from bot.domain.tags import TagRef
from bot.forges.answers import id_of, is_object_id, is_tag_name, text_of
from bot.forges.github_client import Answer, EmptyRepository, GitHubClient
from bot.forges.github_wire import Asking
from bot.services.ports import ForgeUnavailable, PollRequest

_PREFIX = "refs/tags/"


@dataclass(frozen=True, slots=True)
class Refs:
    """Every tag, None where nothing changed since the validator; ``bare`` names those on a blob or a tree."""

    refs: tuple[TagRef, ...] | None
    validator: str | None
    bare: tuple[str, ...] = ()


def read_refs(client: GitHubClient, request: PollRequest, asking: Asking) -> Refs:
    """List every tag. Raises ForgeError."""
    held = None if request.full else request.validator
    try:
        answer = client.get(asking, f"/repos/{request.path}/git/matching-refs/tags/", validator=held)
    except EmptyRepository:
        return Refs((), None)
    if answer.is_unchanged:
        return Refs(None, request.validator)
    read = _read(asking.where, answer)
    bare = tuple(ref.name for ref, kind in read if kind in {"blob", "tree"})
    return Refs(tuple(ref for ref, _ in read), answer.validator, bare)


def read_identity(client: GitHubClient, request: PollRequest, asking: Asking) -> str:
    """Ask for GitHub's id of a repository, which stays its own however it is called. Raises ForgeError."""
    try:
        return id_of(client.get(asking, f"/repos/{request.path}").value, "id")
    except EmptyRepository:
        return ""


def _read(where: str, answer: Answer) -> list[tuple[TagRef, str]]:
    """Read the list of refs; anything that is not wholly such a list is refused, never taken for "no tags"."""
    if not isinstance(answer.value, list):
        raise ForgeUnavailable(where, "GitHub's list of tags is no list")
    read = [_read_ref(where, entry) for entry in answer.value]
    if len({ref.name for ref, _ in read}) < len(read):
        raise ForgeUnavailable(where, "GitHub's list of tags has one twice")
    return read


def _read_ref(where: str, entry: Any) -> tuple[TagRef, str]:
    """Read one ref and the kind of object that it names."""
    ref = text_of(entry, "ref")
    target = entry.get("object") if isinstance(entry, dict) else None
    oid, kind = text_of(target, "sha"), text_of(target, "type")
    name = ref.removeprefix(_PREFIX)
    if not ref.startswith(_PREFIX) or not is_tag_name(name) or not is_object_id(oid):
        raise ForgeUnavailable(where, "GitHub's list of tags has an entry that is no tag")
    return TagRef(name, oid, kind == "tag"), kind
