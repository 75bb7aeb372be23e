"""Posting to Slack over HTTP with the real slack-sdk: at most once, each failure told for what it is."""

import gc
import json
import logging
import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from slack_sdk import WebClient

from bot.chats.slack.client import SlackClient
from bot.demo.recorded.server import Drip, Drop, Fault, Response, Truncate
from bot.domain.digests.delivery import Posted
from bot.services.ports import ChatDoubtful, ChatRefused, ChatUnavailable, CommandButton
from tests.chats.slack.fake_slack import (
    ASKER,
    CHANNEL,
    DROPPED,
    DROPPED_AFTER_TAKING,
    EPOCH,
    TOKEN,
    Failure,
    FakeSlack,
    rate_limited,
)

MESSAGE = json.dumps({"text": "6 patch releases", "blocks": [{"type": "divider"}]})
KEY = "0f" * 16
JSON = {"content-type": "application/json"}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server
    gc.collect()


def post(
    slack: FakeSlack, channel: str = "#dirac-releases", token: str = TOKEN, message: str = MESSAGE, key: str = KEY
) -> str:
    return SlackClient(token, slack.url, timeout=1).post(channel, message, key, math.inf).message


def test_a_message_is_posted_with_its_deliverys_number(slack: FakeSlack) -> None:
    ts = post(slack)
    [message] = slack.messages
    assert (message.ts, message.channel, message.text) == (ts, CHANNEL, "6 patch releases")
    assert message.blocks == [{"type": "divider"}]
    assert message.metadata == {"event_type": "release_digest", "event_payload": {"delivery": KEY}}


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("#private-party", "Slack rejected the request (not_in_channel); invite the bot into the channel: /invite"),
        ("#nowhere", "Slack rejected the request (channel_not_found); check the channel's name"),
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
        ("is_archived", "use another"),
        ("invalid_auth", "the token is invalid; set a new one"),
        ("not_authed", "no token was sent; set one"),
        ("token_revoked", "the token was revoked; set a new one"),
        ("token_expired", "the token has expired; set a new one"),
        ("account_inactive", "reinstall the app"),
        ("missing_scope", "give the app the scopes of config/slack-manifest.yaml"),
        ("restricted_action", "ask an administrator to allow the bot to post"),
        ("msg_too_long", "give it fewer repositories"),
        ("msg_blocks_too_long", "give it fewer repositories"),
        ("invalid_blocks", "please report this digest"),
        ("not_heard_of_before", "see the errors of chat.postMessage in Slack's documentation"),
    ],
)
def test_what_no_retry_mends_is_refused_with_what_to_do(slack: FakeSlack, code: str, mend: str) -> None:
    slack.fail_next(Failure(Response.json(200, {"ok": False, "error": code})))
    with pytest.raises(ChatRefused) as raised:
        post(slack)
    assert raised.value.what == f"Slack rejected the request ({code})"
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
    with pytest.raises(ChatUnavailable, match=r"cannot reach Slack \(.*refused"):
        SlackClient(TOKEN, "http://127.0.0.1:1", timeout=1).post("#c", MESSAGE, KEY, math.inf)


def test_a_slack_that_does_not_speak_tls_took_nothing(slack: FakeSlack) -> None:
    with pytest.raises(ChatUnavailable, match=r"cannot reach Slack \(.*SSL"):
        SlackClient(TOKEN, slack.url.replace("http:", "https:"), timeout=1).post("#c", MESSAGE, KEY, math.inf)
    assert slack.requests == []


def test_what_slack_sdk_logs_at_its_most_talkative_has_no_token(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("slack_sdk", "slack_sdk.web"):
        caplog.set_level(logging.DEBUG, logger=name)
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


def find(slack: FakeSlack, channel: str = "#dirac-releases", key: str = KEY, *, hours: float = 1) -> Posted | None:
    since = datetime.fromtimestamp(EPOCH, UTC) - timedelta(hours=hours)
    return SlackClient(TOKEN, slack.url, timeout=1).find(channel, key, since).posted


@pytest.mark.parametrize("channel", ["#dirac-releases", CHANNEL])
def test_a_posted_message_is_found_by_its_deliverys_key(slack: FakeSlack, channel: str) -> None:
    ts = post(slack)
    assert find(slack, channel) == Posted(CHANNEL, ts)
    assert find(slack, channel, key="another") is None


def test_beyond_the_first_page_nothing_older_than_the_moment_is_searched(slack: FakeSlack) -> None:
    ts = post(slack)
    slack.workspace.clock = lambda: EPOCH + 7200.0
    for number in range(450):
        post(slack, key=str(number))
    slack.requests.clear()
    assert find(slack, hours=-2.5) is None
    assert [request.path for request in slack.requests].count("/conversations.history") == 1
    assert find(slack, hours=0.5) == Posted(CHANNEL, ts)
    chat = SlackClient(TOKEN, slack.url, timeout=1)
    assert chat.find(CHANNEL, KEY, None).posted == Posted(CHANNEL, ts)


def test_the_first_page_is_searched_whatever_the_moment(slack: FakeSlack) -> None:
    ts = post(slack)
    assert find(slack, hours=-48) == Posted(CHANNEL, ts)


def test_a_search_tells_slacks_own_time(slack: FakeSlack) -> None:
    slack.workspace.clock = lambda: EPOCH + 86_400.0
    assert SlackClient(TOKEN, slack.url, timeout=1).find(CHANNEL, KEY, None).at == datetime.fromtimestamp(
        EPOCH + 86_400, UTC
    )


@pytest.mark.parametrize("token", [TOKEN, "xoxb-revoked"])
def test_slacks_time_stands_on_a_refusal_too(slack: FakeSlack, token: str) -> None:
    assert SlackClient(token, slack.url, timeout=1).clock("#c") == datetime.fromtimestamp(EPOCH, UTC)


@pytest.mark.parametrize("failure", [DROPPED, Failure(Response(200, JSON, b"{}")), Failure(Truncate(3))])
def test_no_time_is_known_where_none_is_told(slack: FakeSlack, failure: Failure) -> None:
    slack.fail_next(failure)
    assert SlackClient(TOKEN, slack.url, timeout=1).clock("#c") is None


def test_nothing_is_sent_after_the_deadline(slack: FakeSlack) -> None:
    chat = SlackClient(TOKEN, slack.url, timeout=1)
    with pytest.raises(ChatUnavailable):
        chat.post("#dirac-releases", MESSAGE, KEY, time.monotonic())
    assert slack.requests == []


def test_a_message_is_deleted(slack: FakeSlack) -> None:
    chat = SlackClient(TOKEN, slack.url, timeout=1)
    posted = chat.post("#dirac-releases", MESSAGE, KEY, math.inf)
    chat.delete("#dirac-releases", posted)
    assert slack.messages == []
    with pytest.raises(ChatRefused, match="message_not_found"):
        chat.delete("#dirac-releases", posted)


def test_every_page_of_the_history_and_of_the_channels_is_looked_through(slack: FakeSlack) -> None:
    slack.workspace.rooms = 450
    ts = post(slack)
    for number in range(450):
        post(slack, message=json.dumps({"text": f"{number}", "blocks": []}), key=str(number))
    slack.requests.clear()
    assert find(slack) == Posted(CHANNEL, ts)
    asked = [request.path for request in slack.requests]
    assert asked == ["/users.conversations"] * 3 + ["/conversations.history"] * 3


def test_what_others_wrote_is_not_taken_for_the_message(slack: FakeSlack) -> None:
    slack.workspace.add(CHANNEL, KEY, [], user=ASKER)
    slack.workspace.add(CHANNEL, "x", [], metadata={"event_type": "other", "event_payload": {"delivery": KEY}})
    slack.workspace.add(CHANNEL, "x", [], metadata={"event_type": "release_digest", "event_payload": {}})
    assert find(slack) is None


def test_a_message_of_before_deliveries_had_keys_is_found_by_its_number(slack: FakeSlack) -> None:
    slack.workspace.add(CHANNEL, "x", [], metadata={"event_type": "release_digest", "event_payload": {"delivery": 42}})
    assert find(slack, key="42") is not None


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (Response.json(200, {"ok": False, "error": "missing_scope"}), ChatRefused, "config/slack-manifest.yaml"),
        (Response.json(200, {"ok": False, "error": "token_revoked"}), ChatRefused, "set a new one"),
        (Response(500, JSON, b"{}"), ChatUnavailable, "Slack"),
        (Response(200, {"content-type": "text/html"}, b"<html>"), ChatUnavailable, "Slack"),
        (Drop(), ChatUnavailable, "Slack"),
        (Truncate(3), ChatUnavailable, "Slack"),
    ],
    ids=["scope", "token", "500", "html", "dropped", "truncated"],
)
@pytest.mark.parametrize("path", ["/users.conversations", "/conversations.history"])
def test_a_look_that_fails_never_says_that_the_message_is_not_there(
    slack: FakeSlack, failure: Response | Fault, kind: type[Exception], words: str, path: str
) -> None:
    post(slack)
    slack.fail_next(Failure(failure, path=path))
    with pytest.raises(kind, match=words):
        find(slack)


def test_a_look_waits_as_slack_asks(slack: FakeSlack) -> None:
    slack.fail_next(rate_limited(30))
    with pytest.raises(ChatUnavailable) as raised:
        find(slack)
    assert raised.value.retry_after == 30


@pytest.mark.parametrize("channel", ["#nowhere", "C0NOWHERE"])
def test_a_channel_that_the_bot_is_not_in_cannot_be_looked_through(slack: FakeSlack, channel: str) -> None:
    with pytest.raises(ChatRefused):
        find(slack, channel)


def test_a_person_is_told_in_a_direct_message_and_nothing_in_it_is_markup(slack: FakeSlack) -> None:
    SlackClient(TOKEN, slack.url, timeout=1).direct_message(ASKER, "the digest <!channel> & more")
    [message] = slack.messages
    assert (message.channel, message.text) == (f"D{ASKER[1:]}", "the digest &lt;!channel&gt; &amp; more")


@pytest.mark.parametrize("is_listening", [True, False])
def test_a_line_has_its_button_where_the_bot_listens(slack: FakeSlack, *, is_listening: bool) -> None:
    button = CommandButton("• <one>", "Accept", "Accept the first", "accept v7r2 2021-01-07")
    SlackClient(TOKEN, slack.url, timeout=1, is_listening=is_listening).direct_message(
        ASKER, "For you:\n• <one>", [button]
    )
    [message] = slack.messages
    assert message.text == "For you:\n• &lt;one&gt;"
    shown = [(block["text"]["text"], block.get("accessory", {}).get("value")) for block in message.blocks]
    assert shown == ([("For you:", None), ("• &lt;one&gt;", button.command)] if is_listening else [])
    assert not is_listening or message.blocks[1]["accessory"]["accessibility_label"] == "Accept the first"


def test_a_message_may_come_as_a_form(slack: FakeSlack) -> None:
    client = WebClient(TOKEN, base_url=slack.url, retry_handlers=[])
    metadata = {"event_type": "release_digest", "event_payload": {"delivery": 7}}
    form = {"channel": "C0123", "text": "x", "blocks": '[{"type": "divider"}]', "metadata": json.dumps(metadata)}
    client.api_call("chat.postMessage", data=form)
    assert (slack.messages[0].blocks, slack.messages[0].metadata) == ([{"type": "divider"}], metadata)
