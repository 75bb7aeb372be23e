"""One checked request to GitHub: every trouble a ForgeError, nothing waited for unasked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.domain.polling.budget import Limit
from bot.domain.values import dataclass
from bot.forges.clock import ForgeClock
from bot.forges.counter import RequestCounter
from bot.forges.github.auth import Access, Advice, FixedToken
from bot.forges.github.connection import CurrentTokenAuth
from bot.forges.github.http import (
    Allowance,
    ApiRequest,
    ApiResponse,
    QueryFailed,
    SentElsewhere,
    Transport,
    has_graphql,
    is_limit,
    limited,
)
from bot.forges.payload import fingerprint, one_line, read_json, tables_of, text_of
from bot.forges.throttle import ReportedRateLimits
from bot.network.http import reading_at_most
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

_OK, _NOT_MODIFIED, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 200, 304, 401, 403, 429, 500
_CONFLICT, _UNPROCESSABLE = 409, 422
_GONE = (404, 410, 451)
# Clients at one time, with a request each: GitHub allows a hundred (docs.github.com, "Rate limits for the REST API",
# secondary limits).
AT_ONCE = 32
# The names of GitHub's limits.
REST, GRAPHQL = "core", "graphql"
# The media type of a file's own bytes.
_RAW = "application/vnd.github.raw+json"
# Types of errors in GraphQL's answers.
_RATE_LIMITED, _NOT_FOUND = "RATE_LIMITED", "NOT_FOUND"
_ENTERPRISE = "the API of a GitHub Enterprise is at /api/v3"
_TOKENLESS = ("GitHub requires a token", "set one in the environment")
_PUBLIC = "set a token to get 5,000 requests an hour"


@dataclass(frozen=True, slots=True)
class ApiResult:
    """An answer with status 200, or 304 with a value of None; header names are in lower case.

    ``validator`` asks the next time whether anything has changed, None where the answer had none.
    """

    headers: Mapping[str, str]
    value: Any
    is_unchanged: bool = False
    validator: str | None = None


@dataclass(frozen=True, slots=True)
class GitHubShared:
    """What all clients of one GitHub have in common; ``access`` is None without a token.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    access: Access | None
    rest: Allowance
    graphql: Allowance
    reported: ReportedRateLimits
    clock: ForgeClock
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """The data of a query of which parts failed: those are null in it; ``missing`` are the ones that do not exist."""

    data: Mapping[str, Any]
    missing: frozenset[str]


class NoGraphQL(ForgeError):
    """The server has no GraphQL API; REST may work all the same."""


class EmptyRepository(ForgeError):
    """The repository has no commits and no tags, which GitHub reports as an error."""


class GitHubClient:
    """A client of GitHub's REST and GraphQL APIs, one request at a time; ``shared`` is common to all clients."""

    def __init__(self, base_url: str, *, timeout: float, shared: GitHubShared) -> None:
        self._shared = shared
        # Empty where there is no token.
        self._auth = CurrentTokenAuth()
        self._transport = Transport(
            base_url, self._auth if shared.access is not None else None, timeout, shared.ca_file
        )

    def get(self, counter: RequestCounter, path: str, *, validator: str | None = None) -> ApiResult:
        """Ask for a path below the API's base, and only whether it changed where a validator is given.

        An ETag belongs to the token that got it, so the validator names the token too, and is not sent with another.
        Raises ForgeError.
        """
        return self._ask(counter, ApiRequest("GET", path), self._shared.rest, validator or "")

    def text(self, counter: RequestCounter, path: str, most: int) -> str | None:
        """Read at most ``most`` bytes of a file by the contents API; None for a folder or a submodule.

        Raises ForgeError; RepositoryNotFound also if only the file is missing.
        """
        request = ApiRequest("GET", path, {"Accept": _RAW})
        with reading_at_most(most):
            answer = self._ask(counter, request, self._shared.rest, is_text=True)
        # What is no file is described in JSON, whatever is accepted (docs.github.com, "Get repository content").
        is_file = not answer.headers.get("content-type", "").startswith("application/json")
        return answer.value if is_file else None

    def graphql(
        self, counter: RequestCounter, query: str, variables: Mapping[str, Any], *, is_divisible: bool = False
    ) -> dict[str, Any]:
        """Run a query and return its data, in which a part that does not exist is null.

        Raises ForgeError for any other error in it: QueryFailed where a smaller query may succeed, at once for one that
        is divisible, else after two retries.
        """
        answer, value = self._query(counter, query, variables, is_divisible=is_divisible)
        errors = value.get("errors")
        if errors and not _lacks_parts_alone(errors):
            raise self._graphql_error(counter, answer, errors)
        return _data(counter.where, value)

    def graphql_in_part(self, counter: RequestCounter, query: str, variables: Mapping[str, Any]) -> Partial:
        """Run a query whose parts may fail each for itself. Raises ForgeError where all of it did."""
        answer, value = self._query(counter, query, variables)
        errors = value.get("errors")
        listed = tables_of(errors)
        if errors and (not isinstance(value.get("data"), dict) or _RATE_LIMITED in _kinds(listed)):
            raise self._graphql_error(counter, answer, errors)
        gone = [error.get("path") for error in listed if text_of(error, "type") == _NOT_FOUND]
        return Partial(_data(counter.where, value), frozenset(str(path[0]) for path in gone if isinstance(path, list)))

    def _query(
        self, counter: RequestCounter, query: str, variables: Mapping[str, Any], *, is_divisible: bool = False
    ) -> tuple[ApiResult, dict[str, Any]]:
        body = {"query": query, "variables": dict(variables)}
        request = ApiRequest("POST", self._transport.graphql_url, body=body, is_divisible=is_divisible)
        try:
            answer = self._ask(counter, request, self._shared.graphql)
        except SentElsewhere as error:
            raise self._no_graphql(counter.where, "redirected") from error
        return answer, answer.value if isinstance(answer.value, dict) else {}

    def rest_limit(self) -> Limit | None:
        """Return REST's limit as the last response reported it, None before the first."""
        return self._shared.reported.of(REST)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _ask(
        self,
        counter: RequestCounter,
        request: ApiRequest,
        allowance: Allowance,
        validator: str = "",
        *,
        is_text: bool = False,
    ) -> ApiResult:
        allowance.check(counter.where)
        sent, response = self._exchange(counter, request, allowance, validator)
        self._take_limit(response.headers)
        self._shared.clock.record(response.headers.get("date"))
        if response.status == _NOT_MODIFIED and "If-None-Match" in (sent.headers or {}):
            return ApiResult(response.headers, None, is_unchanged=True, validator=validator)
        value = response.text if is_text and response.status == _OK else read_json(response.text)
        if request.path == self._transport.graphql_url and not has_graphql(response, value):
            got = "unexpected response" if response.status == _OK else f"HTTP {response.status}"
            raise self._no_graphql(counter.where, got)
        if response.status == _OK and value is not None:
            etag = response.headers.get("etag")
            return ApiResult(response.headers, value, validator=f"{self._mark()}{etag}" if etag else None)
        trouble = self._error(counter.where, response, value, request.path)
        if isinstance(trouble, RateLimited):
            self._remember(trouble, allowance, response.headers)
        if request.verb == "POST" and response.status >= _SERVER_ERROR:
            raise QueryFailed(trouble.where, trouble.what, trouble.hint)
        raise trouble

    def _exchange(
        self, counter: RequestCounter, request: ApiRequest, allowance: Allowance, validator: str
    ) -> tuple[ApiRequest, ApiResponse]:
        """Send a request, and once more where GitHub rejects a token that can be replaced."""
        sent = self._signed(counter, request, validator)
        response = self._transport.send(counter, sent, allowance)
        access = self._shared.access
        if response.status == _UNAUTHORIZED and access is not None and access.forget(self._auth.bearer):
            sent = self._signed(counter, request, validator)
            response = self._transport.send(counter, sent, allowance)
        return sent, response

    def _signed(self, counter: RequestCounter, request: ApiRequest, validator: str) -> ApiRequest:
        """Take the token of now, and the ETag that belongs to it."""
        if self._shared.access is not None:
            self._auth.bearer = self._shared.access.token(counter)
        mark = self._mark()
        if not validator.startswith(mark):
            return request
        return replace(request, headers={"If-None-Match": validator.removeprefix(mark)})

    def _mark(self) -> str:
        return f"{fingerprint(self._auth.bearer)} "

    def _remember(self, error: RateLimited, allowance: Allowance, headers: Mapping[str, str]) -> None:
        """Pause requests: a primary limit is of one API, a secondary limit of both."""
        is_primary = headers.get("x-ratelimit-remaining") == "0" and "retry-after" not in headers
        for each in (allowance,) if is_primary else (self._shared.rest, self._shared.graphql):
            each.pause.start(error)

    def _take_limit(self, headers: Mapping[str, str]) -> None:
        limit, remaining, reset = (headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset"))
        self._shared.reported.record(headers.get("x-ratelimit-resource", REST), limit, remaining, reset)

    def _no_graphql(self, where: str, got: str) -> NoGraphQL:
        what = f"GitHub has no GraphQL API at {self._transport.graphql_url} ({got})"
        return NoGraphQL(where, what, f"check base_url; {_ENTERPRISE}")

    def _error(self, where: str, response: ApiResponse, value: Any, path: str) -> ForgeError:
        status, message = response.status, self._said(text_of(value, "message"))
        if status in (_FORBIDDEN, _TOO_MANY):
            return self._refusal(where, status, response.headers, message)
        if status in _GONE:
            return self._unseen(where, path)
        if status == _UNAUTHORIZED:
            what, hint = "GitHub rejected the token (401)", self._advice.refused
            return TokenRefused(where, *((what, hint) if self._auth.bearer else _TOKENLESS))
        if status == _CONFLICT and "empty" in message:
            return EmptyRepository(where, "the repository has no commits yet")
        if status in (_CONFLICT, _UNPROCESSABLE):
            return ForgeError(where, f"GitHub rejected the request: {message}".rstrip(": "))
        got = "invalid JSON" if status == _OK else f"HTTP {status}: {message}".rstrip(": ")
        return ForgeUnavailable(where, f"GitHub returned {got}")

    def _unseen(self, where: str, path: str) -> RepositoryNotFound:
        """Return the error of a missing repository, with the URL: the base may be wrong."""
        asked = one_line(self._transport.address(path))
        doubt = "" if self._transport.is_api else f"; {_ENTERPRISE}: check base_url"
        return RepositoryNotFound(
            where, "repository not found on GitHub", f"{self._advice.unseen} (requested: {asked}{doubt})"
        )

    def _refusal(self, where: str, status: int, headers: Mapping[str, str], message: str) -> ForgeError:
        """Return the error of an exceeded limit, or else of a lack of permission."""
        if is_limit(status, headers, message):
            return self._limited(where, headers)
        return TokenRefused(where, f"GitHub denied access: {message}".rstrip(": ."), self._advice.forbidden)

    @property
    def _advice(self) -> Advice:
        return self._shared.access.advice if self._shared.access is not None else FixedToken.advice

    def _said(self, message: str) -> str:
        """Return a server's message on one line, without the token: a proxy may echo what was sent."""
        return one_line(message.replace(self._auth.bearer, "***") if self._auth.bearer else message)

    def _limited(self, where: str, headers: Mapping[str, str]) -> RateLimited:
        return limited(where, headers, self._shared.rest.pause, "" if self._auth.bearer else _PUBLIC)

    def _graphql_error(self, counter: RequestCounter, answer: ApiResult, errors: Any) -> ForgeError:
        """Read the errors that GraphQL gives with HTTP 200."""
        listed = tables_of(errors)
        kinds = _kinds(listed)
        if _RATE_LIMITED in kinds:
            limited = self._limited(counter.where, answer.headers)
            self._shared.graphql.pause.start(limited)
            return limited
        if _NOT_FOUND in kinds:
            return self._unseen(counter.where, self._transport.graphql_url)
        message = self._said(text_of(listed[0], "message")) if listed else "no reason given"
        return QueryFailed(counter.where, f"GitHub GraphQL error: {message}")


def _data(where: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("data"), dict):
        raise ForgeUnavailable(where, "GitHub's GraphQL response has no data")
    return dict(value["data"])


def _lacks_parts_alone(errors: Any) -> bool:
    """Return whether all errors are of parts within the repository that do not exist; such a part is null."""
    return isinstance(errors, list) and all(
        text_of(error, "type") == _NOT_FOUND and isinstance(path := error.get("path"), list) and len(path) > 1
        for error in errors
    )


def _kinds(errors: Sequence[Mapping[str, Any]]) -> set[str]:
    return {text_of(error, "type") for error in errors}
