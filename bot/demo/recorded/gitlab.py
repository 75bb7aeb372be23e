"""A recorded GitLab: projects, their tags and releases, with its authentication and rate limit headers."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

from bot.demo.recorded import gitlab_rest as rest
from bot.demo.recorded.clock_text import http_date
from bot.demo.recorded.github_bodies import RepositoryAddress
from bot.demo.recorded.gitlab_bodies import project, project_id
from bot.demo.recorded.history import RecordedRepository
from bot.demo.recorded.limits import Quota, Quotas, bearer
from bot.demo.recorded.messages import Request, Response
from bot.demo.recorded.owners import below
from bot.demo.recorded.server import LoopbackServer
from bot.demo.recorded.snapshot import Snapshot, Snapshots

_API = "/api/v4"
_PROJECT = re.compile(rf"{_API}/projects/(?P<id>[^/]+)(?P<rest>/.*?)?/?")
_OWNED = re.compile(rf"{_API}/(?P<kind>groups|users)/(?P<owner>[^/]+)/projects/?")
_LIMIT = 2000
_MINUTE = 60


class RecordedGitLab(LoopbackServer):
    """Serves repositories as a GitLab instance does; ``url`` is its base, the API stands below ``/api/v4``.

    The projects are public; a token is only needed for ``/version``, but a wrong one is refused everywhere.
    Each caller has 2000 requests a minute.
    """

    def __init__(
        self,
        repositories: Iterable[RecordedRepository],
        *,
        tokens: Collection[str] = (),
        latency: float = 0.0,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(latency=latency)
        self._snapshots = Snapshots(repositories)
        self._quotas = Quotas(tokens, _LIMIT, _LIMIT, window=_MINUTE)
        self._now = now
        # Owners that are people and no groups, in lower case.
        self.users: set[str] = set()
        # What a token says of itself.
        self.of_tokens = {"name": "release-bot", "active": True, "scopes": ["read_api"], "expires_at": None}

    @property
    def repositories(self) -> Snapshots:
        """Return what is served; repositories may be added and removed."""
        return self._snapshots

    def answer(self, request: Request) -> Response:
        """Answer a request with the headers that GitLab puts on everything."""
        token = request.headers.get("private-token") or bearer(request.headers)
        quota = self._quotas.of(
            token, "throttle_authenticated_api" if token else "throttle_unauthenticated_api", self._now()
        )
        response = self._within_limit(request, token, quota)
        return replace(response, headers={**self._headers(quota), **response.headers})

    def _within_limit(self, request: Request, token: str | None, quota: Quota) -> Response:
        if not self._quotas.take(quota):
            wait = max(1, quota.reset - int(self._now().timestamp()))
            return replace(Response.text(429, "Retry later\n", "text/plain"), headers={"retry-after": str(wait)})
        try:
            return self._conditional(request, self._route(request, token))
        except rest.RefusedRequest as refused:
            return refused.response

    def _route(self, request: Request, token: str | None) -> Response:
        if token is not None and not self._quotas.knows(token):
            raise rest.RefusedRequest(401, "message", "401 Unauthorized")
        if request.method not in {"GET", "HEAD"}:
            raise rest.RefusedRequest(405, "error", "405 Not Allowed")
        if request.path == f"{_API}/version":
            return self._version(token)
        if request.path == f"{_API}/personal_access_tokens/self":
            if token is None:
                raise rest.RefusedRequest(401, "message", "401 Unauthorized")
            return rest.respond(self.of_tokens)
        return self._of_repositories(request)

    def _of_repositories(self, request: Request) -> Response:
        listed = _OWNED.fullmatch(request.path)
        if listed is not None:
            return self._owned(request, unquote(listed["owner"]), listed["kind"])
        found = _PROJECT.fullmatch(request.path)
        if found is None:
            raise rest.RefusedRequest(404, "error", "404 Not Found")
        snapshot = self._found(unquote(found["id"]))
        if snapshot is None:
            raise rest.RefusedRequest(404, "message", "404 Project Not Found")
        place = RepositoryAddress(self.url, snapshot.path)
        ask = rest.ProjectRequest(place, snapshot, self.url + request.path, "", request.query, self._now())
        return rest.answer(ask, found["rest"] or "")

    def _owned(self, request: Request, owner: str, kind: str) -> Response:
        """List the projects of a group, of the groups in it if they are requested, or of a user."""
        held = below(self._snapshots, owner)
        if not held or (kind == "groups") is (owner.lower() in self.users):
            raise rest.RefusedRequest(404, "message", f"404 {kind.removesuffix('s').capitalize()} Not Found")
        if request.query.get("include_subgroups") != "true":
            held = [each for each in held if each.path.lower().rpartition("/")[0] == owner.lower()]
        page, headers = rest.offset_page(self.url + request.path, request.query, held)
        return rest.respond([project(RepositoryAddress(self.url, each.path), each) for each in page], headers)

    def _found(self, identity: str) -> Snapshot | None:
        """Look a project up by its id or by its path, which may be a number of its own."""
        by_id = (each for each in self._snapshots.all() if str(project_id(each.identity)) == identity)
        return next(by_id, None) or self._snapshots.find(identity)

    def _version(self, token: str | None) -> Response:
        if token is None:
            raise rest.RefusedRequest(401, "message", "401 Unauthorized")
        return rest.respond({"version": "18.5.1", "revision": "0123456789a"})

    def _conditional(self, request: Request, response: Response) -> Response:
        etag = f'W/"{hashlib.sha256(self.lasting(response.body)).hexdigest()[:32]}"'
        if request.headers.get("if-none-match") == etag:
            return Response(304, {"etag": etag})
        return replace(response, headers={**response.headers, "etag": etag})

    def _headers(self, quota: Quota) -> dict[str, str]:
        return {
            "server": "nginx",
            "date": http_date(self._now()),
            "cache-control": "max-age=0, private, must-revalidate",
            "vary": "Origin",
            "x-request-id": hashlib.sha256(str(len(self.requests)).encode()).hexdigest()[:26].upper(),
            "ratelimit-limit": str(quota.limit),
            "ratelimit-name": quota.resource,
            "ratelimit-observed": str(quota.used),
            "ratelimit-remaining": str(quota.remaining),
            "ratelimit-reset": str(quota.reset),
            "ratelimit-resettime": http_date(datetime.fromtimestamp(quota.reset, UTC)),
        }
