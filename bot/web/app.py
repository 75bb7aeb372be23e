"""The web application: the handlers of each path, and the addresses that serve them."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bot.domain.values import dataclass
from bot.web.server import HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mount:
    """Paths of one part of the bot with their handlers, at the address that the configuration key ``key`` sets.

    ``longest_body`` is the maximum size of a request's body in bytes. ``otherwise`` answers what no path of its
    address names.
    """

    name: str
    key: str
    address: tuple[str, int]
    paths: Mapping[str, "WSGIApplication"]
    longest_body: int = 0
    otherwise: "WSGIApplication | None" = None


class WebApp:
    """The WSGI application of one address."""

    def __init__(self, mounts: Iterable[Mount]) -> None:
        every = tuple(mounts)
        self._paths = {path: answering for mount in every for path, answering in mount.paths.items()}
        self._longest = {path: mount.longest_body for mount in every for path in mount.paths}
        self._otherwise = next((mount.otherwise for mount in every if mount.otherwise is not None), None)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        # WSGI gives the bytes of a path as characters (PEP 3333).
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        # The server's own limit is that of the longest body at its address.
        if int(environ.get("CONTENT_LENGTH") or 0) > self._longest.get(path, 0) and path in self._paths:
            return _said("413 Content Too Large", "the body is too long", environ, start_response)
        answering = self._paths.get(path, self._otherwise)
        if answering is not None:
            return answering(environ, start_response)
        return _said("404 Not Found", f"not found; paths: {', '.join(self._paths)}", environ, start_response)


def _said(status: str, words: str, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    body = f"{words}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]


@contextmanager
def served(mounts: Iterable[Mount]) -> Iterator[Mapping[str, int]]:
    """Serve while the context lasts, with one server per address, and yield the port of each key.

    Raises UsageError for an address that cannot be bound.
    """
    by_address: dict[tuple[str, int], list[Mount]] = {}
    for mount in mounts:
        by_address.setdefault(mount.address, []).append(mount)
    ports: dict[str, int] = {}
    with ExitStack() as serving:
        for address, there in by_address.items():
            longest = max(mount.longest_body for mount in there)
            server = HttpServer(WebApp(there), there[0].key, address, longest_body=longest)
            server.start()
            serving.callback(server.close)
            for mount in there:
                ports[mount.key] = server.port
                named = " and ".join(mount.paths) or "/"
                what = "paths" if len(mount.paths) > 1 else "path"
                _log.info("%s listens on port %d, %s %s", mount.name, server.port, what, named)
        yield ports
