"""Who may look: those who send the token, and those whom a trusted proxy names."""

from base64 import b64decode
from collections.abc import Iterable
from hmac import compare_digest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_REFUSED = b"sign in to look\n"


class Guarded:
    """A WSGI application before which who may not look is asked for the token.

    ``token`` is sent as a bearer token, or as the password of any user name, which browsers ask for. ``user_header`` is
    the header by which a proxy names who has signed in. Either is enough; where neither is set, anybody may look.
    """

    def __init__(self, app: "WSGIApplication", token: str | None, user_header: str | None) -> None:
        self._app = app
        self._token = token.encode() if token else None
        self._variable = f"HTTP_{user_header.upper().replace('-', '_')}" if user_header else None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, or refuse it."""
        if self._may_look(environ):
            return self._app(environ, start_response)
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(_REFUSED))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if self._token is not None:
            headers.append(("WWW-Authenticate", 'Basic realm="release-bot", charset="UTF-8"'))
        start_response("401 Unauthorized", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else _REFUSED]

    def _may_look(self, environ: "WSGIEnvironment") -> bool:
        if self._token is None and self._variable is None:
            return True
        if self._variable is not None and environ.get(self._variable, "").strip():
            return True
        return self._token is not None and compare_digest(_sent(environ), self._token)


def _sent(environ: "WSGIEnvironment") -> bytes:
    """Return the token that a request was sent with, empty if there is none."""
    scheme, _, value = environ.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return str(value).strip().encode("latin-1")
    if scheme.lower() != "basic":
        return b""
    try:
        return bytes(b64decode(value.strip(), validate=True).partition(b":")[2])
    except ValueError:
        return b""
