"""HTTP requests to GitHub: rate limited, counted, and retried.

Of a response this module reads only what decides about a retry: rate limits, and whether there is a GraphQL API at
all. An old Enterprise has none, and a proxy may not let it through.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import github
import requests

from bot.domain.values import dataclass
from bot.forges.counter import RequestCounter
from bot.forges.github.connection import AdapterConnection
from bot.forges.http import ForgeAdapter, LeftHome
from bot.forges.payload import text_of
from bot.forges.throttle import CircuitBreaker, RateLimiter, RateLimitPause
from bot.forges.unreachable import hint_for, why_unreachable
from bot.services.ports import ForgeUnavailable, RateLimited

_SUCCESS, _ELSEWHERE, _REFUSED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 200, 300, 400, 403, 429, 500
# Nothing passing, though its number is that of a server's own error.
_NOT_IMPLEMENTED = 501
# What an address says where nothing is, whoever says it.
_NOTHING_THERE = (404, 405, 410, _NOT_IMPLEMENTED)
# A refused token, and what passes: it is the same for all of GitHub.
_OF_ALL = (401, 408, 425, 429)
_GITHUB = "https://api.github.com"
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
# Those among them that another try may fix.
_PASSING = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
# A redirection that is not followed, which is an answer; PyGithub's own refusal is a RuntimeError.
_UNFOLLOWED = (LeftHome, requests.TooManyRedirects, RuntimeError)


class SentElsewhere(ForgeUnavailable):
    """A request was redirected to another address, or too often."""


class QueryFailed(ForgeUnavailable):
    """GraphQL failed on a query, as it does on one that takes too long; a smaller one may succeed."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one of GitHub's APIs allows: requests per minute, and none while it is down or its limit is exceeded."""

    pause: RateLimitPause
    rate_limiter: RateLimiter
    breaker: CircuitBreaker

    def check(self, where: str) -> None:
        """Raise ForgeError while no request may be sent."""
        self.pause.check(where)
        self.breaker.check(where)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request: the verb, the path below the API's base or an address, and what is sent with it."""

    verb: str
    path: str
    headers: Mapping[str, str] | None = None
    body: Any = None
    # Whether a smaller one is sent instead where the server fails on it: that is no sign of an outage, and no cause to
    # send the same again.
    is_divisible: bool = False


class ApiResponse(NamedTuple):
    """What came back, whatever it means; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_trouble(self) -> bool:
        """Return whether it is a server error, which a retry may fix."""
        return self.status >= _SERVER_ERROR and self.status != _NOT_IMPLEMENTED


class Transport:
    """Sends to one GitHub, one request at a time; ``auth`` signs them, ``timeout`` is in seconds.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    def __init__(
        self, base_url: str, auth: github.Auth.Auth | None, timeout: float, ca_file: Path | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._adapter = ForgeAdapter(base_url, timeout, ca_file)
        self._connection = AdapterConnection(base_url, self._adapter)
        # Limits are not waited for here: PyGithub's own retry sleeps for as long as the server says.
        self._requester = github.Github(
            base_url=base_url,
            auth=auth,
            per_page=100,
            lazy=True,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,  # every GraphQL query counts as a write, with a pause of 1 s by default
        ).requester

    @property
    def graphql_url(self) -> str:
        """Return the address of the GraphQL API."""
        return self._requester.graphql_url

    @property
    def is_api(self) -> bool:
        """Return whether the base is plainly an API's: GitHub's own, or that of an Enterprise."""
        return self._base_url == _GITHUB or self._base_url.endswith("/api/v3")

    def address(self, path: str) -> str:
        """Return the URL of a request, without its query string."""
        return path if "://" in path else f"{self._base_url}{path.partition('?')[0]}"

    def send(self, counter: RequestCounter, request: ApiRequest, allowance: Allowance) -> ApiResponse:
        """Send one request, with two retries after a broken connection or a 5xx.

        Raises ForgeUnavailable; QueryFailed where one that is divisible timed out.
        """
        for pause in (*_PAUSES, None):
            allowance.rate_limiter.acquire()
            self._adapter.begin()
            try:
                response = self._once(request)
                if not response.is_trouble or request.is_divisible or pause is None:
                    _record(allowance.breaker, request, response)
                    return response
            except _TROUBLES as error:
                if pause is None or not isinstance(error, _PASSING) or isinstance(error, requests.Timeout):
                    what = f"cannot reach GitHub: {why_unreachable(error, self._adapter.host)}"
                    if isinstance(error, _UNFOLLOWED):
                        allowance.breaker.record_success()
                        raise SentElsewhere(counter.where, what, hint_for(error, counter.where)) from error
                    if request.is_divisible and isinstance(error, requests.ReadTimeout):
                        raise QueryFailed(counter.where, what, hint_for(error, counter.where)) from error
                    allowance.breaker.record_failure(what)
                    raise ForgeUnavailable(counter.where, what, hint_for(error, counter.where)) from error
            finally:
                counter.requests += self._adapter.sent
                counter.redirected = counter.redirected or self._adapter.redirected > 0
            time.sleep(pause)
        raise AssertionError

    def _once(self, request: ApiRequest) -> ApiResponse:
        headers = dict(request.headers or {})
        return ApiResponse(
            *self._requester.requestJson(
                request.verb, request.path, headers=headers, input=request.body, cnx=self._connection
            )
        )

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
        self._requester.close()


def _record(breaker: CircuitBreaker, request: ApiRequest, response: ApiResponse) -> None:
    if not response.is_trouble:
        breaker.record_success()
    elif not request.is_divisible:
        breaker.record_failure(f"GitHub returned HTTP {response.status}")


def is_limit(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Return whether a response reports an exceeded rate limit, primary or secondary, and not a lack of permission."""
    says_limit = (
        headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers or "rate limit" in message.lower()
    )
    return status == _TOO_MANY or (status == _FORBIDDEN and says_limit)


def limited(where: str, headers: Mapping[str, str], pause: RateLimitPause, hint: str = "") -> RateLimited:
    """Return the error of an exceeded rate limit; ``hint`` is what can be done besides waiting."""
    retry_at = pause.end_of(headers.get("retry-after"), headers.get("x-ratelimit-reset"))
    when = f" until {retry_at:%H:%M} UTC" if retry_at else ""
    return RateLimited(where, f"GitHub rate limit exceeded{when}", hint, retry_at=retry_at)


def has_graphql(response: ApiResponse, value: Any) -> bool:
    """Return whether a response to a query comes from GraphQL, or shows that GitHub itself is in trouble.

    ``value`` is what its JSON says, None where it has none. GitHub's refusals of a query name their documentation; an
    outage, an exceeded limit and a rejected token say nothing of whether there is GraphQL.
    """
    status = response.status
    if status in _NOTHING_THERE:
        return False
    if status >= _SERVER_ERROR or status in _OF_ALL or is_limit(status, response.headers, text_of(value, "message")):
        return True
    if _SUCCESS <= status < _ELSEWHERE and value is None:
        # JSON that breaks off is one answer's trouble; a page is somebody else's.
        return "json" in response.headers.get("content-type", "")
    marks = ("errors", "documentation_url") if status >= _REFUSED else ("data", "errors")
    return isinstance(value, dict) and any(mark in value for mark in marks)
