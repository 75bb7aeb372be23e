"""Slack's Web API on slack-sdk, over a bounded connection: one request per call, and no redirects.

slack-sdk uses urllib, which follows a redirect to any host with the token in its header, reads a body without
limit, and restarts its time-out with each byte. No other transport can be configured: the one method that calls
urllib is replaced here, and tests/chats/slack/test_web_client.py fails when slack-sdk no longer uses it.
"""

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request

import requests
from requests.utils import get_environ_proxies
from slack_sdk import WebClient

from bot.network.exchange import Exchange, Limits
from bot.network.http import BoundedAdapter

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
        prepared = request.prepare()
        # A kept-alive connection may be dead.
        prepared.headers["Connection"] = "close"
        exchange = Exchange(self._limits)
        with closing(BoundedAdapter(self._limits, self._ca_file)) as adapter, exchange.active():
            try:
                return adapter.send(prepared, proxies=get_environ_proxies(prepared.url or ""))
            except requests.Timeout as error:
                late = TimeoutError("timed out")
                raise late if exchange.is_sent else URLError(late) from error
            except requests.RequestException as error:
                root = _root(error)
                if not exchange.is_sent:
                    raise URLError(root) from error
                if isinstance(root, OSError):
                    raise root from error
                raise


def _is_object(body: str) -> bool:
    """Return whether a body is a JSON object: slack-sdk would accept any other JSON."""
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _root(error: BaseException) -> BaseException:
    """Return the root cause of an error, without the URLs that requests and urllib3 add."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
