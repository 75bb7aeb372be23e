"""Webhooks over HTTP: who sends a right one is answered at once, and what is to be done for it comes later."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.domain.errors import BotError
from bot.services.hooks import HookAnswer
from bot.web.app import Mount

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

# GitHub sends up to 25 MB; what tells of a tag has some ten thousand bytes.
LONGEST_BODY = 1_000_000
Receive = Callable[[Mapping[str, str], bytes], HookAnswer]

_ANSWERS = {
    # Whoever tries secrets learns nothing else.
    HookAnswer.REFUSED: (HTTPStatus.UNAUTHORIZED, "unauthorized"),
    HookAnswer.UNREADABLE: (HTTPStatus.BAD_REQUEST, "not a webhook's JSON"),
    HookAnswer.PING: (HTTPStatus.OK, "pong"),
    HookAnswer.DUE: (HTTPStatus.ACCEPTED, "accepted"),
    HookAnswer.NOTHING: (HTTPStatus.ACCEPTED, "ignored"),
}


def path_of(kind: str) -> str:
    """Return the path that the webhooks of a kind of forge are sent to."""
    return f"/hooks/{kind}"


def mount_of_hooks(receivers: Mapping[str, Receive], address: tuple[str, int]) -> Mount:
    """Return the paths of webhooks, each with what receives those of a kind of forge, to serve at an address."""
    paths = {path_of(kind): _Handler(receive) for kind, receive in receivers.items()}
    return Mount("webhooks", "web.address", address, paths, LONGEST_BODY)


class _Handler:
    """A WSGI application that answers POST with a line of text."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer a request."""
        status, words = self._respond(environ)
        body = f"{words}\n".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("Allow", "POST"))
        start_response(f"{status.value} {status.phrase}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _respond(self, environ: "WSGIEnvironment") -> tuple[HTTPStatus, str]:
        if environ["REQUEST_METHOD"] != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED, "POST only"
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            return _ANSWERS[self._receive(_headers(environ), body)]
        except BotError as error:
            _log.warning("cannot take a webhook: %s", error)
            return HTTPStatus.SERVICE_UNAVAILABLE, "try again later"


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """Return the headers of a request by their names in lower case."""
    named = {name.removeprefix("HTTP_"): value for name, value in environ.items() if name.startswith("HTTP_")}
    named["CONTENT_TYPE"] = environ.get("CONTENT_TYPE", "")
    return {name.replace("_", "-").lower(): str(value) for name, value in named.items()}
