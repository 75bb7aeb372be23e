"""slack-sdk's own method that sends, which the bounded client takes the place of: is it still the one?"""

import inspect
from typing import Any
from urllib.request import Request

import pytest
from slack_sdk import WebClient

from bot.chats.slack.web_client import BoundedWebClient

_REPLACED = "_perform_urllib_http_request_internal"


def test_the_method_that_is_replaced_takes_what_it_took() -> None:
    own, of_the_library = (
        inspect.signature(vars(kind)[_REPLACED]) for kind in (BoundedWebClient, WebClient.__mro__[1])
    )
    assert list(own.parameters) == list(of_the_library.parameters) == ["self", "url", "req"]


class Sent(Exception):
    """Whatever was to be sent came by the method."""


class Recording(BoundedWebClient):
    """A client whose every request ends in that method."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        raise Sent(req.get_method(), url)


@pytest.mark.parametrize(
    ("method", "named"),
    [
        ("auth_test", {}),
        ("chat_postMessage", {"channel": "#c", "text": "x"}),
        ("chat_delete", {"channel": "C1", "ts": "1.0"}),
        ("conversations_history", {"channel": "C1"}),
        ("users_conversations", {}),
        ("views_publish", {"user_id": "U1", "view": {}}),
        ("apps_connections_open", {"app_token": "xapp-t0ken"}),
    ],
)
def test_everything_that_the_bot_asks_goes_by_it(method: str, named: dict[str, Any]) -> None:
    client = Recording("xoxb-t0ken", "http://127.0.0.1:1/api/", timeout=1)
    with pytest.raises(Sent) as raised:
        getattr(client, method)(**named)
    assert raised.value.args[1].startswith("http://127.0.0.1:1/api/")


class Answering(BoundedWebClient):
    """A client whose every request is answered so."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        del url, req
        return {"status": 200, "headers": {"date": "now"}, "body": '{"ok": true, "user": "release-bot"}'}


def test_what_it_returns_is_what_slack_sdk_reads() -> None:
    response = Answering("xoxb-t0ken", "http://127.0.0.1:1/api/", timeout=1).auth_test()
    assert (response["user"], response.headers, response.status_code) == ("release-bot", {"date": "now"}, 200)
