"""Checked requests to GitLab: python-gitlab underneath, every trouble a ForgeError, nothing waited for unasked."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import gitlab
import requests

from bot.forges.answers import one_line, reset_moment, retry_moment, why_unreachable
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 401, 403, 429, 500
_GONE = (404, 410, 451)
# Seconds before a broken connection or a 5xx is tried again.
_PAUSES = (0.2, 0.4)
_MOST_PAGES = 10_000


@dataclass(slots=True)
class Asking:
    """The requests made for one project; ``where`` is the repository as errors name it."""

    where: str
    path: str
    requests: int = 0

    def below(self, end: str) -> str:
        """Give the address of something of the project, below the API's base."""
        return f"/projects/{quote(self.path, safe='')}/{end}"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; ``total`` is what the instance says the list has, None where it does not say."""

    entries: list[Any]
    total: int | None


class GitLabClient:
    """Asks one GitLab instance."""

    def __init__(self, base_url: str, token: str | None, *, timeout: int, now: Callable[[], datetime]) -> None:
        self._now = now
        self._gitlab = gitlab.Gitlab(base_url, private_token=token, timeout=timeout)
        self._headers: Mapping[str, str] = {}
        # python-gitlab's errors do not carry the headers that say how long to wait.
        self._gitlab.session.hooks["response"].append(self._remember)
        self._spent: RateLimited | None = None

    def pages(self, asking: Asking, path: str, query: Mapping[str, str]) -> Iterator[Page]:
        """Read a list page by page to its end. Raises ForgeError.

        Of a link to the next page only the query is followed: an instance that calls
        itself by another name cannot send the token elsewhere.
        """
        following: dict[str, str] | None = dict(query)
        for _ in range(_MOST_PAGES):
            response = self._ask(asking, path, following or {})
            yield _page(asking.where, response)
            following = _next_query(response)
            if following is None:
                return
        raise ForgeUnavailable(asking.where, "GitLab's list has no end", "it is asked again at the next poll")

    def close(self) -> None:
        """Give back connections."""
        self._gitlab.session.close()

    def _remember(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._headers = response.headers

    def _ask(self, asking: Asking, path: str, query: Mapping[str, str]) -> requests.Response:
        if self._spent is not None and self._spent.retry_at is not None and self._now() < self._spent.retry_at:
            raise RateLimited(asking.where, self._spent.what, self._spent.hint, retry_at=self._spent.retry_at)
        for pause in (*_PAUSES, None):
            asking.requests += 1
            try:
                return self._gitlab.http_request("get", path, query_data=dict(query), obey_rate_limit=False)
            except gitlab.GitlabError as error:
                if pause is None or (error.response_code or 0) < _SERVER_ERROR:
                    raise self._error(asking.where, error) from error
            except (requests.RequestException, OSError, ValueError) as error:
                if pause is None or isinstance(error, requests.Timeout):
                    what = f"GitLab cannot be asked: {why_unreachable(error)}"
                    raise ForgeUnavailable(asking.where, what, "it is asked again at the next poll") from error
            time.sleep(pause)
        raise AssertionError

    def _error(self, where: str, error: gitlab.GitlabError) -> ForgeError:
        status = error.response_code or 0
        again = "it is asked again at the next poll"
        if status == _TOO_MANY:
            self._spent = self._limited(where)
            return self._spent
        if status in _GONE:
            hint = "check the path; a private project needs a token that may see it"
            return RepositoryNotFound(where, "GitLab knows no such project", hint)
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            hint = "make a new one with the scope read_api and put it into the environment"
            return TokenRefused(where, f"GitLab refused the token ({status})", hint)
        return ForgeUnavailable(where, f"GitLab answered {status or one_line(type(error).__name__)}", again)

    def _limited(self, where: str) -> RateLimited:
        told = retry_moment(self._headers.get("Retry-After"), self._now())
        retry_at = told or reset_moment(self._headers.get("RateLimit-Reset"))
        when = f" until {retry_at:%H:%M} UTC" if retry_at else ""
        return RateLimited(where, f"GitLab's rate limit is spent{when}", "it goes on by itself", retry_at=retry_at)


def _page(where: str, response: requests.Response) -> Page:
    """Read a page; anything that is not wholly a list is refused, never taken for the end."""
    try:
        entries = response.json()
    except ValueError as error:
        raise ForgeUnavailable(where, "GitLab answered something that is not JSON", "it is asked again") from error
    if not isinstance(entries, list):
        raise ForgeUnavailable(where, "GitLab's list is no list", "it is asked again at the next poll")
    total = response.headers.get("X-Total", "")
    return Page(entries, int(total) if total.isdecimal() else None)


def _next_query(response: requests.Response) -> dict[str, str] | None:
    following = response.links.get("next", {}).get("url")
    return dict(parse_qsl(urlsplit(following).query, keep_blank_values=True)) if following else None
