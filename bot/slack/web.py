"""Slack's Web API by slack-sdk, over the bounded connection: one request and one answer each, and no redirects.

slack-sdk sends by urllib, which follows a redirect to any host with the token in its header, reads a body without
end, and waits for each byte anew. It takes no other transport; the one method that calls urllib is replaced here.
"""

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

# Far above what Slack answers.
_LARGEST = 20_000_000


class BoundedWebClient(WebClient):
    """slack-sdk's client; a whole call takes ``timeout`` seconds at most, and none is sent twice.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    def __init__(self, token: str, base_url: str, *, timeout: float, ca_file: Path | None = None) -> None:
        # No retry handlers: the default one posts twice when the connection drops after Slack took the message.
        super().__init__(token, base_url=base_url, retry_handlers=[])
        self._limits = Limits(total=timeout, pause=timeout, largest_body=_LARGEST)
        self._ca_file = ca_file

    def respond(self, url: str, message: Mapping[str, Any]) -> int:
        """Post to the address that came with a command or a button; return the HTTP status.

        Raises OSError.
        """
        return self._exchange(requests.Request("POST", url, json=dict(message))).status_code

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        headers = {name: str(value) for name, value in req.header_items()}
        response = self._exchange(requests.Request("POST", url, headers=headers, data=req.data))
        body = response.content.decode("utf-8", "replace")
        return {"status": response.status_code, "headers": response.headers, "body": body}

    def _exchange(self, request: requests.Request) -> requests.Response:
        """Send a request, which is never sent elsewhere.

        Raises URLError where not the whole of it went out, TimeoutError and other OSErrors where Slack may have it.
        """
        prepared = request.prepare()
        # Of a connection that was kept open it is not known whether it still is one.
        prepared.headers["Connection"] = "close"
        exchange = Exchange(self._limits)
        with closing(BoundedAdapter(self._limits, self._ca_file)) as adapter, exchange.active():
            try:
                return adapter.send(prepared, proxies=get_environ_proxies(prepared.url or ""))
            except requests.Timeout as error:
                late = TimeoutError("no answer in time")
                raise late if exchange.is_sent else URLError(late) from error
            except requests.RequestException as error:
                root = _root(error)
                if not exchange.is_sent:
                    raise URLError(root) from error
                if isinstance(root, OSError):
                    raise root from error
                raise


def _root(error: BaseException) -> BaseException:
    """Return the error that began it, without the addresses that requests and urllib3 tell around it."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
