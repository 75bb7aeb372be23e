"""One request, sent once over a connection of its own: what is said of a failure is whether the server may have it."""

from contextlib import closing
from pathlib import Path

import requests
from requests.utils import get_environ_proxies

from bot.network.exchange import Exchange, Limits
from bot.network.http import BoundedAdapter


class NotSent(OSError):
    """The request did not go out whole: the server cannot have acted on it; ``reason`` is why."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__(str(reason))
        self.reason = reason


def send_once(request: requests.Request, limits: Limits, ca_file: Path | None = None) -> requests.Response:
    """Send a request without following redirects, and return the response, read whole.

    Raises NotSent, or TimeoutError and other OSErrors if the server may have it.
    """
    prepared = request.prepare()
    # A kept-alive connection may be dead.
    prepared.headers["Connection"] = "close"
    exchange = Exchange(limits)
    with closing(BoundedAdapter(limits, ca_file)) as adapter, exchange.active():
        try:
            return adapter.send(prepared, proxies=get_environ_proxies(prepared.url or ""))
        except requests.Timeout as error:
            late = TimeoutError("timed out")
            raise late if exchange.is_sent else NotSent(late) from error
        except requests.RequestException as error:
            root = _root(error)
            if not exchange.is_sent:
                raise NotSent(root) from error
            if isinstance(root, OSError):
                raise root from error
            raise


def _root(error: BaseException) -> BaseException:
    """Return the root cause of an error, without the URLs that requests and urllib3 add."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
