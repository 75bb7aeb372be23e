"""One checked request to GitHub: PyGithub underneath, every trouble a ForgeError, nothing waited for unasked."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import github
import requests
from urllib3.util import Retry

from bot.forges.answers import one_line, reset_moment, retry_moment, text_of, why_unreachable
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

_OK, _NOT_MODIFIED, _UNAUTHORIZED, _FORBIDDEN, _CONFLICT, _TOO_MANY = 200, 304, 401, 403, 409, 429
_GONE = (404, 410, 451)


@dataclass(slots=True)
class Asking:
    """The requests made for one repository; ``where`` is the repository as errors name it."""

    where: str
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200, or 304 with a value of None; header names are in lower case."""

    headers: Mapping[str, str]
    value: Any
    is_unchanged: bool = False


class GitHubClient:
    """Asks GitHub's REST and GraphQL, and keeps the limit that it last told.

    ``remaining`` and ``limit`` are None until the first answer.
    """

    def __init__(self, base_url: str, token: str | None, *, timeout: int, now: Callable[[], datetime]) -> None:
        # Two quick tries more for a broken connection or a 5xx. Limits are not waited for
        # here: PyGithub's own retry sleeps for as long as the server says.
        retry = Retry(
            total=2,
            read=1,
            backoff_factor=0.2,
            status_forcelist=(500, 502, 503, 504),
            allowed_methods=None,
            respect_retry_after_header=False,
            raise_on_status=False,
        )
        self._now = now
        self._requester = github.Github(
            base_url=base_url,
            auth=github.Auth.Token(token) if token else None,
            timeout=timeout,
            per_page=100,
            lazy=True,
            retry=retry,
            seconds_between_requests=None,
            seconds_between_writes=None,  # every GraphQL query counts as a write, with a pause of 1 s by default
        ).requester
        self.limit: int | None = None
        self.remaining: int | None = None
        self._spent: RateLimited | None = None

    def get(self, asking: Asking, path: str, *, etag: str | None = None) -> Answer:
        """Ask for a path below the API's base. Raises ForgeError."""
        return self._ask(asking, "GET", path, headers={"If-None-Match": etag} if etag else None)

    def graphql(self, asking: Asking, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a query and give its data, which is whole: any error in it is raised as a ForgeError."""
        body = {"query": query, "variables": dict(variables)}
        answer = self._ask(asking, "POST", self._requester.graphql_url, body=body)
        value = answer.value if isinstance(answer.value, dict) else {}
        errors = value.get("errors")
        if errors:
            raise self._graphql_error(asking, answer, errors)
        if not isinstance(value.get("data"), dict):
            raise ForgeUnavailable(asking.where, "GitHub's answer to a query has no data", "it is asked again")
        return dict(value["data"])

    def close(self) -> None:
        """Give back connections."""
        self._requester.close()

    def _ask(
        self, asking: Asking, verb: str, path: str, *, headers: dict[str, str] | None = None, body: Any = None
    ) -> Answer:
        if self._spent is not None and self._spent.retry_at is not None and self._now() < self._spent.retry_at:
            raise RateLimited(asking.where, self._spent.what, self._spent.hint, retry_at=self._spent.retry_at)
        asking.requests += 1
        try:
            status, received, text = self._requester.requestJson(verb, path, headers=headers, input=body)
        except (github.GithubException, requests.RequestException, RuntimeError, OSError, ValueError) as error:
            what = f"GitHub cannot be asked: {why_unreachable(error)}"
            raise ForgeUnavailable(asking.where, what, "it is asked again at the next poll") from error
        self._take_limit(received)
        if status == _NOT_MODIFIED:
            return Answer(received, None, is_unchanged=True)
        value = _read_json(text)
        if status == _OK and value is not None:
            return Answer(received, value)
        trouble = self._error(asking.where, status, received, value)
        if isinstance(trouble, RateLimited):
            self._spent = trouble
        raise trouble

    def _take_limit(self, headers: Mapping[str, str]) -> None:
        if headers.get("x-ratelimit-resource", "core") == "core":
            for name in ("limit", "remaining"):
                told = headers.get(f"x-ratelimit-{name}", "")
                if told.isdecimal():
                    setattr(self, name, int(told))

    def _error(self, where: str, status: int, headers: Mapping[str, str], value: Any) -> ForgeError:
        message = one_line(text_of(value, "message"))
        again = "it is asked again at the next poll"
        if status in (_FORBIDDEN, _TOO_MANY):
            return self._refusal(where, status, headers, message)
        if status in _GONE:
            hint = "check the path; a private repository needs a token that may see it"
            return RepositoryNotFound(where, "GitHub knows no such repository", hint)
        if status == _UNAUTHORIZED:
            return TokenRefused(where, "GitHub refused the token", "make a new one and put it into the environment")
        if status == _CONFLICT and "empty" in message:
            return ForgeError(where, "the repository is empty: it has no commits yet", again)
        what = "answered something that is not JSON" if status == _OK else f"answered {status}: {message}".rstrip(": ")
        return ForgeUnavailable(where, f"GitHub {what}", again)

    def _refusal(self, where: str, status: int, headers: Mapping[str, str], message: str) -> ForgeError:
        """Tell a spent limit, primary or secondary, from a token that may not."""
        is_limit = (
            status == _TOO_MANY
            or headers.get("x-ratelimit-remaining") == "0"
            or "retry-after" in headers
            or "rate limit" in message.lower()
        )
        if is_limit:
            retry_at = retry_moment(headers.get("retry-after"), self._now())
            return self._limited(where, retry_at or reset_moment(headers.get("x-ratelimit-reset")))
        return TokenRefused(where, f"GitHub forbids it: {message}".rstrip(": "), "check what the token may see")

    def _limited(self, where: str, retry_at: datetime | None) -> RateLimited:
        when = f" until {retry_at:%H:%M} UTC" if retry_at else ""
        hint = "it goes on by itself; a token has a limit of its own, 5,000 requests an hour"
        return RateLimited(where, f"GitHub's rate limit is spent{when}", hint, retry_at=retry_at)

    def _graphql_error(self, asking: Asking, answer: Answer, errors: Any) -> ForgeError:
        """Read the errors that GraphQL gives with HTTP 200."""
        listed = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        kinds = {text_of(error, "type") for error in listed}
        if "RATE_LIMITED" in kinds:
            self._spent = self._limited(asking.where, reset_moment(answer.headers.get("x-ratelimit-reset")))
            return self._spent
        if "NOT_FOUND" in kinds:
            return self._error(asking.where, _GONE[0], answer.headers, None)
        message = one_line(text_of(listed[0], "message")) if listed else "no reason given"
        return ForgeUnavailable(asking.where, f"GitHub's GraphQL: {message}", "it is asked again at the next poll")


def _read_json(text: str) -> Any:
    """Read a body, None where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None
