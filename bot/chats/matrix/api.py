"""Matrix's client-server API over bounded connections: one request per call, no retries and no redirects."""

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from requests.utils import get_environ_proxies

from bot.network.exchange import Exchange, Limits
from bot.network.http import BoundedAdapter

Json = dict[str, Any]

# Far above what a sync within the bot's filter has.
_LARGEST = 20_000_000
_ERRCODE = re.compile(r"[A-Za-z0-9_.]{1,60}")
_LONGEST_ERROR = 200
_REDIRECTS, _OK = range(300, 400), range(200, 300)
_NOT_FOUND, _TOO_MANY = 404, 429
# The longest wait that a server may ask for, in seconds: far above any real one.
_LONGEST_WAIT = 86_400.0
_SECONDS = re.compile("[0-9]{1,9}")
_SPACE = re.compile(r"\s+")


class MatrixError(Exception):
    """A request had no success; ``at`` is the server's time, if it answered with one."""

    at: datetime | None = None


class Unreachable(MatrixError):
    """The request was surely not sent completely; ``reason`` is the root cause."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__(reason)
        self.reason = reason


class Unanswered(MatrixError):
    """The request may have been accepted: there is no readable response.

    ``is_foreign`` says that what answered may be no homeserver.
    """

    def __init__(self, what: str, at: datetime | None = None, *, is_foreign: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.at = at
        self.is_foreign = is_foreign


class Rejected(MatrixError):
    """The server answered with an error of the specification.

    ``retry_after`` is in seconds, None where the server does not say it.
    """

    def __init__(self, status: int, errcode: str, text: str, retry_after: float | None, at: datetime | None) -> None:
        super().__init__(status, errcode, text)
        self.status = status
        self.errcode = errcode
        self.text = text
        self.retry_after = retry_after
        self.at = at


@dataclass(frozen=True, slots=True)
class Response:
    """A successful response: its JSON object, and the server's time if it has the header."""

    data: Json
    at: datetime | None

    def text(self, name: str) -> str:
        """Return a text that every such response has. Raises Unanswered."""
        value = self.data.get(name)
        if not isinstance(value, str) or not value:
            raise Unanswered(f"the homeserver's response has no {name}", self.at, is_foreign=True)
        return value

    def objects(self, name: str) -> list[Json]:
        """Return the objects of a list that every such response has. Raises Unanswered."""
        return [each for each in self._list(name) if isinstance(each, dict)]

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list that every such response has. Raises Unanswered."""
        return [each for each in self._list(name) if isinstance(each, str)]

    def _list(self, name: str) -> list[Any]:
        value = self.data.get(name)
        if not isinstance(value, list):
            raise Unanswered(f"the homeserver's response has no {name}", self.at, is_foreign=True)
        return value


class MatrixApi:
    """The API of the homeserver at ``base_url``, as the user of a token; a request takes at most ``timeout`` seconds.

    ``ca_file`` holds certificate authorities to trust in addition to the system's. Thread-safe.
    """

    def __init__(self, token: str, base_url: str, *, timeout: float, ca_file: Path | None = None) -> None:
        self._token = token
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._ca_file = ca_file
        self._user = ""

    def user(self) -> str:
        """Return the id of the token's user. Raises MatrixError."""
        if not self._user:
            self._user = self.get("account", "whoami").text("user_id")
        return self._user

    def get(self, *path: str, query: Mapping[str, Any] | None = None, wait: float = 0.0) -> Response:
        """Return what is at a path; the server may take ``wait`` seconds more to answer. Raises MatrixError."""
        return self._call("GET", f"v3/{_joined(path)}", query=query, wait=wait)

    def put(self, *path: str, body: Mapping[str, Any]) -> Response:
        """Put a body to a path. Raises MatrixError."""
        return self._call("PUT", f"v3/{_joined(path)}", body=body)

    def post(self, *path: str, body: Mapping[str, Any]) -> Response:
        """Post a body to a path. Raises MatrixError."""
        return self._call("POST", f"v3/{_joined(path)}", body=body)

    def state(self, room: str, kind: str, key: str = "") -> Json | None:
        """Return the content of a room's state, None if it has none of this kind. Raises MatrixError."""
        try:
            return self.get("rooms", room, "state", kind, key).data
        except Rejected as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def joined_rooms(self) -> list[str]:
        """Return the ids of the rooms that the user is in. Raises MatrixError."""
        return self.get("joined_rooms").texts("joined_rooms")

    def clock(self) -> datetime | None:
        """Return the server's time, which every response has; None without a response."""
        try:
            return self._call("GET", "versions").at
        except MatrixError as error:
            return error.at

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        wait: float = 0.0,
    ) -> Response:
        request = requests.Request(
            method,
            f"{self._base_url}/_matrix/client/{path}",
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                # A kept-alive connection may be dead.
                "Connection": "close",
            },
            params=query,
            data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
        )
        return _read(self._exchange(request.prepare(), self._timeout + wait))

    def _exchange(self, prepared: requests.PreparedRequest, seconds: float) -> requests.Response:
        limits = Limits(total=seconds, pause=seconds, connecting=self._timeout, largest_body=_LARGEST)
        exchange = Exchange(limits)
        with closing(BoundedAdapter(limits, self._ca_file)) as adapter, exchange.active():
            try:
                return adapter.send(prepared, proxies=get_environ_proxies(prepared.url or ""))
            except (requests.RequestException, OSError) as error:
                is_late = isinstance(error, requests.Timeout)
                if not exchange.is_sent:
                    raise Unreachable(TimeoutError("timed out") if is_late else _root(error)) from error
                if is_late:
                    raise Unanswered("the homeserver did not answer in time") from error
                what = f"the connection to the homeserver ended without a readable response ({_name(error)})"
                raise Unanswered(what) from error


def object_of(holder: Mapping[str, Any], name: str) -> Json:
    """Return an object within another, empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _read(response: requests.Response) -> Response:
    """Return the JSON object of a response. Raises Rejected or Unanswered."""
    at, status = _moment(response.headers.get("date")), response.status_code
    if status in _REDIRECTS:
        raise Unanswered(
            f"the homeserver's URL redirects ({status}), and redirects are not followed", at, is_foreign=True
        )
    data = _object(response.content)
    if data is not None and status in _OK:
        return Response(data, at)
    if status == _TOO_MANY:
        raise Rejected(status, "M_LIMIT_EXCEEDED", "", _wait(response, data or {}), at)
    errcode = str((data or {}).get("errcode", ""))
    if not _ERRCODE.fullmatch(errcode):
        raise Unanswered(f"unexpected (non-Matrix) response {status}", at, is_foreign=True)
    raise Rejected(status, errcode, _bounded(str((data or {}).get("error", ""))), None, at)


def _object(body: bytes) -> Json | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _bounded(text: str) -> str:
    """Return a server's text as one short printable line."""
    line = _SPACE.sub(" ", "".join(each if each.isprintable() or each.isspace() else "\ufffd" for each in text)).strip()
    return line if len(line) <= _LONGEST_ERROR else f"{line[: _LONGEST_ERROR - 1]}…"


def _wait(response: requests.Response, data: Json) -> float | None:
    """Return how many seconds to wait: by the header, or by the older field in milliseconds."""
    header, field = response.headers.get("retry-after", ""), data.get("retry_after_ms")
    seconds = int(header) if _SECONDS.fullmatch(header) else field / 1000 if isinstance(field, int | float) else None
    return None if seconds is None else min(max(float(seconds), 0.0), _LONGEST_WAIT)


def _moment(date: str | None) -> datetime | None:
    """Return the date of an HTTP header in UTC, or None if it is missing or invalid."""
    try:
        return parsedate_to_datetime(date or "").astimezone(UTC)
    except ValueError:
        return None


def _joined(path: tuple[str, ...]) -> str:
    """Return a path of parts, each of them escaped whole: ids have slashes, colons and question marks."""
    return "/".join(quote(each, safe="") for each in path)


def _root(error: BaseException) -> BaseException:
    """Return the root cause of an error, without the URLs that requests and urllib3 add."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _name(error: BaseException) -> str:
    return type(_root(error)).__name__
