"""What goes to GitHub and comes back: PyGithub over our bounded connection, paced, counted, tried again where it broke.

What an answer means is for others to say.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import github
import requests
from github.Requester import HTTPSRequestsConnectionClass

from bot.forges.answers import hint_for, why_unreachable
from bot.forges.connection import ForgeAdapter, LeftHome
from bot.forges.limits import SpentLimit
from bot.forges.pace import Pace
from bot.forges.reach import Reach
from bot.services.ports import ForgeUnavailable

_SERVER_ERROR = 500
# Nothing passing, though its number is that of a server's own error.
NOT_IMPLEMENTED = 501
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
# Those among them that another try may mend.
_PASSING = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
# A redirection that is not followed, which is an answer; PyGithub's own refusal is a RuntimeError.
_ELSEWHERE = (LeftHome, requests.TooManyRedirects, RuntimeError)


class SentElsewhere(ForgeUnavailable):
    """What was asked sends the bot to another address, or from address to address."""


@dataclass(slots=True)
class Asking:
    """The requests made for one repository; ``where`` is the repository as errors name it.

    ``redirected`` tells that GitHub knows the repository by another path.
    """

    where: str
    requests: int = 0
    redirected: bool = False


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one of GitHub's two APIs allows: until when its hour is spent, so many requests a minute, if it answers."""

    spent: SpentLimit
    pace: Pace
    reach: Reach

    def check(self, where: str) -> None:
        """Raise ForgeError while nothing is to be asked."""
        self.spent.check(where)
        self.reach.check(where)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the verb, the path below the API's base or an address, and what is sent with it."""

    verb: str
    path: str
    headers: Mapping[str, str] | None = None
    body: Any = None


class Reply(NamedTuple):
    """What came back, whatever it means; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_trouble(self) -> bool:
        """Whether it is an error of the server's own, which another try may mend."""
        return self.status >= _SERVER_ERROR and self.status != NOT_IMPLEMENTED


class Bearing(github.Auth.Auth):
    """PyGithub's way to the token of the next request; it masks it in what it logs."""

    bearer = ""

    @property
    def token_type(self) -> str:
        """The word before the token, as PyGithub writes it for every other token."""
        return "token"

    @property
    def token(self) -> str:
        """The token."""
        return self.bearer


class Wire:
    """Sends to one GitHub, one question at a time; ``auth`` signs them, ``timeout`` is in seconds.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    def __init__(
        self, base_url: str, auth: github.Auth.Auth | None, timeout: float, ca_file: Path | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._adapter = ForgeAdapter(base_url, timeout, ca_file)
        self._connection = _Connection(base_url, self._adapter)
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
        """Where GraphQL is asked."""
        return self._requester.graphql_url

    @property
    def is_api(self) -> bool:
        """Whether the base is plainly an API's: GitHub's own, or that of an Enterprise."""
        return self._base_url == _GITHUB or self._base_url.endswith("/api/v3")

    def address(self, path: str) -> str:
        """Return where a question goes, without what is asked for in its query."""
        return path if "://" in path else f"{self._base_url}{path.partition('?')[0]}"

    def send(self, asking: Asking, question: Question, allowance: Allowance) -> Reply:
        """Send one question, and twice more over a broken connection or a 5xx. Raises ForgeUnavailable."""
        for pause in (*_PAUSES, None):
            allowance.pace.wait()
            self._adapter.begin()
            try:
                reply = self._once(question)
                if not reply.is_trouble:
                    allowance.reach.answered()
                    return reply
                if pause is None:
                    allowance.reach.failed(f"GitHub answered {reply.status}")
                    return reply
            except _TROUBLES as error:
                why = why_unreachable(error)
                if pause is None or not isinstance(error, _PASSING) or isinstance(error, requests.Timeout):
                    what = f"GitHub cannot be asked: {why}"
                    if isinstance(error, _ELSEWHERE):
                        allowance.reach.answered()
                        raise SentElsewhere(asking.where, what) from error
                    allowance.reach.failed(what)
                    raise ForgeUnavailable(asking.where, what, hint_for(error, asking.where)) from error
            finally:
                asking.requests += self._adapter.sent
                asking.redirected = asking.redirected or self._adapter.redirected > 0
            time.sleep(pause)
        raise AssertionError

    def _once(self, question: Question) -> Reply:
        headers = dict(question.headers or {})
        return Reply(
            *self._requester.requestJson(
                question.verb, question.path, headers=headers, input=question.body, cnx=self._connection
            )
        )

    def close(self) -> None:
        """Give back connections."""
        self._connection.close()
        self._requester.close()


class _Connection(HTTPSRequestsConnectionClass):
    """PyGithub's connection over our adapter, for either scheme; PyGithub takes it with each request."""

    def __init__(self, base_url: str, adapter: ForgeAdapter) -> None:
        address = urlsplit(base_url)
        super().__init__(address.hostname or "", address.port or (80 if address.scheme == "http" else None))
        self.protocol = address.scheme
        self.session.mount(f"{address.scheme}://", adapter)
