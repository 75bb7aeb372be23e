"""Posting to Slack over HTTP with the real slack-sdk: at most once, each failure told for what it is."""

import gc
import json
import logging
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.recorded.server import Drip, Response, Truncate
from bot.services.ports import ChatDoubtful, ChatRefused, ChatUnavailable
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
    return SlackChat(token, slack.url, timeout=1).post(channel, message, 42).message


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
    ids=["not in it", "not there"],
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


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("is_archived", "name another"),
        ("invalid_auth", "put a new one into the environment"),
        ("not_authed", "put one into the environment"),
        ("token_revoked", "put a new one into the environment"),
        ("token_expired", "put a new one into the environment"),
        ("account_inactive", "install the app again"),
        ("missing_scope", "give the app the scope chat:write"),
        ("restricted_action", "an administrator must allow"),
        ("msg_too_long", "watch fewer repositories"),
        ("msg_blocks_too_long", "watch fewer repositories"),
        ("invalid_blocks", "please report this digest"),
        ("not_heard_of_before", "see Slack's chat.postMessage"),
    ],
)
def test_what_no_retry_mends_is_refused_with_what_to_do(slack: FakeSlack, code: str, mend: str) -> None:
    slack.fail_next(Failure(Response.json(200, {"ok": False, "error": code})))
    with pytest.raises(ChatRefused) as raised:
        post(slack)
    assert raised.value.what == f"Slack did not take it ({code})"
    assert mend in raised.value.hint
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Response(429, {**JSON, "Retry-After": "30"}, b'{"ok": false, "error": "ratelimited"}'),
        Response(200, {**JSON, "Retry-After": "30"}, b'{"ok": false, "error": "ratelimited"}'),
        Response(429, {"content-type": "text/html", "Retry-After": "30"}, b"<html>slow down</html>"),
        Response(429, {"Retry-After": "30"}, b""),
    ],
    ids=["429", "200", "html", "empty"],
)
def test_a_wait_that_slack_asks_for_is_told(slack: FakeSlack, answer: Response) -> None:
    slack.fail_next(Failure(answer))
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
        Failure(Response(200, JSON, b"[]")),
        Failure(Response(200, JSON, b'{"ok": true}'), taken=True),
        Failure(Response(200, {"content-type": "application/json; charset=none"}, b"{}"), taken=True),
        Failure(Response(200, {"content-type": "application/gzip"}, b"{}"), taken=True),
        Failure(Truncate(3), taken=True),
        Failure(Drip(pause=1.5)),
    ],
    ids=[
        "dropped",
        "dropped after taking",
        "500",
        "503",
        "fatal_error",
        "html",
        "empty",
        "no object",
        "no ts",
        "charset",
        "gzip",
        "truncated",
        "no answer in time",
    ],
)
def test_what_may_have_arrived_is_doubtful_and_sent_once(slack: FakeSlack, failure: Failure) -> None:
    slack.fail_next(failure)
    with pytest.raises(ChatDoubtful):
        post(slack)
    assert len(slack.requests) == 1
    assert len(slack.messages) == failure.taken


def test_a_slack_that_cannot_be_reached_took_nothing() -> None:
    with pytest.raises(ChatUnavailable, match=r"cannot be reached \(.*refused"):
        SlackChat(TOKEN, "http://127.0.0.1:1", timeout=1).post("#c", MESSAGE, 1)


def test_a_slack_that_does_not_speak_tls_took_nothing(slack: FakeSlack) -> None:
    with pytest.raises(ChatUnavailable, match=r"cannot be reached \(.*SSL"):
        SlackChat(TOKEN, slack.url.replace("http:", "https:"), timeout=1).post("#c", MESSAGE, 1)
    assert slack.requests == []


def test_what_slack_sdk_logs_at_its_most_talkative_has_no_token(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="slack_sdk")
    slack.fail_next(Failure(Response(500, JSON, b"{}")), DROPPED)
    for _ in range(2):
        with pytest.raises(ChatDoubtful):
            post(slack)
    post(slack)
    assert "chat.postMessage" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "x", "blocks": [{"type": "carousel"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]},
            "invalid_blocks",
        ),
        (
            {"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]},
            "invalid_blocks",
        ),
        (
            {"text": "x", "blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}]},
            "invalid_blocks",
        ),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5},
            "msg_blocks_too_long",
        ),
        ({"text": "", "blocks": []}, "no_text"),
    ],
    ids=["kind", "number", "section", "header", "field", "together", "nothing"],
)
@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing:UserWarning")
def test_blocks_that_slack_does_not_take_are_refused(slack: FakeSlack, message: dict[str, object], code: str) -> None:
    with pytest.raises(ChatRefused, match=code):
        post(slack, message=json.dumps(message))
    assert slack.messages == []


def test_a_posted_message_can_be_found_by_its_deliverys_number(slack: FakeSlack) -> None:
    ts = post(slack)
    client = WebClient(TOKEN, base_url=slack.url, retry_handlers=[])
    assert client.auth_test()["bot_id"] == "B0"
    [found] = client.conversations_history(channel="#dirac-releases", include_all_metadata=True, limit=15)["messages"]
    assert (found["ts"], found["metadata"]["event_payload"]) == (ts, {"delivery": 42})
    [bare] = client.conversations_history(channel="#dirac-releases")["messages"]
    assert "metadata" not in bare


def test_a_message_may_come_as_a_form(slack: FakeSlack) -> None:
    client = WebClient(TOKEN, base_url=slack.url, retry_handlers=[])
    metadata = {"event_type": "release_digest", "event_payload": {"delivery": 7}}
    form = {"channel": "C0123", "text": "x", "blocks": '[{"type": "divider"}]', "metadata": json.dumps(metadata)}
    client.api_call("chat.postMessage", data=form)
    assert (slack.messages[0].blocks, slack.messages[0].metadata) == ([{"type": "divider"}], metadata)
