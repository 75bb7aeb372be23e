"""GitHub: every tag by one REST request with an ETag, their dates by GraphQL, or slowly without a token."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bot.domain.tags import TagDetails, TagRef
from bot.forges.answers import fingerprint, is_object_id, is_tag_name, one_line, text_of
from bot.forges.github_client import Answer, Asking, GitHubClient
from bot.forges.github_evidence import GitHubEvidence
from bot.forges.github_public import fill_in
from bot.forges.github_queries import PAGE, TAGS_PAGE, Connection, Learnt, objects_query
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeError, ForgeUnavailable, PollAnswer, PollRequest

_PREFIX = "refs/tags/"
# More than any list that can be read between two polls.
_MOST_PAGES = 1_000


class GitHubForge:
    """A GitHub or GitHub Enterprise API.

    ``name`` is the forge's name in errors, ``timeout`` the longest wait for an answer
    to begin or go on, in seconds. Without a token the public limit of 60 requests an hour holds.
    """

    def __init__(
        self, name: str, base_url: str, token: str | None, *, timeout: float = 15.0, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._token = token
        self._now = now
        self._client = GitHubClient(base_url, token, timeout=timeout, now=now)

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request: with a token one by one; without one all refs first, then the dates the limit allows."""
        if self._token is None:
            listed = [(request, self._listed(request)) for request in requests]
            yield from fill_in(self._client, self._name, listed)
            return
        for request in requests:
            yield self._answer(request)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Tell of a repository's milestones, labelled issues and pull requests."""
        where = f"{self._name}:{request.path}"
        return GitHubEvidence(self._client, self._token, where, request, self._now()).answer()

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _listed(self, request: PollRequest) -> PollAnswer:
        asking = Asking(f"{self._name}:{request.path}")
        try:
            refs, bare, validator = self._refs(request, asking)
        except ForgeError as error:
            return PollAnswer(request.path, requests=asking.requests, error=error)
        details = {name: TagDetails(None) for name in bare}
        return PollAnswer(request.path, refs, details, validator, asking.requests, notice=_notice(asking))

    def _answer(self, request: PollRequest) -> PollAnswer:
        asking = Asking(f"{self._name}:{request.path}")
        try:
            refs, _, validator = self._refs(request, asking)
            wanted = wanted_refs(request, refs)
            details, called = self._details(request, wanted, asking) if wanted else ({}, "")
        except ForgeError as error:
            return PollAnswer(request.path, requests=asking.requests, error=error)
        return PollAnswer(request.path, refs, details, validator, asking.requests, notice=_notice(asking, called))

    def _refs(self, request: PollRequest, asking: Asking) -> tuple[tuple[TagRef, ...] | None, list[str], str | None]:
        """List every tag in one request; None where nothing changed since the validator.

        With the refs come the names of those that stand on a blob or a tree, and the new validator.
        An ETag belongs to the token that got it, so the validator names the token too.
        """
        mark = f"{fingerprint(self._token)} "
        held = request.validator or ""
        etag = held.removeprefix(mark) if held.startswith(mark) and not request.full else None
        answer = self._client.get(asking, f"/repos/{request.path}/git/matching-refs/tags/", etag=etag)
        if answer.is_unchanged:
            return None, [], request.validator
        told = answer.headers.get("etag")
        return *_read_refs(asking.where, answer), f"{mark}{told}" if told else None

    def _details(
        self, request: PollRequest, wanted: Sequence[TagRef], asking: Asking
    ) -> tuple[dict[str, TagDetails], str]:
        owner, _, name = request.path.partition("/")
        repository = {"owner": owner, "name": name}
        learnt = Learnt()
        is_cold = request.full or not request.known
        called = self._read_pages(asking, repository, wanted, learnt, to_the_end=is_cold)
        missing = _missing(wanted, learnt)
        for start in range(0, len(missing), PAGE):
            self._read_objects(asking, repository, missing[start : start + PAGE], learnt)
        details = {
            ref.name: learnt.objects[ref.target].details(learnt.published.get(ref.name))
            for ref in wanted
            if ref.target in learnt.objects
        }
        return details, called if called.lower() != request.path.lower() else ""

    def _read_pages(
        self, asking: Asking, repository: dict[str, str], wanted: Sequence[TagRef], learnt: Learnt, *, to_the_end: bool
    ) -> str:
        """Read pages of tags, newest commits first, until what is missing fits one query by ids.

        Releases are read beside them: to their end, or their newest page. Gives the
        repository's present path.
        """
        refs, releases, called = Connection(asking.where), Connection(asking.where), ""
        for _ in range(_MOST_PAGES):
            pages = {"refs": refs.has_next, "refsAfter": refs.after}
            pages |= {"releases": releases.has_next, "releasesAfter": releases.after}
            found = self._client.graphql(asking, TAGS_PAGE, {**repository, **pages}).get("repository")
            if not isinstance(found, dict):
                raise ForgeUnavailable(asking.where, "GitHub's answer has no repository", "it is asked again")
            called = text_of(found, "nameWithOwner")
            _take_page(found.get("refs"), refs, learnt.take_refs)
            _take_page(found.get("releases"), releases, learnt.take_releases)
            refs.has_next = refs.has_next and len(_missing(wanted, learnt)) > PAGE
            releases.has_next = releases.has_next and to_the_end
            if not (refs.has_next or releases.has_next):
                return called
        raise ForgeUnavailable(asking.where, "GitHub's list of tags has no end", "it is asked again at the next poll")

    def _read_objects(self, asking: Asking, repository: dict[str, str], oids: Sequence[str], learnt: Learnt) -> None:
        variables = {f"o{number}": oid for number, oid in enumerate(oids)}
        data = self._client.graphql(asking, objects_query(len(oids)), {**repository, **variables})
        found = data.get("repository")
        for target in found.values() if isinstance(found, dict) else ():
            learnt.take_object(target)


def wanted_refs(request: PollRequest, refs: Sequence[TagRef] | None) -> list[TagRef]:
    """List the refs whose details are to be looked up: new ones, those with another target, or all."""
    present = list(request.known.values()) if refs is None else list(refs)
    if request.full:
        return present
    return [ref for ref in present if ref.name not in request.detailed or request.known.get(ref.name) != ref]


def _missing(wanted: Sequence[TagRef], learnt: Learnt) -> list[str]:
    return list(dict.fromkeys(ref.target for ref in wanted if ref.target not in learnt.objects))


def _take_page(page: Any, connection: Connection, take: Callable[[Any], None]) -> None:
    if not isinstance(page, dict):
        connection.has_next = False
        return
    take(page.get("nodes"))
    connection.take(page.get("pageInfo"))


def _notice(asking: Asking, called: str = "") -> str:
    """Tell of a repository that GitHub knows by another path: ``called`` where it said by which."""
    if called:
        return f"is called {one_line(called)} now; change its path"
    return "has been renamed or moved; change its path" if asking.redirected else ""


def _read_refs(where: str, answer: Answer) -> tuple[tuple[TagRef, ...], list[str]]:
    """Read the list of refs; anything that is not wholly such a list is refused, never taken for "no tags"."""
    if not isinstance(answer.value, list):
        raise ForgeUnavailable(where, "GitHub's list of tags is no list", "it is asked again at the next poll")
    read = [_read_ref(where, entry) for entry in answer.value]
    if len({ref.name for ref, _ in read}) < len(read):
        raise ForgeUnavailable(where, "GitHub's list of tags has one twice", "it is asked again at the next poll")
    return tuple(ref for ref, _ in read), [ref.name for ref, kind in read if kind in {"blob", "tree"}]


def _read_ref(where: str, entry: Any) -> tuple[TagRef, str]:
    """Read one ref and the kind of object that it names."""
    ref = text_of(entry, "ref")
    target = entry.get("object") if isinstance(entry, dict) else None
    oid, kind = text_of(target, "sha"), text_of(target, "type")
    name = ref.removeprefix(_PREFIX)
    if not ref.startswith(_PREFIX) or not is_tag_name(name) or not is_object_id(oid):
        raise ForgeUnavailable(where, "GitHub's list of tags has an entry that is no tag", "it is asked again")
    return TagRef(name, oid, kind == "tag"), kind
