"""What goes over the wire to a forge: counted, bounded in time and size, and never to another address."""

import time
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

# Redirections (of a renamed repository) and PyGithub's repeats after 202 are answers too.
_MOST_ANSWERS = 5
_LARGEST = 100_000_000
_PIECE = 65_536
# The time-out is that of the next bytes; a whole answer may take this many times as long.
_TIMEOUTS = 4
_PORTS = {"http": 80, "https": 443}


class LeftHome(requests.RequestException):
    """The forge sends the bot to another address than its own: nothing was asked there."""


class ForgeAdapter(HTTPAdapter):
    """Sends to one forge only; both client libraries have it in their sessions.

    python-gitlab would follow a redirection to another host with the token in its
    header. ``timeout`` is in seconds. ``sent`` and ``redirected`` count since ``begin``.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__()
        # Prepared as every request is: a name with letters beyond ASCII goes over the wire in another spelling.
        self._home = _origin(requests.Request("GET", base_url).prepare().url or "")
        self._timeout = timeout
        self.sent = 0
        self.redirected = 0

    def begin(self) -> None:
        """Count anew: the next requests belong to one question."""
        self.sent = self.redirected = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request and read its answer whole. Raises requests' errors."""
        if _origin(request.url or "") != self._home:
            raise LeftHome(request=request)
        if self.sent >= _MOST_ANSWERS:
            raise requests.TooManyRedirects(request=request)
        self.sent += 1
        response = super().send(request, *args, **kwargs | {"stream": True, "timeout": self._timeout})
        try:
            with response.raw as raw:
                response.raw = BytesIO(self._read(raw))
        except urllib3.exceptions.TimeoutError as error:
            raise requests.ReadTimeout from error
        except urllib3.exceptions.HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError from error
        response.encoding = "utf-8"
        self.redirected += response.is_redirect
        return response

    def _read(self, raw: Any) -> bytes:
        """Read a body; one that drips in byte by byte never meets the time-out of a single read."""
        deadline = time.monotonic() + _TIMEOUTS * self._timeout
        body = bytearray()
        while piece := raw.read1(_PIECE, decode_content=True):
            body += piece
            if time.monotonic() > deadline:
                raise requests.ReadTimeout
            if len(body) > _LARGEST:
                raise requests.exceptions.ContentDecodingError
        raw.release_conn()
        return bytes(body)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    address = urlsplit(url)
    return address.scheme, address.hostname, address.port or _PORTS.get(address.scheme)
