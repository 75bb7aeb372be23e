"""The Slack of the tests refuses what Slack refuses, and signs what Slack signs."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.webhook import WebhookClient

from tests.chats.slack.fake.payloads import typed
from tests.chats.slack.fake_slack import ASKER, CHANNEL, TOKEN, FakeSlack, rate_limited, troubles

SECRET = "s1gning"
NOW = 1_613_984_460


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(socket_mode=False) as server:
        yield server


@pytest.fixture
def web(slack: FakeSlack) -> WebClient:
    return WebClient(TOKEN, base_url=slack.url, retry_handlers=[])


def words(length: int, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": "x" * length}


def section(length: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": words(length), **more}


def button(length: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": words(length, "plain_text"), **more}


def actions(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(buttons)}


def fields(*lengths: int) -> dict[str, Any]:
    return {"type": "section", "fields": [words(length) for length in lengths]}


GOOD = {
    "50 blocks": [{"type": "divider"}] * 50,
    "section": [section(3_000)],
    "field": [fields(2_000)],
    "10 fields": [fields(*[1] * 10)],
    "header": [{"type": "header", "text": words(150, "plain_text")}],
    "10 elements": [{"type": "context", "elements": [words(1)] * 10}],
    "25 buttons": [actions(*[button(action_id=f"a{n}") for n in range(25)])],
    "button": [actions(button(75, value="x" * 2_000, action_id="x" * 255))],
    "action ids of two blocks": [actions(button(action_id="a")), section(accessory=button(action_id="a"))],
    "block id": [section(block_id="x" * 255)],
}
BAD = {
    "51 blocks": [{"type": "divider"}] * 51,
    "long section": [section(3_001)],
    "long field": [fields(2_001)],
    "11 fields": [fields(*[1] * 11)],
    "no field": [fields()],
    "long header": [{"type": "header", "text": words(151, "plain_text")}],
    "header in mrkdwn": [{"type": "header", "text": words(1)}],
    "11 elements": [{"type": "context", "elements": [words(1)] * 11}],
    "26 buttons": [actions(*[button() for _ in range(26)])],
    "no button": [actions()],
    "long button": [actions(button(76))],
    "long value": [actions(button(value="x" * 2_001))],
    "long action id": [actions(button(action_id="x" * 256))],
    "action id twice": [actions(button(action_id="a"), button(action_id="a"))],
    "block id twice": [section(block_id="b"), section(block_id="b")],
    "long block id": [section(block_id="x" * 256)],
    "empty text": [section(0)],
    "no text": [{"type": "section"}],
    "kind of block": [{"type": "carousel"}],
    "kind of element": [actions({"type": "lever"})],
    "style": [actions(button(style="loud"))],
    "more": [section(colour="red")],
    "more in a text": [{"type": "header", "text": {**words(1, "plain_text"), "verbatim": True}}],
    "no block": ["section"],
}


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD)
def test_blocks_up_to_their_limits_are_taken(blocks: list[dict[str, Any]]) -> None:
    assert troubles("x", blocks) == ""


@pytest.mark.parametrize("blocks", BAD.values(), ids=BAD)
def test_blocks_beyond_their_limits_are_refused(blocks: list[Any]) -> None:
    assert troubles("x", blocks) == "invalid_blocks"


def test_what_is_wrong_is_told_with_its_place(web: WebClient) -> None:
    with pytest.raises(SlackApiError) as raised:
        web.chat_postMessage(channel=CHANNEL, text="x", blocks=[section(), section(3_001)])
    assert raised.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be 1 to 3000 characters [/blocks/1/text/text]"
    ]


def test_a_text_has_40_000_characters_at_most() -> None:
    assert (troubles("x" * 40_000, []), troubles("x" * 40_001, [])) == ("", "msg_too_long")


def test_a_reply_is_kept_with_its_thread_and_stands_not_in_the_channel(slack: FakeSlack, web: WebClient) -> None:
    first = web.chat_postMessage(channel=CHANNEL, text="top")
    web.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=first["ts"])
    web.chat_postMessage(channel=CHANNEL, text="lost", thread_ts="1.000001")
    assert [message.thread_ts for message in slack.messages] == [None, first["ts"], "1.000001"]
    assert [message["text"] for message in web.conversations_history(channel=CHANNEL)["messages"]] == ["top"]
    with pytest.raises(SlackApiError, match="invalid_thread_ts"):
        web.chat_postMessage(channel=CHANNEL, text="x", thread_ts="0")


def test_an_ephemeral_message_is_for_one_known_user(slack: FakeSlack, web: WebClient) -> None:
    web.chat_postEphemeral(channel=CHANNEL, user=ASKER, text="psst")
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        web.chat_postEphemeral(channel=CHANNEL, user="U0NOBODY", text="psst")
    assert [(message.text, message.only_for) for message in slack.ephemerals] == [("psst", ASKER)]
    assert slack.messages == []
    assert web.conversations_history(channel=CHANNEL)["messages"] == []


def test_a_message_to_a_user_is_a_direct_message(slack: FakeSlack, web: WebClient) -> None:
    assert web.chat_postMessage(channel=ASKER, text="hello")["channel"] == "D0ASK3R"
    assert slack.messages[0].channel == "D0ASK3R"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        web.chat_postMessage(channel="U0NOBODY", text="hello")


def test_a_home_view_has_a_hundred_blocks_at_most(slack: FakeSlack, web: WebClient) -> None:
    view = {"type": "home", "blocks": [{"type": "divider"}] * 100}
    web.views_publish(user_id=ASKER, view=view)
    for user, bad in (
        (ASKER, {**view, "blocks": [{"type": "divider"}] * 101}),
        (ASKER, {**view, "blocks": [section(0)]}),
        (ASKER, {**view, "type": "modal"}),
        (ASKER, {**view, "title": "x"}),
        ("U0NOBODY", view),
    ):
        with pytest.raises(SlackApiError, match="invalid_arguments"):
            web.views_publish(user_id=user, view=bad)
    assert [(home.user, len(home.blocks)) for home in slack.workspace.homes] == [(ASKER, 100)]


def test_a_command_may_be_responded_to_five_times(slack: FakeSlack) -> None:
    asked = slack.command("/releases", "latest")
    hook = WebhookClient(asked.payload["response_url"], retry_handlers=[])
    assert hook.send(text="").body == "no_text"
    assert hook.send_dict({"text": "to all", "response_type": "in_channel"}).body == "ok"
    sent = [hook.send(text=str(n)).status_code for n in range(4)]
    assert sent == [200, 200, 200, 404]
    assert [(answer.text, answer.only_for) for answer in asked.answers(4)] == [
        ("to all", None),
        ("0", ASKER),
        ("1", ASKER),
        ("2", ASKER),
    ]
    assert WebhookClient(f"{slack.url}/response/other", retry_handlers=[]).send(text="x").status_code == 404


def test_what_a_pressed_button_stands_on_may_be_replaced_and_deleted(slack: FakeSlack, web: WebClient) -> None:
    web.chat_postMessage(channel=CHANNEL, text="shown", blocks=[actions(button(action_id="go", value="1"))])
    pressed = slack.press("go", "1", slack.messages[0])
    hook = WebhookClient(pressed.payload["response_url"], retry_handlers=[])
    hook.send(text="done", replace_original=True)
    assert [(message.text, message.blocks) for message in slack.messages] == [("done", [])]
    hook.send(delete_original=True)
    assert [message.text for message in slack.messages] == [""]


def test_a_method_asks_to_wait_when_told_to_and_others_go_on(slack: FakeSlack, web: WebClient) -> None:
    slack.fail_next(rate_limited(30, "/chat.postMessage"))
    assert web.auth_test()["user_id"] == "U0B0T"
    with pytest.raises(SlackApiError) as raised:
        web.chat_postMessage(channel=CHANNEL, text="x")
    assert (raised.value.response.status_code, raised.value.response.headers["Retry-After"]) == (429, "30")
    assert web.chat_postMessage(channel=CHANNEL, text="x")["ok"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"blocks": "["}'])
def test_arguments_that_are_no_object_are_refused(slack: FakeSlack, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    answer = requests.post(f"{slack.url}/chat.postMessage", body, headers=headers, timeout=5)
    assert answer.json() == {"ok": False, "error": "invalid_json"}


class StoppedClock(Clock):
    def now(self) -> float:
        return NOW + 1


def test_a_request_is_signed_so_that_slacks_own_verifier_takes_it(slack: FakeSlack) -> None:
    request = slack.http(slack.mention("help"), SECRET, NOW)
    verifier = SignatureVerifier(SECRET, StoppedClock())
    assert verifier.is_valid_request(request.body, request.headers)
    assert not verifier.is_valid_request(request.body + b" ", request.headers)
    assert not SignatureVerifier("other", StoppedClock()).is_valid_request(request.body, request.headers)
    old = slack.http(slack.mention("help"), SECRET, NOW - 600)
    assert not verifier.is_valid_request(old.body, old.headers)


def test_each_payload_has_the_form_that_slack_sends_it_in(slack: FakeSlack, web: WebClient) -> None:
    said = slack.mention("help")
    event = slack.http(said, SECRET, NOW)
    command = slack.http(slack.command("/releases", "a & b"), SECRET, NOW)
    web.chat_postMessage(channel=CHANNEL, text="shown", blocks=[actions(button(action_id="go"))])
    pressed = slack.http(slack.press("go", "", slack.messages[0]), SECRET, NOW)
    assert json.loads(event.body) == said.payload
    assert parse_qs(command.body.decode())["text"] == ["a &amp; b"]
    assert json.loads(parse_qs(pressed.body.decode())["payload"][0])["type"] == "block_actions"
    assert [each.headers["Content-Type"] for each in (event, command, pressed)] == [
        "application/json",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded",
    ]


def test_an_event_sent_again_says_so_in_its_headers(slack: FakeSlack) -> None:
    said = slack.mention("help")
    first, second = (slack.http(each, SECRET, NOW) for each in (said, said.again()))
    assert first.body == second.body
    assert "X-Slack-Retry-Num" not in first.headers
    assert (second.headers["X-Slack-Retry-Num"], second.headers["X-Slack-Retry-Reason"]) == ("1", "http_timeout")


@given(st.text().filter(lambda text: "://" not in text))
def test_what_is_typed_can_be_read_back_and_marks_nothing_up(text: str) -> None:
    written = typed(text)
    assert not set(written) & {"<", ">"}
    assert written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_an_address_that_is_typed_becomes_a_link() -> None:
    assert typed("see https://x.example/?a&b now") == "see <https://x.example/?a&amp;b> now"
