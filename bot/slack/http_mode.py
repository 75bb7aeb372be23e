"""HTTP: Slack calls here, and every call has to be signed."""

import logging
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App, BoltResponse
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest
from slack_sdk.signature import SignatureVerifier

from bot.serving import Serving
from bot.slack.dispatching import dispatch
from bot.slack.payloads import fault_of, read_payload

_log = logging.getLogger(__name__)

PATH = "/slack/events"
# Far above what Slack sends.
_LONGEST_BODY = 1_000_000
# A time in seconds since 1970 has ten digits until 2286.
_LONGEST_TIME = 12
_UNHANDLED = 404


class HttpListener:
    """Listens at an address, in threads of its own, until it is closed; what ``secret`` did not sign is refused.

    Raises UsageError for an address that cannot be had.
    """

    def __init__(self, app: App, threads: ThreadPoolExecutor, secret: str, host: str, port: int) -> None:
        self._threads = threads
        handler = _Handler(app, secret)
        self._serving = Serving(handler, "slack.http_address", host, port, longest_body=_LONGEST_BODY)

    @property
    def port(self) -> int:
        """The port that is listened at."""
        return self._serving.port

    def start(self) -> None:
        """Begin to serve; returns at once."""
        self._serving.start()
        _log.info("chat listens at port %d, path %s", self.port, PATH)

    def close(self) -> None:
        """Stop listening, when what is being answered has been answered."""
        self._serving.close()
        self._threads.shutdown()


class _Handler(SlackRequestHandler):
    """Bolt's WSGI application, to which only well-formed payloads come: the others are faults inside of Bolt."""

    def __init__(self, app: App, secret: str) -> None:
        super().__init__(app, path=PATH)
        self._verifier = SignatureVerifier(secret)

    def dispatch(self, request: WsgiHttpRequest) -> BoltResponse:
        """Answer a call: 401 where it is not signed, 400 where it is none of those that Slack makes."""
        headers = {name: str(value) for name, value in request.get_headers().items()}
        try:
            body = request.get_body()
        except UnicodeDecodeError:
            return _refused("no text in UTF-8")
        if not self._is_signed(body, headers):
            return BoltResponse(status=401, body={"error": "invalid request"})
        if fault := _fault_of(body, headers.get("content-type", "")):
            return _refused(fault)
        answer = dispatch(self.app, body, headers, query=request.query_string)
        return _refused("nothing that the bot listens to") if answer.status == _UNHANDLED else answer

    def _is_signed(self, body: str, headers: dict[str, str]) -> bool:
        signature, at = headers.get("x-slack-signature", ""), headers.get("x-slack-request-timestamp", "")
        if not (signature.isascii() and at.isascii() and at.isdecimal() and len(at) <= _LONGEST_TIME):
            return False
        return self._verifier.is_valid(body, at, signature)


def _fault_of(body: str, content_type: str) -> str | None:
    try:
        return fault_of(read_payload(body, content_type))
    except ValueError:
        return "no JSON"


def _refused(fault: str) -> BoltResponse:
    """Refuse a call for good: Slack is asked not to make it again."""
    _log.warning("a signed call is not one of Slack's: it has %s", fault)
    return BoltResponse(status=400, body={"error": f"the payload has {fault}"}, headers={"x-slack-no-retry": ["1"]})
