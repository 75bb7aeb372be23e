"""Checked requests to GitLab: python-gitlab underneath, every trouble a ForgeError, nothing waited for unasked."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import gitlab
import requests

from bot.forges.answers import hint_for, one_line, read_json, read_number, why_unreachable
from bot.forges.clock import ForgeClock
from bot.forges.connection import ForgeAdapter
from bot.forges.limits import SpentLimit, ToldLimits
from bot.forges.pace import Pace
from bot.forges.reach import Reach
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
# What another try may mend.
_PASSING = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@dataclass(slots=True)
class Asking:
    """The requests made for one project; ``where`` is the repository as errors name it.

    ``redirected`` tells that GitLab knows the project by another path.
    """

    where: str
    path: str
    requests: int = 0
    redirected: bool = False

    @property
    def project(self) -> str:
        """The address of the project, below the API's base."""
        return f"/projects/{quote(self.path, safe='')}"

    def below(self, end: str) -> str:
        """Give the address of something of the project, below the API's base."""
        return f"{self.project}/{end}"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; ``total`` is what the instance says the list has, None where it does not say."""

    entries: list[Any]
    total: int | None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all clients of one GitLab have in common: its limit, the pace below it, and whether it answers.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    spent: SpentLimit
    pace: Pace
    told: ToldLimits
    reach: Reach
    clock: ForgeClock
    ca_file: Path | None = None


class GitLabClient:
    """Asks one GitLab instance, one question at a time; ``shared`` is what all clients of it have in common."""

    def __init__(self, base_url: str, token: str | None, *, timeout: float, shared: Shared) -> None:
        self._has_token = token is not None
        self._spent = shared.spent
        self._pace = shared.pace
        self._told = shared.told
        self._reach = shared.reach
        self._clock = shared.clock
        self._headers: Mapping[str, str] = {}
        self._adapter = ForgeAdapter(base_url, timeout, shared.ca_file)
        session = requests.Session()
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        # python-gitlab's errors do not carry the headers that say how long to wait.
        session.hooks["response"].append(self._remember)
        self._gitlab = gitlab.Gitlab(base_url, private_token=token, timeout=timeout, session=session)

    def pages(self, asking: Asking, path: str, query: Mapping[str, str]) -> Iterator[Page]:
        """Read a list page by page to its end. Raises ForgeError.

        Of a link to the next page only the query is followed: an instance that calls
        itself by another name cannot send the token elsewhere.
        """
        following: dict[str, str] | None = dict(query)
        for _ in range(_MOST_PAGES):
            response = self._ask(asking, path, following or {})
            self._keep_reserve(asking.where)
            yield _page(asking.where, response)
            before, following = following, _next_query(response)
            if following is None:
                return
            if following == before:
                break
        raise ForgeUnavailable(asking.where, "GitLab's list has no end")

    def one(self, asking: Asking, path: str) -> tuple[Mapping[str, str], Any]:
        """Read one thing that is no list, with the headers. Raises ForgeError."""
        response = self._ask(asking, path, {})
        return response.headers, read_json(response.content)

    @property
    def has_token(self) -> bool:
        """Whether it is asked with a token."""
        return self._has_token

    def close(self) -> None:
        """Give back connections."""
        self._gitlab.session.close()

    def _remember(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._headers = response.headers
        if response.status_code < _SERVER_ERROR:
            self._reach.answered()
        self._clock.take(response.headers.get("Date"))
        limit, remaining, reset = (
            response.headers.get(f"RateLimit-{name}") for name in ("Limit", "Remaining", "Reset")
        )
        self._told.take(RESOURCE, limit, remaining, reset)

    def _ask(self, asking: Asking, path: str, query: Mapping[str, str]) -> requests.Response:
        self._spent.check(asking.where)
        self._reach.check(asking.where)
        for pause in (*_PAUSES, None):
            self._pace.wait()
            self._adapter.begin()
            try:
                return self._gitlab.http_request("get", path, query_data=dict(query), obey_rate_limit=False)
            except gitlab.GitlabError as error:
                is_answer = (error.response_code or 0) < _SERVER_ERROR
                if pause is None and not is_answer:
                    self._reach.failed(self._error(asking.where, error).what)
                if pause is None or is_answer:
                    raise self._error(asking.where, error) from error
            except (requests.RequestException, OSError, RuntimeError, ValueError) as error:
                if pause is None or not isinstance(error, _PASSING) or isinstance(error, requests.Timeout):
                    what = f"GitLab cannot be asked: {why_unreachable(error)}"
                    self._reach.failed(what)
                    raise ForgeUnavailable(asking.where, what, hint_for(error, asking.where)) from error
            finally:
                asking.requests += self._adapter.sent
                asking.redirected = asking.redirected or self._adapter.redirected > 0
            time.sleep(pause)
        raise AssertionError

    def _error(self, where: str, error: gitlab.GitlabError) -> ForgeError:
        status = error.response_code or 0
        if status == _TOO_MANY:
            limited = self._limited(where)
            self._spent.remember(limited)
            return limited
        if status in _GONE:
            hint = "check the path; a private project needs a token that may see it"
            return RepositoryNotFound(where, "GitLab knows no such project", hint)
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            what = "GitLab refused the token" if self._has_token else "GitLab asks for a token"
            hint = "make a new one with the scope read_api and put it into the environment"
            return TokenRefused(where, f"{what} ({status})", hint)
        return ForgeUnavailable(where, f"GitLab answered {status or one_line(type(error).__name__)}")

    def _keep_reserve(self, where: str) -> None:
        """Leave the last part of the limit to others who use the same token or address."""
        limit, remaining = (read_number(self._headers.get(f"RateLimit-{name}")) for name in ("Limit", "Remaining"))
        if limit and remaining is not None and remaining < limit / _RESERVE:
            self._spent.remember(self._limited(where, "nearly spent, and the rest is left to others,"))

    def _limited(self, where: str, how: str = "spent") -> RateLimited:
        retry_at = self._spent.moment(self._headers.get("Retry-After"), self._headers.get("RateLimit-Reset"))
        when = f" until {retry_at:%H:%M} UTC" if retry_at else ""
        return RateLimited(where, f"GitLab's rate limit is {how}{when}".rstrip(","), retry_at=retry_at)


def _page(where: str, response: requests.Response) -> Page:
    """Read a page; anything that is not wholly a list is refused, never taken for the end."""
    entries = read_json(response.content)
    if entries is None:
        raise ForgeUnavailable(where, "GitLab answered something that is not JSON")
    if not isinstance(entries, list):
        raise ForgeUnavailable(where, "GitLab's list is no list")
    return Page(entries, read_number(response.headers.get("X-Total")))


def _next_query(response: requests.Response) -> dict[str, str] | None:
    following = response.links.get("next", {}).get("url")
    return dict(parse_qsl(urlsplit(following).query, keep_blank_values=True)) if following else None
