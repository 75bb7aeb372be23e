"""Mattermost's REST API (version 4) over bounded connections: one request a call, each failure classified.

A response of the server's own is JSON, whatever its content type says after the semicolon; an error is an object with
``id``, ``message``, ``status_code`` and ``request_id``. The rate limiter answers with plain text.
"""

import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from bot.domain.values import dataclass
from bot.network.exchange import Limits
from bot.network.once import NotSent, send_once
from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable

# Far above the size of 200 posts, each of 16,383 characters.
_LARGEST = 20_000_000
_LONGEST_MESSAGE = 200
_LONGEST_WAIT = 3_600.0
_HINTS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the token is invalid or was revoked; set a new one",
    HTTPStatus.FORBIDDEN: "add the bot to the team and to the channel, and let its role post there",
    HTTPStatus.NOT_FOUND: "check the names of team and channel, and that the bot is a member of both",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the message is too long; give the digest fewer repositories",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful response: its JSON, and the server's time."""

    value: Any
    at: datetime | None

    @property
    def table(self) -> Mapping[str, Any]:
        """Return its object; an empty one if it is none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def tables(self) -> list[Mapping[str, Any]]:
        """Return the objects of its list."""
        return [each for each in self.value if isinstance(each, dict)] if isinstance(self.value, list) else []


class MattermostApi:
    """The API at ``base_url``, which may have a path; a call takes at most ``timeout`` seconds.

    ``table`` is the configuration table, ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    def __init__(
        self, token: str, base_url: str, *, table: str, timeout: float = 15, ca_file: Path | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.table = table
        self.token = token
        self.ca_file = ca_file
        self._limits = Limits(total=timeout, pause=timeout, largest_body=_LARGEST)

    def get(self, where: str, path: str, **query: object) -> Answer:
        """Return what is read at a path. Raises ChatUnavailable, ChatRefused: what is only read leaves no doubt."""
        return self.read(where, "GET", f"{path}?{urlencode(query)}" if query else path)

    def read(self, where: str, method: str, path: str, body: Any = None) -> Answer:
        """Return what is asked for; asking again changes nothing. Raises ChatUnavailable, ChatRefused."""
        try:
            return self.send(where, method, path, body)
        except ChatDoubtful as error:
            raise ChatUnavailable(error.where, error.what, error.hint) from error

    def send(self, where: str, method: str, path: str, body: Any = None) -> Answer:
        """Send a request that may change something. Raises ChatError; ChatDoubtful if it may have been taken."""
        headers = {"Authorization": f"Bearer {self.token}"}
        request = requests.Request(method, f"{self.base_url}/api/v4{path}", headers=headers, json=body)
        try:
            response = send_once(request, self._limits, self.ca_file)
        except NotSent as error:
            raise self._unreachable(where, error.reason) from error
        except TimeoutError as error:
            raise ChatDoubtful(where, "Mattermost did not answer in time") from error
        except (OSError, requests.RequestException) as error:
            what = f"the connection to Mattermost ended without a readable response ({type(error).__name__})"
            raise ChatDoubtful(where, what) from error
        value = _json(response)
        if response.ok and not isinstance(value, _NoJson):
            return Answer(value, date_of(response))
        raise self._refusal(where, response, value)

    def date(self) -> datetime | None:
        """Return the server's time, which every response has, even an error; None without one. Never raises."""
        request = requests.Request("GET", f"{self.base_url}/api/v4/system/ping")
        try:
            return date_of(send_once(request, Limits(5, 5, largest_body=_LARGEST), self.ca_file))
        except (OSError, requests.RequestException):
            return None

    def _refusal(self, where: str, response: requests.Response, value: object) -> ChatError:
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return ChatUnavailable(where, "Mattermost rate limit exceeded", retry_after=_wait(response.headers))
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            what = f"Mattermost's URL redirects ({status}), and redirects are not followed"
            return ChatDoubtful(where, what, f"check base_url in [{self.table}]")
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            return ChatDoubtful(where, f"unexpected (non-Mattermost) response {status}")
        code = "".join(c for c in value["id"] if c.isalnum() or c in "._-")[:_LONGEST_MESSAGE]
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ChatDoubtful(where, f"Mattermost answered {status} {code}")
        hint = _HINTS.get(status, "see the error in Mattermost's API documentation")
        return ChatRefused(where, f"Mattermost rejected the request ({status} {code})", hint)

    def _unreachable(self, where: str, reason: BaseException) -> ChatUnavailable:
        if isinstance(reason, ssl.SSLCertVerificationError):
            what = f"cannot reach Mattermost: its TLS certificate is not trusted ({reason.verify_message})"
            hint = f"set ca_file in [{self.table}] to the certificate of the authority (CA) that signed it"
            return ChatUnavailable(where, what, hint)
        return ChatUnavailable(where, f"cannot reach Mattermost ({reason})")


class _NoJson:
    """The body of a response that is no JSON."""


def _json(response: requests.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return _NoJson()


def date_of(response: requests.Response) -> datetime | None:
    """Return the time by the clock of the server that made a response, None where it does not tell."""
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return how long the rate limiter asks to wait, in seconds."""
    asked = (headers.get(name, "") for name in ("Retry-After", "X-RateLimit-Reset"))
    waits = (float(each) for each in asked if each.isascii() and each.isdecimal())
    wait = next(waits, None)
    return None if wait is None else min(wait, _LONGEST_WAIT)
