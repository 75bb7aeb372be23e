"""HTTP mode: Slack sends requests to the bot, each with a signature."""

import logging
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

from slack_bolt import App, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.chats.slack.dispatch import dispatch
from bot.chats.slack.payloads import fault_of, read_payload
from bot.config.channels import DEFAULT_CHAT
from bot.config.fields import SocketAddress
from bot.web.app import Mount

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

# Far above the size of Slack's requests.
_LONGEST_BODY = 1_000_000
# A time in seconds since 1970 has ten digits until 2286.
_LONGEST_TIME = 12
_UNHANDLED = 404


def path_of(chat: str) -> str:
    """Return the path of a chat's request URL."""
    return "/slack/events" if chat == DEFAULT_CHAT else f"/chats/{chat}/events"


class HttpListener:
    """Listens through the web application, in its own threads; rejects requests not signed with ``secret``."""

    def __init__(
        self,
        app: App,
        threads: ThreadPoolExecutor,
        secret: str,
        *,
        address: SocketAddress,
        chat: str = DEFAULT_CHAT,
        table: str = "slack",
    ) -> None:
        self._threads = threads
        name = "chat" if chat == DEFAULT_CHAT else table
        paths = {path_of(chat): _Events(app, secret)}
        self.mounts = (Mount(name, f"{table}.http_address", address, paths, _LONGEST_BODY),)

    def start(self) -> None:
        """Do nothing: Slack sends requests."""

    def close(self) -> None:
        """Wait until running answers are sent."""
        self._threads.shutdown()


class _Events:
    """The WSGI application that passes well-formed requests to Bolt, which raises errors on others."""

    def __init__(self, app: App, secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(secret)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer a request."""
        answer = self._answer(environ)
        body = answer.body.encode()
        headers = [(name, value) for name, values in answer.headers.items() for value in values]
        status = HTTPStatus(answer.status)
        start_response(f"{status} {status.phrase}", [*headers, ("content-length", str(len(body)))])
        return [body]

    def _answer(self, environ: "WSGIEnvironment") -> BoltResponse:
        """Return the response: 401 if the signature is invalid, 400 if the payload is malformed."""
        if environ["REQUEST_METHOD"] != "POST":
            return BoltResponse(status=404)
        headers = _headers(environ)
        try:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        except UnicodeDecodeError:
            return _rejected("invalid UTF-8")
        if not self._is_signed(body, headers):
            return BoltResponse(status=401, body={"error": "invalid request"})
        if fault := _fault_of(body, headers.get("content-type", "")):
            return _rejected(fault)
        answer = dispatch(self._app, body, headers, query=environ.get("QUERY_STRING", ""))
        return _rejected("no listener for it") if answer.status == _UNHANDLED else answer

    def _is_signed(self, body: str, headers: dict[str, str]) -> bool:
        signature, at = headers.get("x-slack-signature", ""), headers.get("x-slack-request-timestamp", "")
        if not (signature.isascii() and at.isascii() and at.isdecimal() and len(at) <= _LONGEST_TIME):
            return False
        return self._verifier.is_valid(body, at, signature)


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """Return the headers of a request by lower-case name."""
    named = {key.removeprefix("HTTP_"): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
    named |= {key: str(environ[key]) for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if key in environ}
    return {key.lower().replace("_", "-"): value for key, value in named.items()}


def _fault_of(body: str, content_type: str) -> str | None:
    try:
        return fault_of(read_payload(body, content_type))
    except ValueError:
        return "invalid JSON"


def _rejected(fault: str) -> BoltResponse:
    """Return a response that rejects a request for good: Slack must not retry it."""
    _log.warning("unexpected (non-Slack) request with a valid signature: %s", fault)
    return BoltResponse(status=400, body={"error": f"invalid payload: {fault}"}, headers={"x-slack-no-retry": ["1"]})
