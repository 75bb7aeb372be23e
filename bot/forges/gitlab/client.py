"""Checked requests to GitLab: python-gitlab underneath, every trouble a ForgeError, nothing waited for unasked."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import gitlab
import requests

from bot.domain.values import dataclass
from bot.forges.clock import ForgeClock
from bot.forges.counter import RequestCounter
from bot.forges.http import ForgeAdapter
from bot.forges.payload import one_line, read_json, read_number
from bot.forges.throttle import CircuitBreaker, RateLimiter, RateLimitPause, ReportedRateLimits
from bot.forges.unreachable import hint_for, why_unreachable
from bot.network.http import reading_at_most
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 401, 403, 429, 500
_GONE = (404, 410, 451)
# Seconds before a broken connection or a 5xx is tried again.
_PAUSES = (0.2, 0.4)
# More than any list that can be read between two polls.
_MOST_PAGES = 1_000
# So manieth part of the limit is never used.
_RESERVE = 10
# The name of GitLab's one limit.
RESOURCE = "api"
# What another try may fix.
_PASSING = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list; ``total`` is what the instance says the list has, None where it does not say."""

    entries: list[Any]
    total: int | None


@dataclass(frozen=True, slots=True)
class GitLabShared:
    """What all clients of one GitLab have in common: what keeps them from asking too much, and its clock.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    pause: RateLimitPause
    rate_limiter: RateLimiter
    reported: ReportedRateLimits
    breaker: CircuitBreaker
    clock: ForgeClock
    ca_file: Path | None = None


def project_address(path: str, part: str = "") -> str:
    """Return the address of a project, or of a part of it, below the API's base."""
    return f"/projects/{quote(path, safe='')}{part}"


class GitLabClient:
    """Asks one GitLab instance, one question at a time; ``shared`` is what all clients of it have in common."""

    def __init__(self, base_url: str, token: str | None, *, timeout: float, shared: GitLabShared) -> None:
        self._has_token = token is not None
        self._pause = shared.pause
        self._rate_limiter = shared.rate_limiter
        self._reported = shared.reported
        self._breaker = shared.breaker
        self._clock = shared.clock
        self._headers: Mapping[str, str] = {}
        self._adapter = ForgeAdapter(base_url, timeout, shared.ca_file)
        session = requests.Session()
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        # python-gitlab's errors do not carry the headers that say how long to wait.
        session.hooks["response"].append(self._remember)
        self._gitlab = gitlab.Gitlab(base_url, private_token=token, timeout=timeout, session=session)

    def pages(self, counter: RequestCounter, path: str, query: Mapping[str, str]) -> Iterator[ListPage]:
        """Read a list page by page to its end. Raises ForgeError.

        Of a link to the next page only the query is followed: an instance that calls
        itself by another name cannot send the token elsewhere.
        """
        following: dict[str, str] | None = dict(query)
        for _ in range(_MOST_PAGES):
            response = self._ask(counter, path, following or {})
            self._keep_reserve(counter.where)
            yield _page(counter.where, response)
            before, following = following, _next_query(response)
            if following is None:
                return
            if following == before:
                break
        raise ForgeUnavailable(counter.where, "GitLab's list does not end")

    def one(self, counter: RequestCounter, path: str) -> tuple[Mapping[str, str], Any]:
        """Read one object, with the headers. Raises ForgeError."""
        response = self._ask(counter, path, {})
        return response.headers, read_json(response.content)

    def text(self, counter: RequestCounter, path: str, query: Mapping[str, str], most: int) -> str:
        """Read at most ``most`` bytes of a file. Raises ForgeError."""
        with reading_at_most(most):
            return self._ask(counter, path, query).content.decode("utf-8", "replace")

    @property
    def has_token(self) -> bool:
        """Return whether requests carry a token."""
        return self._has_token

    def close(self) -> None:
        """Close the connections."""
        self._gitlab.session.close()

    def _remember(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._headers = response.headers
        if response.status_code < _SERVER_ERROR:
            self._breaker.record_success()
        self._clock.record(response.headers.get("Date"))
        limit, remaining, reset = (
            response.headers.get(f"RateLimit-{name}") for name in ("Limit", "Remaining", "Reset")
        )
        self._reported.record(RESOURCE, limit, remaining, reset)

    def _ask(self, counter: RequestCounter, path: str, query: Mapping[str, str]) -> requests.Response:
        self._pause.check(counter.where)
        self._breaker.check(counter.where)
        for pause in (*_PAUSES, None):
            self._rate_limiter.acquire()
            self._adapter.begin()
            try:
                return self._gitlab.http_request("get", path, query_data=dict(query), obey_rate_limit=False)
            except gitlab.GitlabError as error:
                is_answer = (error.response_code or 0) < _SERVER_ERROR
                if pause is None and not is_answer:
                    self._breaker.record_failure(self._error(counter.where, error).what)
                if pause is None or is_answer:
                    raise self._error(counter.where, error) from error
            except (requests.RequestException, OSError, RuntimeError, ValueError) as error:
                if pause is None or not isinstance(error, _PASSING) or isinstance(error, requests.Timeout):
                    what = f"cannot reach GitLab: {why_unreachable(error, self._adapter.host)}"
                    self._breaker.record_failure(what)
                    raise ForgeUnavailable(counter.where, what, hint_for(error, counter.where)) from error
            finally:
                counter.requests += self._adapter.sent
                counter.redirected = counter.redirected or self._adapter.redirected > 0
            time.sleep(pause)
        raise AssertionError

    def _error(self, where: str, error: gitlab.GitlabError) -> ForgeError:
        status = error.response_code or 0
        if status == _TOO_MANY:
            limited = self._limited(where)
            self._pause.start(limited)
            return limited
        if status in _GONE:
            hint = "check the path; a private project needs a token with access"
            return RepositoryNotFound(where, "project not found on GitLab", hint)
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            what = "GitLab rejected the token" if self._has_token else "GitLab requires a token"
            hint = "set a new one with the scope read_api in the environment"
            return TokenRefused(where, f"{what} ({status})", hint)
        got = f"HTTP {status}" if status else one_line(type(error).__name__)
        return ForgeUnavailable(where, f"GitLab returned {got}")

    def _keep_reserve(self, where: str) -> None:
        """Leave the last part of the limit to others who use the same token or address."""
        limit, remaining = (read_number(self._headers.get(f"RateLimit-{name}")) for name in ("Limit", "Remaining"))
        if limit and remaining is not None and remaining < limit / _RESERVE:
            self._pause.start(self._limited(where, "almost exceeded (the rest is reserved for other clients), paused"))

    def _limited(self, where: str, how: str = "exceeded") -> RateLimited:
        retry_at = self._pause.end_of(self._headers.get("Retry-After"), self._headers.get("RateLimit-Reset"))
        when = f" until {retry_at:%H:%M} UTC" if retry_at else ""
        return RateLimited(where, f"GitLab rate limit {how}{when}", retry_at=retry_at)


def _page(where: str, response: requests.Response) -> ListPage:
    """Read a page; anything but a list is an error, never taken for the end. Raises ForgeUnavailable."""
    entries = read_json(response.content)
    if entries is None:
        raise ForgeUnavailable(where, "GitLab returned invalid JSON")
    if not isinstance(entries, list):
        raise ForgeUnavailable(where, "GitLab's response is not a list")
    return ListPage(entries, read_number(response.headers.get("X-Total")))


def _next_query(response: requests.Response) -> dict[str, str] | None:
    following = response.links.get("next", {}).get("url")
    return dict(parse_qsl(urlsplit(following).query, keep_blank_values=True)) if following else None
