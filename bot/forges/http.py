"""What goes over the wire to a forge: counted, bounded in time and size, and never to another address."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from bot.network.exchange import Limits
from bot.network.http import BoundedAdapter

# Redirections (of a renamed repository) and PyGithub's repeats after 202 are answers too.
_MOST_ANSWERS = 5
# The time-out is that of the next bytes; a whole exchange may take this many times as long.
_TIMEOUTS = 4
_PORTS = {"http": 80, "https": 443}


class LeftHome(requests.RequestException):
    """The forge redirected a request to another origin; nothing was sent there."""


class ForgeAdapter(BoundedAdapter):
    """Sends to one forge only; both client libraries have it in their sessions.

    python-gitlab would follow a redirection to another host with the token in its
    header. ``timeout`` is in seconds, ``ca_file`` holds certificate authorities to trust beside the
    system's. ``sent`` and ``redirected`` count since ``begin``; ``host`` is the forge's.
    """

    def __init__(self, base_url: str, timeout: float, ca_file: Path | None = None) -> None:
        super().__init__(Limits(total=_TIMEOUTS * timeout, pause=timeout), ca_file)
        # Prepared as every request is: a name with letters beyond ASCII goes over the wire in another spelling.
        self._home = _origin(requests.Request("GET", base_url).prepare().url or "")
        self.host = urlsplit(base_url).hostname or base_url
        self.sent = 0
        self.redirected = 0

    def begin(self) -> None:
        """Reset the counts before a request with its redirects."""
        self.sent = self.redirected = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request and read its whole response. Raises the errors of requests."""
        if _origin(request.url or "") != self._home:
            raise LeftHome(request=request)
        if self.sent >= _MOST_ANSWERS:
            raise requests.TooManyRedirects(request=request)
        self.sent += 1
        response = super().send(request, *args, **kwargs)
        response.encoding = "utf-8"
        self.redirected += response.is_redirect
        return response


def _origin(url: str) -> tuple[str, str | None, int | None]:
    address = urlsplit(url)
    return address.scheme, address.hostname, address.port or _PORTS.get(address.scheme)
