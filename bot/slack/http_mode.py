"""HTTP: Slack calls here, and every call has to be signed."""

import logging
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler

from bot.serving import Serving

_log = logging.getLogger(__name__)

PATH = "/slack/events"
# Far above what Slack sends.
_LONGEST_BODY = 1_000_000


class HttpListener:
    """Listens at an address, in threads of its own, until it is closed; Bolt refuses what is not signed.

    Raises UsageError for an address that cannot be had.
    """

    def __init__(self, app: App, threads: ThreadPoolExecutor, host: str, port: int) -> None:
        self._threads = threads
        handler = SlackRequestHandler(app, path=PATH)
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
