"""Posting to Slack over HTTP with the real slack-sdk: at most once, each failure told for what it is."""

import gc
import json
from collections.abc import Iterator

import pytest

from bot.recorded.server import Drip, Response
from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable
from bot.slack.chat import SlackChat
from tests.slack.fake_slack import DROPPED, DROPPED_AFTER_TAKING, TOKEN, Failure, FakeSlack

MESSAGE = json.dumps({"text": "6 patch releases", "blocks": [{"type": "divider"}]})
JSON = {"content-type": "application/json"}


# slack-sdk leaves the socket of a call that timed out to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server
    gc.collect()


def post(slack: FakeSlack, channel: str = "#dirac-releases", token: str = TOKEN, message: str = MESSAGE) -> str:
    return SlackChat(token, slack.url, timeout=1).post(channel, message, 42)


def test_a_message_is_posted_with_its_deliverys_number(slack: FakeSlack) -> None:
    ts = post(slack)
    [message] = slack.messages
    assert (message.ts, message.channel, message.text) == (ts, "#dirac-releases", "6 patch releases")
    assert message.blocks == [{"type": "divider"}]
    assert message.metadata == {"event_type": "release_digest", "event_payload": {"delivery": 42}}


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("#private-party", "Slack did not take it (not_in_channel); invite the bot into the channel: /invite"),
        ("#nowhere", "Slack did not take it (channel_not_found); check the channel's name"),
    ],
)
def test_a_channel_that_does_not_take_it_is_refused_with_what_to_do(slack: FakeSlack, channel: str, words: str) -> None:
    with pytest.raises(ChatRefused) as raised:
        post(slack, channel)
    assert words in str(raised.value)


def test_a_bad_token_is_refused_and_not_shown(slack: FakeSlack) -> None:
    with pytest.raises(ChatRefused) as raised:
        post(slack, token="xoxb-s3cret")
    assert "invalid_auth" in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_a_wait_that_slack_asks_for_is_told(slack: FakeSlack) -> None:
    body = b'{"ok": false, "error": "ratelimited"}'
    slack.fail_next(Failure(Response(429, {**JSON, "Retry-After": "30"}, body)))
    with pytest.raises(ChatUnavailable) as raised:
        post(slack)
    assert raised.value.retry_after == 30
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [
        DROPPED,
        DROPPED_AFTER_TAKING,
        Failure(Response(500, JSON, b"{}"), taken=True),
        Failure(Response(503, JSON, b'{"ok": false, "error": "service_unavailable"}')),
        Failure(Response(200, JSON, b'{"ok": false, "error": "fatal_error"}')),
        Failure(Response(200, {"content-type": "text/html"}, b"<html>maintenance</html>")),
        Failure(Response(200, JSON, b"")),
        Failure(Drip(pause=1.5)),
    ],
    ids=["dropped", "dropped after taking", "500", "503", "fatal_error", "html", "empty", "no answer in time"],
)
def test_what_may_have_arrived_is_doubtful_and_sent_once(slack: FakeSlack, failure: Failure) -> None:
    slack.fail_next(failure)
    with pytest.raises(ChatDoubtful):
        post(slack)
    assert len(slack.requests) == 1
    assert len(slack.messages) == failure.taken


def test_a_slack_that_cannot_be_reached_took_nothing() -> None:
    with pytest.raises(ChatUnavailable, match="cannot be reached"):
        SlackChat(TOKEN, "http://127.0.0.1:1", timeout=1).post("#c", MESSAGE, 1)


def test_blocks_that_slack_does_not_take_are_refused(slack: FakeSlack) -> None:
    message = json.dumps({"text": "x", "blocks": [{"type": "carousel"}]})
    with pytest.raises(ChatError, match="invalid_blocks"):
        post(slack, message=message)
