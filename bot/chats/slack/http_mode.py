"""HTTP: Slack calls here, and every call has to be signed."""

import logging
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

from slack_bolt import App, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.chats.slack.dispatch import dispatch
from bot.chats.slack.payloads import fault_of, read_payload
from bot.config.channels import DEFAULT_CHAT
from bot.config.chats import ChatSettings
from bot.web.app import Mount

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

# Far above what Slack sends.
_LONGEST_BODY = 1_000_000
# A time in seconds since 1970 has ten digits until 2286.
_LONGEST_TIME = 12
_UNHANDLED = 404


def path_of(chat: str) -> str:
    """Return the path that Slack calls for a chat."""
    return "/slack/events" if chat == DEFAULT_CHAT else f"/chats/{chat}/events"


class HttpListener:
    """Listens by the bot's web application, in threads of its own; what ``secret`` did not sign is refused."""

    def __init__(self, app: App, threads: ThreadPoolExecutor, secret: str, settings: ChatSettings) -> None:
        self._threads = threads
        name = "chat" if settings.name == DEFAULT_CHAT else settings.table
        address = settings.keys.http_address
        paths = {path_of(settings.name): _Events(app, secret)}
        self.mounts = (Mount(name, f"{settings.table}.http_address", address, paths, _LONGEST_BODY),)

    def start(self) -> None:
        """Do nothing: Slack calls."""

    def close(self) -> None:
        """Wait until what is being answered has been answered."""
        self._threads.shutdown()


class _Events:
    """The WSGI application that hands Slack's calls to Bolt, and only well-formed ones: the others are faults in it."""

    def __init__(self, app: App, secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(secret)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer a call."""
        answer = self._answer(environ)
        body = answer.body.encode()
        headers = [(name, value) for name, values in answer.headers.items() for value in values]
        status = HTTPStatus(answer.status)
        start_response(f"{status} {status.phrase}", [*headers, ("content-length", str(len(body)))])
        return [body]

    def _answer(self, environ: "WSGIEnvironment") -> BoltResponse:
        """Answer 401 to a call that is not signed, 400 to one that is none of those that Slack makes."""
        if environ["REQUEST_METHOD"] != "POST":
            return BoltResponse(status=404)
        headers = _headers(environ)
        try:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        except UnicodeDecodeError:
            return _refused("no text in UTF-8")
        if not self._is_signed(body, headers):
            return BoltResponse(status=401, body={"error": "invalid request"})
        if fault := _fault_of(body, headers.get("content-type", "")):
            return _refused(fault)
        answer = dispatch(self._app, body, headers, query=environ.get("QUERY_STRING", ""))
        return _refused("nothing that the bot listens to") if answer.status == _UNHANDLED else answer

    def _is_signed(self, body: str, headers: dict[str, str]) -> bool:
        signature, at = headers.get("x-slack-signature", ""), headers.get("x-slack-request-timestamp", "")
        if not (signature.isascii() and at.isascii() and at.isdecimal() and len(at) <= _LONGEST_TIME):
            return False
        return self._verifier.is_valid(body, at, signature)


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """Return the headers of a request by their names in lower case."""
    named = {key.removeprefix("HTTP_"): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
    named |= {key: str(environ[key]) for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if key in environ}
    return {key.lower().replace("_", "-"): value for key, value in named.items()}


def _fault_of(body: str, content_type: str) -> str | None:
    try:
        return fault_of(read_payload(body, content_type))
    except ValueError:
        return "no JSON"


def _refused(fault: str) -> BoltResponse:
    """Refuse a call for good: Slack must not make it again."""
    _log.warning("a signed call is not one of Slack's: it has %s", fault)
    return BoltResponse(status=400, body={"error": f"the payload has {fault}"}, headers={"x-slack-no-retry": ["1"]})
