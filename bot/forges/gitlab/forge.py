"""GitLab: new tags by one page that is newest first, every tag by keyset pages; both carry the dates too."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.domain.organisations import EVERY, Listed, is_below
from bot.domain.polling.budget import Cost, Limit, Price
from bot.domain.polling.record import PollDepth
from bot.domain.repositories import is_path
from bot.domain.tags import TagDetails, TagRef
from bot.domain.values import dataclass
from bot.forges.clock import ForgeClock
from bot.forges.concurrency import ClientPool, first_then_parallel
from bot.forges.counter import RequestCounter
from bot.forges.gitlab.client import RESOURCE, GitLabClient, GitLabShared, project_address
from bot.forges.gitlab.evidence import gitlab_evidence
from bot.forges.gitlab.notes import gitlab_notes
from bot.forges.gitlab.tags import ListedTag, merged, read_all, read_newest, read_published
from bot.forges.payload import id_of, one_line, read_http_date, text_of
from bot.forges.site import Reserve
from bot.forges.throttle import CircuitBreaker, RateLimitPause, ReportedRateLimits, make_rate_limiter
from bot.services.ports import (
    EvidenceAnswer,
    EvidenceRequest,
    ForgeError,
    ForgeHealth,
    ForgeUnavailable,
    NotesAnswer,
    NotesRequest,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)

# As many as an instance answers at a time without anybody noticing.
_AT_ONCE = 8
# gitlab.com allows 2,000 (docs.gitlab.com, "Rate limits on GitLab.com"); instances tell theirs in their answers.
_REQUESTS_A_MINUTE = 1_800
_WINDOW = timedelta(minutes=1)
_VERSION = "/version"
_SELF = "/personal_access_tokens/self"
_OLDEST_FIRST = {"per_page": "100", "order_by": "id", "sort": "asc"}
# Projects that are shared with a group belong to another.
_OF_A_GROUP = {**_OLDEST_FIRST, "include_subgroups": "true", "with_shared": "false"}


class GitLabForge:
    """A GitLab instance.

    ``name`` is the forge's name in errors, ``timeout`` the longest wait for an answer
    to begin or go on, in seconds, ``most_a_minute`` the most requests sent in any
    minute. Public projects need no token.
    """

    def __init__(  # noqa: PLR0913 - a forge takes its settings
        self,
        name: str,
        base_url: str,
        token: str | None,
        *,
        timeout: float = 15.0,
        most_a_minute: int | None = None,
        now: Callable[[], datetime],
        ca_file: Path | None = None,
        reserve: Reserve | None = None,
    ) -> None:
        self._name = name
        self._now = now
        self._reported = ReportedRateLimits(_WINDOW, now)
        self._clock = ForgeClock(now)
        rate_limiter, breaker = (
            make_rate_limiter(most_a_minute or _REQUESTS_A_MINUTE, RESOURCE, reserve),
            CircuitBreaker("GitLab", now),
        )
        shared = GitLabShared(RateLimitPause(now), rate_limiter, self._reported, breaker, self._clock, ca_file)
        self._clients = ClientPool(lambda: GitLabClient(base_url, token, timeout=timeout, shared=shared), _AT_ONCE)

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request: the first alone, to see whether the instance responds, the others several at a time.

        Those that were answered longest ago come first, so that a limit that does not
        suffice for all leaves none of them out for long.
        """
        ordered = sorted(requests, key=lambda request: request.validator or "")
        yield from first_then_parallel(self._answer, ordered, _AT_ONCE)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Return a project's milestones, labelled issues and merge requests."""
        with self._clients.acquire() as client:
            return gitlab_evidence(client, f"{self._name}:{request.path}", request, self._now())

    def notes(self, request: NotesRequest) -> NotesAnswer:
        """Return a file at a tag, or the description of the tag's release."""
        with self._clients.acquire() as client:
            return gitlab_notes(client, f"{self._name}:{request.path}", request)

    def organisation(self, path: str) -> Sequence[Listed]:
        """List the projects of a group and of the groups in it, or of a user. Raises ForgeError."""
        with self._clients.acquire() as client:
            return _list_group(client, f"{self._name}:{path}{EVERY}", path)

    def prices(self) -> Sequence[Price]:
        """Return what polls cost: one request for each page of 100 tags, and for each page of releases."""
        page = Cost(a_page=1)
        return [Price(RESOURCE, _REQUESTS_A_MINUTE, _WINDOW, quick=Cost(1), complete=page, full=Cost(2, a_page=1))]

    def limits(self) -> Sequence[Limit]:
        """Return the limit that the last responses reported."""
        return self._reported.all()

    def clock_offset(self) -> timedelta:
        """Return how far its clock is ahead of ours, by the last answer."""
        return self._clock.offset

    def health(self) -> ForgeHealth:
        """Ask what the token may do and until when, by the token itself. Raises ForgeError.

        Personal, project and group tokens can be asked so (docs.gitlab.com, "Personal access
        tokens API"); of any other nothing is known.
        """
        with self._clients.acquire() as client:
            return _health(client, self._name)

    def close(self) -> None:
        """Close the connections."""
        self._clients.close()

    def _answer(self, request: PollRequest) -> PollAnswer:
        counter = RequestCounter(f"{self._name}:{request.path}", request.path)
        try:
            with self._clients.acquire() as client:
                found = _read(client, counter, request)
                identity = _identity(client, counter, request, found)
                dates = read_published(client, counter, request, found.tags)
        except ForgeError as error:
            return PollAnswer(request.path, requests=counter.requests, error=error)
        return PollAnswer(
            request.path,
            found.refs,
            {
                tag.ref.name: TagDetails(tag.commit, dates.of(tag), tag.tagger, tag.committed)
                for tag in found.tags
                if dates.tells(tag)
            },
            self._now().isoformat(),
            counter.requests,
            look=found.look,
            head=found.head,
            renamed="renamed or moved; update its path" if counter.redirected else "",
            identity=identity,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """Every tag, None where nothing changed; those listed now; how deep was looked; what the newest page shows."""

    refs: tuple[TagRef, ...] | None
    tags: Sequence[ListedTag]
    look: PollDepth
    head: str | None = None


def _identity(client: GitLabClient, counter: RequestCounter, request: PollRequest, found: _Found) -> str:
    """Ask for the project's id where the answer says anything new, or none is known. Raises ForgeError."""
    if request.identity and not request.wants_identity(found.refs):
        return ""
    try:
        _, project = client.one(counter, project_address(counter.path))
    except RateLimited:
        # Where no id is known or looked for, whatever is there is taken: the list is worth recording without one.
        if request.identity or request.may_be_known:
            raise
        return ""
    return id_of(project, "id")


def _read(client: GitLabClient, counter: RequestCounter, request: PollRequest) -> _Found:
    """Read the newest page, and every page where that does not tell enough. Raises ForgeError."""
    head = None
    if request.look is PollDepth.QUICK and request.is_detailed:
        newest = read_newest(client, counter)
        head = newest.fingerprint
        if head == request.head:
            return _Found(None, (), PollDepth.QUICK, head)
        refs = merged(request.known, newest)
        if refs is not None:
            return _Found(None if refs == request.known else tuple(refs.values()), newest.tags, PollDepth.QUICK, head)
    tags = read_all(client, counter)
    return _Found(tuple(tag.ref for tag in tags), tags, max(request.look, PollDepth.COMPLETE), head)


def _health(client: GitLabClient, name: str) -> ForgeHealth:
    """Ask about the token; without one, only whether the forge answers. Raises ForgeError."""
    if not client.has_token:
        with suppress(TokenRefused, RepositoryNotFound):
            client.one(RequestCounter(name, ""), _VERSION)
        return ForgeHealth()
    try:
        headers, token = client.one(RequestCounter(name, ""), _SELF)
    except RepositoryNotFound:
        return ForgeHealth()
    known: Mapping[str, Any] = token if isinstance(token, dict) else {}
    scopes = known.get("scopes")
    return ForgeHealth(
        clock=read_http_date(headers.get("Date")),
        scopes=tuple(one_line(str(scope)) for scope in scopes) if isinstance(scopes, list) else None,
        expires_at=_last_moment(known.get("expires_at")),
    )


def _last_moment(day: object) -> datetime | None:
    """Return the midnight, UTC, at which a token of that day expires."""
    try:
        return datetime.combine(date.fromisoformat(str(day)), time(), UTC)
    except ValueError:
        return None


def _list_group(client: GitLabClient, where: str, path: str) -> list[Listed]:
    """List the projects of a group and of the groups in it, or of a user, that the token can see. Raises ForgeError."""
    name = quote(path, safe="")
    for address, query in ((f"/groups/{name}/projects", _OF_A_GROUP), (f"/users/{name}/projects", _OLDEST_FIRST)):
        try:
            found = _projects(client, RequestCounter(where, path), address, query)
            return [each for each in found if is_below(each.path, path)]
        except RepositoryNotFound:
            continue
    raise RepositoryNotFound(where, "group or user not found on GitLab", "check the path; a private one needs a token")


def _projects(client: GitLabClient, counter: RequestCounter, address: str, query: dict[str, str]) -> Iterator[Listed]:
    for page in client.pages(counter, address, query):
        yield from (_listed(counter.where, entry) for entry in page.entries)


def _listed(where: str, entry: Any) -> Listed:
    path = text_of(entry, "path_with_namespace")
    if not is_path(path) or "/" not in path:
        raise ForgeUnavailable(where, "GitLab's project list has an invalid entry")
    is_fork = isinstance(entry.get("forked_from_project"), dict)
    is_archived = entry.get("archived") is True
    return Listed(path, is_fork=is_fork, is_archived=is_archived, identity=id_of(entry, "id"))
