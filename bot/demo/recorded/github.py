"""A recorded GitHub: REST and GraphQL with its authentication, rate limit and conditional requests."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from bot.demo.recorded import github_graphql as graphql
from bot.demo.recorded import github_rest as rest
from bot.demo.recorded.clock_text import http_date
from bot.demo.recorded.github_app import RecordedApp, RecordedInstallation, needed_for
from bot.demo.recorded.github_bodies import RepositoryAddress, repository_id
from bot.demo.recorded.history import RecordedRepository
from bot.demo.recorded.limits import Quota, Quotas, SecondaryLimit, bearer
from bot.demo.recorded.messages import Fault, Request, Response
from bot.demo.recorded.owners import github_list
from bot.demo.recorded.server import LoopbackServer
from bot.demo.recorded.snapshot import Snapshot, Snapshots

_REPOSITORY = re.compile(r"/(?:repos/(?P<path>[^/]+/[^/]+)|repositories/(?P<number>\d+))(?P<rest>/.*)?")
_VARY = "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With"


@dataclass(frozen=True)
class _Caller:
    """Who asks: with which token, whose limit is exhausted, and as which installation of the App."""

    token: str | None
    name: str | None
    is_known: bool
    installation: RecordedInstallation | None


class RecordedGitHub(LoopbackServer):
    """Serves repositories as GitHub does; ``url`` is the base of the API, and of GraphQL at ``{url}/graphql``.

    ``tokens`` are the known ones, each with ``limit`` requests an hour for REST and as many for GraphQL;
    without a token it is ``anonymous_limit``, for REST only. ``secondary`` is enforced
    once it is set. Once ``app`` is set, each of its installations has ``limit`` too; what one
    may not read is refused by REST alone, and as if every repository were private.
    """

    def __init__(
        self,
        repositories: Iterable[RecordedRepository],
        *,
        tokens: Collection[str] = (),
        limit: int = 5000,
        anonymous_limit: int = 60,
        latency: float = 0.0,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(latency=latency)
        self._snapshots = Snapshots(repositories)
        self._quotas = Quotas(tokens, limit, anonymous_limit)
        self.secondary: SecondaryLimit | None = None
        # The headers on a token, with each response to it.
        self.of_tokens = {"x-oauth-scopes": ""}
        # Owners that are people and no organisations.
        self.users: set[str] = set()
        self.app: RecordedApp | None = None
        self._now = now

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        """Answer a request and log it; beyond the secondary limit, refuse it."""
        if self.secondary is None:
            return super().respond(request)
        try:
            if self.secondary.enter():
                return super().respond(request)
            self.requests.append(request)
            what = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            return replace(rest.error(403, what), headers={**self._headers(), "retry-after": "60"}), None
        finally:
            self.secondary.leave()

    @property
    def repositories(self) -> Snapshots:
        """Return what is served; repositories may be added and removed."""
        return self._snapshots

    def answer(self, request: Request) -> Response:
        """Answer a request with the headers that GitHub puts on everything."""
        if self.app is not None and (request.path == "/app" or request.path.startswith("/app/")):
            quota = self._quotas.of(self._quotas.admit("the App"), "core", self._now())
            self._quotas.take(quota)
            response = self.app.answer(request, self.url, self._now())
            return replace(response, headers={**self._headers(), **quota.headers(), **response.headers})
        caller = self._caller(bearer(request.headers))
        resource = "graphql" if request.path == "/graphql" else "core"
        quota = self._quotas.of(caller.name, resource, self._now())
        response = self._within_limit(request, caller, quota)
        of_token = self.of_tokens if caller.is_known and caller.installation is None else {}
        return replace(response, headers={**self._headers(), **of_token, **quota.headers(), **response.headers})

    def _caller(self, token: str | None) -> _Caller:
        installation = self.app.of(token, self._now()) if self.app else None
        name = self._quotas.admit(f"installation {installation.id}") if installation else token
        return _Caller(token, name, self._quotas.knows(name), installation)

    def _within_limit(self, request: Request, caller: _Caller, quota: Quota) -> Response:
        token = caller.token
        if token is not None and not caller.is_known:
            self._quotas.take(quota)
            return rest.error(401, "Bad credentials")
        if request.path == "/rate_limit":
            return self._rate_limit(caller.name)
        if quota.resource == "graphql" and token is None:
            return rest.error(401, "This endpoint requires you to be authenticated.", graphql.DOCS)
        if not self._quotas.take(quota):
            return graphql.limited() if quota.resource == "graphql" else self._limited(token)
        response = self._conditional(request, token, self._route(request, quota, caller))
        if response.status == HTTPStatus.NOT_MODIFIED and token is not None:
            self._quotas.give_back(quota)
        return response

    def _route(self, request: Request, quota: Quota, caller: _Caller) -> Response:
        if caller.installation is not None and caller.installation.suspended is not None:
            return rest.error(403, "This installation has been suspended")
        if quota.resource == "graphql":
            return graphql.answer(request, graphql.Context(self.url, self._snapshots, quota))
        listed = github_list(request, self.url, self._snapshots, self.users)
        if listed is not None:
            return listed
        found = _REPOSITORY.fullmatch(request.path) if request.method in {"GET", "HEAD"} else None
        snapshot = self._found(found) if found else None
        if found is None or snapshot is None:
            return rest.error(404, "Not Found", "/repos/repos#get-a-repository" if found else "")
        wanted = found["rest"] or ""
        if caller.installation is not None and needed_for(wanted) not in caller.installation.permissions:
            return rest.error(403, "Resource not accessible by integration")
        place = RepositoryAddress(self.url, snapshot.path)
        is_trusted, accept = caller.token is not None, request.headers.get("accept", "")
        return rest.answer(rest.RepositoryRequest(place, snapshot, wanted, request.query, is_trusted, accept))

    def _found(self, found: re.Match[str]) -> Snapshot | None:
        if found["path"]:
            return self._snapshots.find(found["path"])
        return next((each for each in self._snapshots.all() if repository_id(each) == int(found["number"])), None)

    def _conditional(self, request: Request, token: str | None, response: Response) -> Response:
        if response.status != HTTPStatus.OK or request.path == "/graphql":
            return response
        digest = hashlib.sha256(str(token).encode() + b"\n" + self.lasting(response.body)).hexdigest()
        etag = f'W/"{digest}"'
        headers = {**response.headers, "etag": etag, "cache-control": _cache(token)}
        if _matches(request.headers.get("if-none-match", ""), etag):
            return Response(304, {"etag": etag, "cache-control": _cache(token)})
        return replace(response, headers=headers)

    def _limited(self, token: str | None) -> Response:
        whom = "user ID 1" if token else "127.0.0.1"
        docs = "/using-the-rest-api/rate-limits-for-the-rest-api"
        return rest.error(403, f"API rate limit exceeded for {whom}.", docs)

    def _rate_limit(self, caller: str | None) -> Response:
        now = self._now()
        resources = {name: self._quotas.of(caller, name, now).values() for name in ("core", "search", "graphql")}
        return Response.json(200, {"resources": resources, "rate": resources["core"]})

    def _headers(self) -> dict[str, str]:
        identity = hashlib.sha256(str(len(self.requests)).encode()).hexdigest().upper()
        return {
            "server": "github.com",
            "date": http_date(self._now()),
            "vary": _VARY,
            "x-github-media-type": "github.v3; format=json",
            "x-github-api-version-selected": "2022-11-28",
            "x-github-request-id": f"{identity[:4]}:{identity[4:10]}:{identity[10:17]}:{identity[17:24]}",
        }


def _cache(token: str | None) -> str:
    return "private, max-age=60, s-maxage=60" if token else "public, max-age=60, s-maxage=60"


def _matches(condition: str, etag: str) -> bool:
    given = {part.strip().removeprefix("W/") for part in condition.split(",")}
    return etag.removeprefix("W/") in given or "*" in given
