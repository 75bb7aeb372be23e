"""One checked request to GitHub: every trouble a ForgeError, nothing waited for unasked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.domain.budget import Limit
from bot.forges.answers import fingerprint, one_line, read_json, text_of
from bot.forges.clock import ForgeClock
from bot.forges.github_access import Access, Advice, FixedToken
from bot.forges.github_graphql import has_graphql
from bot.forges.github_limits import is_limit, limited
from bot.forges.github_wire import Allowance, Asking, Bearing, Question, Reply, SentElsewhere, Wire
from bot.forges.limits import ToldLimits
from bot.services.ports import ForgeError, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused

_OK, _NOT_MODIFIED, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR = 200, 304, 401, 403, 429, 500
_CONFLICT, _UNPROCESSABLE = 409, 422
_GONE = (404, 410, 451)
# The names of GitHub's limits.
REST, GRAPHQL = "core", "graphql"
# Types of errors in GraphQL's answers.
_RATE_LIMITED, _NOT_FOUND = "RATE_LIMITED", "NOT_FOUND"
_ENTERPRISE = "a GitHub Enterprise has its API at /api/v3"
_PUBLIC = "a token has a limit of its own, 5,000 requests an hour"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200, or 304 with a value of None; header names are in lower case.

    ``validator`` asks the next time whether anything has changed, None where the answer had none.
    """

    headers: Mapping[str, str]
    value: Any
    is_unchanged: bool = False
    validator: str | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all clients of one GitHub have in common; ``access`` is None where it is asked without a token.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    access: Access | None
    rest: Allowance
    graphql: Allowance
    told: ToldLimits
    clock: ForgeClock
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """The data of a query of which parts failed: those are null in it; ``missing`` are the ones that do not exist."""

    data: Mapping[str, Any]
    missing: frozenset[str]


class QueryFailed(ForgeUnavailable):
    """GraphQL gave up on a query, as it does on one that takes too long: a smaller one may be answered."""


class NoGraphQL(ForgeError):
    """There is no GraphQL where it is asked; REST may answer all the same."""


class EmptyRepository(ForgeError):
    """GitHub tells of a repository without commits by an error; it has no tags."""


class GitHubClient:
    """Asks GitHub's REST and GraphQL, one question at a time; ``shared`` is what all clients of it have in common."""

    def __init__(self, base_url: str, *, timeout: float, shared: Shared) -> None:
        self._shared = shared
        # Empty where there is no token.
        self._bearing = Bearing()
        self._wire = Wire(base_url, self._bearing if shared.access is not None else None, timeout, shared.ca_file)

    def get(self, asking: Asking, path: str, *, validator: str | None = None) -> Answer:
        """Ask for a path below the API's base, and only whether it changed where a validator is given.

        An ETag belongs to the token that got it, so the validator names the token too, and is not sent with another.
        Raises ForgeError.
        """
        return self._ask(asking, Question("GET", path), self._shared.rest, validator or "")

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
        question = Question("POST", self._wire.graphql_url, body=body)
        try:
            answer = self._ask(asking, question, self._shared.graphql)
        except SentElsewhere as error:
            raise self._no_graphql(asking.where, "it sends the bot elsewhere") from error
        return answer, answer.value if isinstance(answer.value, dict) else {}

    def rest_limit(self) -> Limit | None:
        """Tell REST's limit as the last answer did, None before the first."""
        return self._shared.told.of(REST)

    def close(self) -> None:
        """Give back connections."""
        self._wire.close()

    def _ask(self, asking: Asking, question: Question, allowance: Allowance, validator: str = "") -> Answer:
        allowance.check(asking.where)
        sent, reply = self._exchange(asking, question, allowance, validator)
        self._take_limit(reply.headers)
        self._shared.clock.take(reply.headers.get("date"))
        if reply.status == _NOT_MODIFIED and sent.headers:
            return Answer(reply.headers, None, is_unchanged=True, validator=validator)
        value = read_json(reply.text)
        if question.path == self._wire.graphql_url and not has_graphql(reply, value):
            told = "an answer of another kind" if reply.status == _OK else str(reply.status)
            raise self._no_graphql(asking.where, told)
        if reply.status == _OK and value is not None:
            etag = reply.headers.get("etag")
            return Answer(reply.headers, value, validator=f"{self._mark()}{etag}" if etag else None)
        trouble = self._error(asking.where, reply, value, question.path)
        if isinstance(trouble, RateLimited):
            self._remember(trouble, allowance, reply.headers)
        if question.verb == "POST" and reply.status >= _SERVER_ERROR:
            raise QueryFailed(trouble.where, trouble.what, trouble.hint)
        raise trouble

    def _exchange(
        self, asking: Asking, question: Question, allowance: Allowance, validator: str
    ) -> tuple[Question, Reply]:
        """Ask, and once more where GitHub refuses a token that another may take the place of."""
        sent = self._signed(asking, question, validator)
        reply = self._wire.send(asking, sent, allowance)
        access = self._shared.access
        if reply.status == _UNAUTHORIZED and access is not None and access.forget(self._bearing.bearer):
            sent = self._signed(asking, question, validator)
            reply = self._wire.send(asking, sent, allowance)
        return sent, reply

    def _signed(self, asking: Asking, question: Question, validator: str) -> Question:
        """Take the token of now, and the ETag that belongs to it."""
        if self._shared.access is not None:
            self._bearing.bearer = self._shared.access.token(asking)
        mark = self._mark()
        if not validator.startswith(mark):
            return question
        return replace(question, headers={"If-None-Match": validator.removeprefix(mark)})

    def _mark(self) -> str:
        return f"{fingerprint(self._bearing.bearer)} "

    def _remember(self, error: RateLimited, allowance: Allowance, headers: Mapping[str, str]) -> None:
        """Leave GitHub alone: the hour that is spent is one API's; a secondary limit is both of theirs."""
        is_primary = headers.get("x-ratelimit-remaining") == "0" and "retry-after" not in headers
        for each in (allowance,) if is_primary else (self._shared.rest, self._shared.graphql):
            each.spent.remember(error)

    def _take_limit(self, headers: Mapping[str, str]) -> None:
        limit, remaining, reset = (headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset"))
        self._shared.told.take(headers.get("x-ratelimit-resource", REST), limit, remaining, reset)

    def _no_graphql(self, where: str, told: str) -> NoGraphQL:
        what = f"GitHub has no GraphQL at {self._wire.graphql_url} ({told})"
        return NoGraphQL(where, what, f"check base_url; {_ENTERPRISE}")

    def _error(self, where: str, reply: Reply, value: Any, path: str) -> ForgeError:
        status, message = reply.status, self._said(text_of(value, "message"))
        if status in (_FORBIDDEN, _TOO_MANY):
            return self._refusal(where, status, reply.headers, message)
        if status in _GONE:
            return self._unseen(where, path)
        if status == _UNAUTHORIZED:
            what = "GitHub refused the token" if self._bearing.bearer else "GitHub asks for a token"
            return TokenRefused(where, what, self._advice.refused)
        if status == _CONFLICT and "empty" in message:
            return EmptyRepository(where, "the repository is empty: it has no commits yet")
        if status in (_CONFLICT, _UNPROCESSABLE):
            return ForgeError(where, f"GitHub did not take the question: {message}".rstrip(": "))
        what = "answered something that is not JSON" if status == _OK else f"answered {status}: {message}".rstrip(": ")
        return ForgeUnavailable(where, f"GitHub {what}")

    def _unseen(self, where: str, path: str) -> RepositoryNotFound:
        """Say which address knows nothing: it may be the wrong one of the right GitHub."""
        asked = one_line(self._wire.address(path))
        doubt = "" if self._wire.is_api else f"; {_ENTERPRISE}: check base_url"
        return RepositoryNotFound(
            where, "GitHub knows no such repository", f"{self._advice.unseen} (asked at {asked}{doubt})"
        )

    def _refusal(self, where: str, status: int, headers: Mapping[str, str], message: str) -> ForgeError:
        """Tell a spent limit from a token that may not."""
        if is_limit(status, headers, message):
            return self._limited(where, headers)
        return TokenRefused(where, f"GitHub forbids it: {message}".rstrip(": "), self._advice.forbidden)

    @property
    def _advice(self) -> Advice:
        return self._shared.access.advice if self._shared.access is not None else FixedToken.advice

    def _said(self, message: str) -> str:
        """Give a message of the server's on one line; a proxy in between may tell what was sent, the token too."""
        return one_line(message.replace(self._bearing.bearer, "***") if self._bearing.bearer else message)

    def _limited(self, where: str, headers: Mapping[str, str]) -> RateLimited:
        return limited(where, headers, self._shared.rest.spent, "" if self._bearing.bearer else _PUBLIC)

    def _graphql_error(self, asking: Asking, answer: Answer, errors: Any) -> ForgeError:
        """Read the errors that GraphQL gives with HTTP 200."""
        listed = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        kinds = _kinds(listed)
        if _RATE_LIMITED in kinds:
            limited = self._limited(asking.where, answer.headers)
            self._shared.graphql.spent.remember(limited)
            return limited
        if _NOT_FOUND in kinds:
            return self._unseen(asking.where, self._wire.graphql_url)
        message = self._said(text_of(listed[0], "message")) if listed else "no reason given"
        return QueryFailed(asking.where, f"GitHub's GraphQL: {message}")


def _data(where: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("data"), dict):
        raise ForgeUnavailable(where, "GitHub's answer to a query has no data")
    return dict(value["data"])


def _kinds(errors: Sequence[Mapping[str, Any]]) -> set[str]:
    return {text_of(error, "type") for error in errors}
