"""Matrix's client-server API over bounded connections: one request per call, no retries and no redirects."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from bot.chats.matrix.responses import Json, MatrixError, Rejected, Response, Unanswered, Unreachable, read
from bot.network.exchange import Limits
from bot.network.once import NotSent, send_once

# Far above what a sync within the bot's filter has, in bytes.
_LARGEST = 20_000_000
_NOT_FOUND = 404
# Raised before a connection is made: the URL or a header cannot be sent.
_INVALID = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    UnicodeEncodeError,
)


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
            },
            params=query,
            # Half of a character, which UTF-8 does not have, becomes a question mark.
            data=None if body is None else json.dumps(body, ensure_ascii=False).encode(errors="replace"),
        )
        return read(self._exchange(request, self._timeout + wait))

    def _exchange(self, request: requests.Request, seconds: float) -> requests.Response:
        limits = Limits(total=seconds, pause=seconds, connecting=self._timeout, largest_body=_LARGEST)
        try:
            return send_once(request, limits, self._ca_file)
        except NotSent as error:
            raise Unreachable(error.reason) from error
        except TimeoutError as error:
            raise Unanswered("the homeserver did not answer in time") from error
        except _INVALID as error:
            # Its own words may have the token.
            what = f"check base_url and the token: they cannot be sent ({type(error).__name__})"
            raise Unreachable(ValueError(what)) from None
        except Exception as error:
            what = f"the connection to the homeserver ended without a readable response ({type(error).__name__})"
            raise Unanswered(what) from error


def _joined(path: tuple[str, ...]) -> str:
    """Return a path of parts, each of them escaped whole: ids have slashes, colons and question marks."""
    return "/".join(quote(each, safe="", errors="replace") for each in path)
