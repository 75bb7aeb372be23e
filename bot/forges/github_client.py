"""One checked request to GitHub: PyGithub underneath, every trouble a ForgeError, nothing waited for unasked."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import github
import requests
from github.Requester import HTTPSRequestsConnectionClass

from bot.domain.budget import Limit
from bot.forges.answers import one_line, read_json, text_of, why_unreachable
from bot.forges.connection import ForgeAdapter
from bot.forges.limits import SpentLimit, ToldLimits
from bot.forges.pace import Pace
from bot.forges.reach import Reach
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

_OK, _NOT_MODIFIED, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 200, 304, 401, 403, 429, 500
_CONFLICT, _UNPROCESSABLE = 409, 422
_GONE = (404, 410, 451)
# The names of GitHub's limits.
REST, GRAPHQL = "core", "graphql"
# Types of errors in GraphQL's answers.
_RATE_LIMITED, _NOT_FOUND = "RATE_LIMITED", "NOT_FOUND"
# Seconds before a broken connection or a 5xx is tried again.
_PAUSES = (0.2, 0.4)
# What PyGithub lets through: its own errors, those of requests, and those of its reading of headers.
_TROUBLES = (
    github.GithubException,
    requests.RequestException,
    OSError,
    RuntimeError,
    ValueError,
    ArithmeticError,
)
# Those among them that another try may mend.
_PASSING = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
_AGAIN = "it is asked again at the next poll"


@dataclass(slots=True)
class Asking:
    """The requests made for one repository; ``where`` is the repository as errors name it.

    ``redirected`` tells that GitHub knows the repository by another path.
    """

    where: str
    requests: int = 0
    redirected: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200, or 304 with a value of None; header names are in lower case."""

    headers: Mapping[str, str]
    value: Any
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one of GitHub's two APIs allows: until when its hour is spent, so many requests a minute, if it answers."""

    spent: SpentLimit
    pace: Pace
    reach: Reach


@dataclass(frozen=True, slots=True)
class Shared:
    """What all clients of one GitHub have in common."""

    rest: Allowance
    graphql: Allowance
    told: ToldLimits


@dataclass(frozen=True, slots=True)
class Partial:
    """The data of a query of which parts failed: those are null in it; ``missing`` are the ones that do not exist."""

    data: Mapping[str, Any]
    missing: frozenset[str]


class QueryFailed(ForgeUnavailable):
    """GraphQL gave up on a query, as it does on one that takes too long: a smaller one may be answered."""


class GitHubClient:
    """Asks GitHub's REST and GraphQL, one question at a time; ``shared`` is what all clients of it have in common."""

    def __init__(self, base_url: str, token: str | None, *, timeout: float, shared: Shared) -> None:
        self._adapter = ForgeAdapter(base_url, timeout)
        self._connection = _Connection(base_url, self._adapter)
        self._shared = shared
        self._token = token
        # Limits are not waited for here: PyGithub's own retry sleeps for as long as the server says.
        self._requester = github.Github(
            base_url=base_url,
            auth=github.Auth.Token(token) if token else None,
            per_page=100,
            lazy=True,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,  # every GraphQL query counts as a write, with a pause of 1 s by default
        ).requester

    def get(self, asking: Asking, path: str, *, etag: str | None = None) -> Answer:
        """Ask for a path below the API's base. Raises ForgeError."""
        return self._ask(asking, "GET", path, headers={"If-None-Match": etag} if etag else None)

    def graphql(self, asking: Asking, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a query and give its data, which is whole: any error in it is raised as a ForgeError."""
        answer, value = self._query(asking, query, variables)
        errors = value.get("errors")
        if errors:
            raise self._graphql_error(asking, answer, errors)
        return _data(asking.where, value)

    def graphql_in_part(self, asking: Asking, query: str, variables: Mapping[str, Any]) -> Partial:
        """Run a query whose parts may fail each for itself. Raises ForgeError where all of it did."""
        answer, value = self._query(asking, query, variables)
        errors = value.get("errors")
        listed = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        if errors and (not isinstance(value.get("data"), dict) or _RATE_LIMITED in _kinds(listed)):
            raise self._graphql_error(asking, answer, errors)
        gone = [error.get("path") for error in listed if text_of(error, "type") == _NOT_FOUND]
        return Partial(_data(asking.where, value), frozenset(str(path[0]) for path in gone if isinstance(path, list)))

    def _query(self, asking: Asking, query: str, variables: Mapping[str, Any]) -> tuple[Answer, dict[str, Any]]:
        body = {"query": query, "variables": dict(variables)}
        answer = self._ask(asking, "POST", self._requester.graphql_url, body=body)
        return answer, answer.value if isinstance(answer.value, dict) else {}

    def rest_limit(self) -> Limit | None:
        """Tell REST's limit as the last answer did, None before the first."""
        return self._shared.told.of(REST)

    def close(self) -> None:
        """Give back connections."""
        self._connection.close()
        self._requester.close()

    def _ask(
        self, asking: Asking, verb: str, path: str, *, headers: dict[str, str] | None = None, body: Any = None
    ) -> Answer:
        allowance = self._allowance(verb)
        allowance.spent.check(asking.where)
        allowance.reach.check(asking.where)
        status, received, text = self._send(asking, verb, path, headers, body)
        self._take_limit(received)
        if status == _NOT_MODIFIED and headers:
            return Answer(received, None, is_unchanged=True)
        value = read_json(text)
        if status == _OK and value is not None:
            return Answer(received, value)
        trouble = self._error(asking.where, status, received, value)
        if isinstance(trouble, RateLimited):
            self._remember(trouble, allowance, received)
        if verb == "POST" and status >= _SERVER_ERROR:
            raise QueryFailed(trouble.where, trouble.what, trouble.hint)
        raise trouble

    def _allowance(self, verb: str) -> Allowance:
        return self._shared.rest if verb == "GET" else self._shared.graphql

    def _remember(self, error: RateLimited, allowance: Allowance, headers: Mapping[str, str]) -> None:
        """Leave GitHub alone: the hour that is spent is one API's; a secondary limit is both of theirs."""
        is_primary = headers.get("x-ratelimit-remaining") == "0" and "retry-after" not in headers
        for each in (allowance,) if is_primary else (self._shared.rest, self._shared.graphql):
            each.spent.remember(error)

    def _send(
        self, asking: Asking, verb: str, path: str, headers: dict[str, str] | None, body: Any
    ) -> tuple[int, Mapping[str, str], str]:
        """Send one question, and twice more over a broken connection or a 5xx."""
        allowance = self._allowance(verb)
        for pause in (*_PAUSES, None):
            allowance.pace.wait()
            self._adapter.begin()
            try:
                answer = self._requester.requestJson(
                    verb, path, headers=dict(headers or {}), input=body, cnx=self._connection
                )
                if pause is None or answer[0] < _SERVER_ERROR:
                    (allowance.reach.answered if answer[0] < _SERVER_ERROR else allowance.reach.failed)()
                    return answer
            except _TROUBLES as error:
                why = why_unreachable(error)
                if pause is None or not isinstance(error, _PASSING) or isinstance(error, requests.Timeout):
                    allowance.reach.failed()
                    raise ForgeUnavailable(asking.where, f"GitHub cannot be asked: {why}", _AGAIN) from error
            finally:
                asking.requests += self._adapter.sent
                asking.redirected = asking.redirected or self._adapter.redirected > 0
            time.sleep(pause)
        raise AssertionError

    def _take_limit(self, headers: Mapping[str, str]) -> None:
        limit, remaining, reset = (headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset"))
        self._shared.told.take(headers.get("x-ratelimit-resource", REST), limit, remaining, reset)

    def _error(self, where: str, status: int, headers: Mapping[str, str], value: Any) -> ForgeError:
        message = self._said(text_of(value, "message"))
        if status in (_FORBIDDEN, _TOO_MANY):
            return self._refusal(where, status, headers, message)
        if status in _GONE:
            hint = "check the path; a private repository needs a token that may see it"
            return RepositoryNotFound(where, "GitHub knows no such repository", hint)
        if status == _UNAUTHORIZED:
            what = "GitHub refused the token" if self._token is not None else "GitHub asks for a token"
            return TokenRefused(where, what, "make a new one and put it into the environment")
        if status == _CONFLICT and "empty" in message:
            return ForgeError(where, "the repository is empty: it has no commits yet", _AGAIN)
        if status in (_CONFLICT, _UNPROCESSABLE):
            return ForgeError(where, f"GitHub did not take the question: {message}".rstrip(": "), _AGAIN)
        what = "answered something that is not JSON" if status == _OK else f"answered {status}: {message}".rstrip(": ")
        return ForgeUnavailable(where, f"GitHub {what}", _AGAIN)

    def _refusal(self, where: str, status: int, headers: Mapping[str, str], message: str) -> ForgeError:
        """Tell a spent limit, primary or secondary, from a token that may not."""
        is_limit = (
            status == _TOO_MANY
            or headers.get("x-ratelimit-remaining") == "0"
            or "retry-after" in headers
            or "rate limit" in message.lower()
        )
        if is_limit:
            return self._limited(where, headers)
        return TokenRefused(where, f"GitHub forbids it: {message}".rstrip(": "), "check what the token may see")

    def _said(self, message: str) -> str:
        """Give a message of the server's on one line; a proxy in between may tell what was sent, the token too."""
        return one_line(message.replace(self._token, "***") if self._token else message)

    def _limited(self, where: str, headers: Mapping[str, str]) -> RateLimited:
        retry_at = self._shared.rest.spent.moment(headers.get("retry-after"), headers.get("x-ratelimit-reset"))
        when = f" until {retry_at:%H:%M} UTC" if retry_at else ""
        hint = "it goes on by itself"
        if self._token is None:
            hint += "; a token has a limit of its own, 5,000 requests an hour"
        return RateLimited(where, f"GitHub's rate limit is spent{when}", hint, retry_at=retry_at)

    def _graphql_error(self, asking: Asking, answer: Answer, errors: Any) -> ForgeError:
        """Read the errors that GraphQL gives with HTTP 200."""
        listed = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        kinds = _kinds(listed)
        if _RATE_LIMITED in kinds:
            limited = self._limited(asking.where, answer.headers)
            self._shared.graphql.spent.remember(limited)
            return limited
        if _NOT_FOUND in kinds:
            return self._error(asking.where, _GONE[0], answer.headers, None)
        message = self._said(text_of(listed[0], "message")) if listed else "no reason given"
        return QueryFailed(asking.where, f"GitHub's GraphQL: {message}", _AGAIN)


def _data(where: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("data"), dict):
        raise ForgeUnavailable(where, "GitHub's answer to a query has no data", "it is asked again")
    return dict(value["data"])


def _kinds(errors: Sequence[Mapping[str, Any]]) -> set[str]:
    return {text_of(error, "type") for error in errors}


class _Connection(HTTPSRequestsConnectionClass):
    """PyGithub's connection over our adapter, for either scheme; PyGithub takes it with each request."""

    def __init__(self, base_url: str, adapter: ForgeAdapter) -> None:
        address = urlsplit(base_url)
        super().__init__(address.hostname or "", address.port or (80 if address.scheme == "http" else None))
        self.protocol = address.scheme
        self.session.mount(f"{address.scheme}://", adapter)
