"""Responses of Matrix's client-server API, and how a request can have no success."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from bot.domain.values import dataclass

Json = dict[str, Any]

_ERRCODE = re.compile(r"[A-Za-z0-9_.]{1,60}")
_LONGEST_ERROR = 200
# The longest wait that a server may ask for, in seconds: far above any real one.
_LONGEST_WAIT = 86_400.0
_SECONDS = re.compile("[0-9]{1,9}")
_SPACE = re.compile(r"\s+")
_REDIRECTS, _OK, _TOO_MANY = range(300, 400), range(200, 300), 429


class MatrixError(Exception):
    """A request had no success; ``at`` is the server's time, if it answered with one.

    ``retry_after`` is how long the server asks to wait, in seconds; None where it does not say it.
    """

    at: datetime | None = None
    retry_after: float | None = None


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
    """The server answered with an error of the specification."""

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
        return objects_of(self._list(name))

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list that every such response has. Raises Unanswered."""
        return [each for each in self._list(name) if isinstance(each, str)]

    def _list(self, name: str) -> list[Any]:
        value = self.data.get(name)
        if not isinstance(value, list):
            raise Unanswered(f"the homeserver's response has no {name}", self.at, is_foreign=True)
        return value


def object_of(holder: Mapping[str, Any], name: str) -> Json:
    """Return an object within another, empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[Json]:
    """Return the objects of a list, an empty one where there is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def read(response: requests.Response) -> Response:
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
