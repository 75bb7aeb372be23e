"""GitHub: quick looks by GraphQL, many repositories at a time; every tag by REST with an ETag; dates by GraphQL."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from bot.domain.organisations import EVERY, Listed
from bot.domain.polling.budget import Cost, Limit, Price
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails
from bot.forges.clock import ForgeClock
from bot.forges.concurrency import ClientPool, first_then_parallel
from bot.forges.counter import RequestCounter
from bot.forges.github.anonymous import NO_TOKEN, Reason, fill_in
from bot.forges.github.auth import Access, AppAccess, FixedToken
from bot.forges.github.client import AT_ONCE, GRAPHQL, REST, GitHubClient, GitHubShared, NoGraphQL
from bot.forges.github.dates import Details, wanted_refs
from bot.forges.github.evidence import GitHubEvidence
from bot.forges.github.heads import BATCH, Head, Heads
from bot.forges.github.http import Allowance
from bot.forges.github.lists import list_organisation, read_identity, read_refs
from bot.forges.github.notes import github_notes
from bot.forges.payload import one_line, read_date, read_http_date
from bot.forges.site import AppCredentials, Reserve
from bot.forges.throttle import CircuitBreaker, RateLimitPause, ReportedRateLimits, make_rate_limiter
from bot.services.ports import (
    EvidenceAnswer,
    EvidenceRequest,
    ForgeError,
    ForgeHealth,
    NotesAnswer,
    NotesRequest,
    PollAnswer,
    PollRequest,
)

# Of GitHub's 900 points a minute for REST and 2,000 for GraphQL some are left to others with the same token.
_REQUESTS_A_MINUTE = 800
_QUERIES_A_MINUTE = 1_600
# Its limits of an hour (docs.github.com, "Rate limits for the REST API" and "... for the GraphQL API").
_WINDOW = timedelta(hours=1)
_LOOKED_FOR_AGAIN = timedelta(hours=1)
_LIMIT, _PUBLIC_LIMIT = 5_000, 60


class GitHubForge:
    """A GitHub or GitHub Enterprise API.

    ``name`` is the forge's name in errors, ``timeout`` the longest wait for an answer
    to begin or go on, in seconds, ``most_a_minute`` the most REST requests sent in
    any minute. ``credentials`` are a token, or those of an App; without them the public limit of 60 requests an hour
    holds.
    """

    def __init__(  # noqa: PLR0913 - a forge takes its settings
        self,
        name: str,
        base_url: str,
        credentials: str | AppCredentials | None,
        *,
        timeout: float = 15.0,
        most_a_minute: int | None = None,
        now: Callable[[], datetime],
        ca_file: Path | None = None,
        reserve: Reserve | None = None,
    ) -> None:
        self._name = name
        self._now = now
        # Where there is no GraphQL, it is looked for again at this moment.
        self._rest_until: datetime | None = None
        self._no_graphql = NO_TOKEN
        rest, graphql, own = (
            Allowance(RateLimitPause(now), make_rate_limiter(most, resource, reserve), CircuitBreaker("GitHub", now))
            for resource, most in (
                (REST, most_a_minute or _REQUESTS_A_MINUTE),
                (GRAPHQL, _QUERIES_A_MINUTE),
                ("app", _REQUESTS_A_MINUTE),
            )
        )
        self._reported = ReportedRateLimits(_WINDOW, now)
        self._clock = ForgeClock(now)
        self._app = (
            AppAccess(base_url, credentials, timeout=timeout, allowance=own, now=now, ca_file=ca_file)
            if isinstance(credentials, AppCredentials)
            else None
        )
        self._access: Access | None = self._app or (FixedToken(credentials) if isinstance(credentials, str) else None)
        shared = GitHubShared(self._access, rest, graphql, self._reported, self._clock, ca_file)
        self._clients = ClientPool(lambda: GitHubClient(base_url, timeout=timeout, shared=shared), AT_ONCE)

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request, by a longer look where a quick one shows news; without a token all refs before dates."""
        if self._access is None:
            yield from self._by_rest(requests, NO_TOKEN)
            return
        left: dict[str, NoGraphQL] = {}
        if self._rest_until is None or self._now() >= self._rest_until:
            for answer in self._by_graphql(requests):
                if isinstance(answer.error, NoGraphQL):
                    left[answer.path] = answer.error
                else:
                    yield answer
            if not left:
                return
            self._rest_until = self._now() + _LOOKED_FOR_AGAIN
            self._no_graphql = Reason(next(iter(left.values())).what, ": dates are fetched one by one")
        waiting = [request for request in requests if not left or request.path in left]
        answers = self._by_rest(waiting, self._no_graphql)
        yield from _noted(answers, self._no_graphql.what) if left else answers

    def _by_rest(self, requests: Sequence[PollRequest], reason: Reason) -> Iterator[PollAnswer]:
        with self._clients.acquire() as client:
            listed = [(request, self._listed(client, request)) for request in requests]
            yield from fill_in(client, self._name, listed, self._now, reason)

    def _by_graphql(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        deeper: list[Head] = []
        for head in Heads(
            self._name, self._clients, [each for each in requests if each.look is PollDepth.QUICK]
        ).look():
            if head.is_known:
                yield PollAnswer(head.request.path, requests=head.requests, look=PollDepth.QUICK, head=head.fingerprint)
            else:
                deeper.append(head)
        deep = (Head(each, None) for each in requests if each.look is not PollDepth.QUICK)
        yield from first_then_parallel(self._answer, chain(deeper, deep), AT_ONCE)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Return a repository's milestones, labelled issues and pull requests."""
        where = f"{self._name}:{request.path}"
        with self._clients.acquire() as client:
            return GitHubEvidence(client, where, request, self._now()).answer()

    def notes(self, request: NotesRequest) -> NotesAnswer:
        """Return a file at a tag, or the body of the tag's release."""
        with self._clients.acquire() as client:
            return github_notes(client, f"{self._name}:{request.path}", request)

    def organisation(self, path: str) -> Sequence[Listed]:
        """List the repositories of an organisation or a user. Raises ForgeError."""
        with self._clients.acquire() as client:
            return list_organisation(client, f"{self._name}:{path}{EVERY}", path)

    def prices(self) -> Sequence[Price]:
        """Return what polls cost: with a token a response that nothing changed is free, without one it is not.

        A full look without one is for the list, the id, and the newest and one older page of release objects.
        Of a query for each hundred tags a part is of objects, of which 300 fit into one, and a part of releases.
        An App has another token each hour, and so may get every list anew.
        """
        if self._access is None:
            return [Price(REST, _PUBLIC_LIMIT, _WINDOW, quick=Cost(1), complete=Cost(1), full=Cost(4))]
        return [
            Price(REST, _LIMIT, _WINDOW, complete=Cost(0 if self._app is None else 1), full=Cost(1)),
            Price(GRAPHQL, _LIMIT, _WINDOW, quick=Cost(1 / BATCH), full=Cost(a_page=1)),
        ]

    def limits(self) -> Sequence[Limit]:
        """Return the limits that the last responses reported."""
        return self._reported.all()

    def clock_offset(self) -> timedelta:
        """Return how far its clock is ahead of ours, by the last answer."""
        return self._clock.offset

    def health(self) -> ForgeHealth:
        """Ask for the rate limits, which costs nothing, and read what the headers say of the token. Raises ForgeError.

        Scopes are reported of classic tokens alone, the expiry of every token that has one
        (docs.github.com, "Managing your personal access tokens").
        """
        counter = RequestCounter(self._name)
        with self._clients.acquire() as client:
            headers = client.get(counter, "/rate_limit").headers
        scopes = headers.get("x-oauth-scopes")
        return ForgeHealth(
            clock=read_http_date(headers.get("date")),
            scopes=None if scopes is None else tuple(filter(None, map(one_line, scopes.split(", ")))),
            expires_at=_expiry(headers.get("github-authentication-token-expiration")),
            app=None if self._app is None else self._app.health(counter),
        )

    def close(self) -> None:
        """Close the connections."""
        self._clients.close()
        if self._app is not None:
            self._app.close()

    def _listed(self, client: GitHubClient, request: PollRequest) -> PollAnswer:
        counter = RequestCounter(f"{self._name}:{request.path}")
        try:
            found = read_refs(client, request, counter)
            # Where no id is known or looked for, whatever is there is taken: a request is better spent on a date.
            is_needed = request.identity or request.full or request.may_be_known
            is_asked = is_needed and request.wants_identity(found.refs)
            identity = read_identity(client, request, counter) if is_asked else ""
        except ForgeError as error:
            return PollAnswer(request.path, requests=counter.requests, error=error)
        details = {name: TagDetails(None) for name in found.bare}
        look = max(request.look, PollDepth.COMPLETE)
        return PollAnswer(
            request.path,
            found.refs,
            details,
            found.validator,
            counter.requests,
            look=look,
            renamed=_renamed(counter),
            identity=identity,
        )

    def _answer(self, head: Head) -> PollAnswer:
        request = head.request
        counter = RequestCounter(f"{self._name}:{request.path}", requests=head.requests)
        try:
            return self._complete(counter, head)
        except ForgeError as error:
            return PollAnswer(request.path, requests=counter.requests, error=error)

    def _complete(self, counter: RequestCounter, head: Head) -> PollAnswer:
        """List every tag, and look up the details of those that are new, or of all where something else is."""
        request = head.request
        with self._clients.acquire() as client:
            found = read_refs(client, request, counter)
        is_other = request.head is not None and head.fingerprint is not None
        details: dict[str, TagDetails] = {}
        called = identity = ""
        if found.refs is not None or is_other or not request.is_detailed:
            reading = Details(self._clients, counter, request)
            wanted = wanted_refs(request, found.refs)
            present = request.known if found.refs is None else {ref.name: ref for ref in found.refs}
            details = reading.read(wanted, present) if wanted or is_other else {}
            called = reading.called if reading.called.lower() != request.path.lower() else ""
            identity = reading.identity
        if not identity and request.wants_identity(found.refs):
            with self._clients.acquire() as client:
                identity = read_identity(client, request, counter)
        return PollAnswer(
            request.path,
            found.refs,
            details,
            found.validator,
            counter.requests,
            look=max(request.look, PollDepth.COMPLETE),
            head=head.fingerprint,
            renamed=_renamed(counter, called),
            identity=identity,
            undated_because="",
        )


def _noted(answers: Iterator[PollAnswer], what: str) -> Iterator[PollAnswer]:
    """Yield the answers, and note in the first why REST was used; where dates are missing, each answer says why."""
    is_noted = False
    for answer in answers:
        if is_noted or answer.error is not None:
            yield answer
            continue
        is_noted = True
        note = "" if what in answer.notice else f"{what}: polled by REST"
        yield replace(answer, notice="; ".join(part for part in (note, answer.notice) if part))


def _expiry(text: str | None) -> datetime | None:
    """Read ``2026-12-24 09:00:00 UTC``, or the same with an offset."""
    return read_date(text.replace(" UTC", "+00:00").replace(" +", "+").replace(" -", "-")) if text else None


def _renamed(counter: RequestCounter, called: str = "") -> str:
    """Return a note that GitHub has a repository at another path (``called``, where known); empty where it has not."""
    if called:
        return f"renamed to {one_line(called)}; update its path"
    return "renamed or moved; update its path" if counter.redirected else ""
