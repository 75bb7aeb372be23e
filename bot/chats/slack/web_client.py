"""Slack's Web API on slack-sdk, over a bounded connection: one request per call, and no redirects.

slack-sdk uses urllib, which follows a redirect to any host with the token in its header, reads a body without
limit, and restarts its time-out with each byte. No other transport can be configured: the one method that calls
urllib is replaced here, and tests/chats/slack/test_web_client.py fails when slack-sdk no longer uses it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request

import requests
from slack_sdk import WebClient

from bot.network.exchange import Limits
from bot.network.once import NotSent, send_once

# Far above the size of Slack's responses.
_LARGEST = 20_000_000


class BoundedWebClient(WebClient):
    """slack-sdk's client; a call takes at most ``timeout`` seconds, and is never sent twice.

    ``ca_file`` holds certificate authorities to trust in addition to the system's.
    """

    def __init__(self, token: str, base_url: str, *, timeout: float, ca_file: Path | None = None) -> None:
        # No retry handlers: the default one posts twice when the connection drops after Slack accepted the message.
        super().__init__(token, base_url=base_url, retry_handlers=[])
        self._limits = Limits(total=timeout, pause=timeout, largest_body=_LARGEST)
        self._ca_file = ca_file

    def respond(self, url: str, message: Mapping[str, Any]) -> int:
        """Post to the response_url of a command or a button; return the HTTP status.

        Raises OSError.
        """
        return self._exchange(requests.Request("POST", url, json=dict(message))).status_code

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        headers = {name: str(value) for name, value in req.header_items()}
        response = self._exchange(requests.Request("POST", url, headers=headers, data=req.data))
        body = response.content.decode("utf-8", "replace")
        return {
            "status": response.status_code,
            "headers": response.headers,
            "body": body if _is_object(body) else "no JSON object",
        }

    def _exchange(self, request: requests.Request) -> requests.Response:
        """Send a request, without following redirects.

        Raises URLError if it was not sent completely, TimeoutError and other OSErrors if Slack may have it.
        """
        try:
            return send_once(request, self._limits, self._ca_file)
        except NotSent as error:
            raise URLError(error.reason) from error


def _is_object(body: str) -> bool:
    """Return whether a body is a JSON object: slack-sdk would accept any other JSON."""
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
