"""The Slack of the tests over Socket Mode, and once over HTTP, with the real slack-bolt on the other side."""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest, Respond, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bot.app import now
from bot.demo.recorded.server import Response
from tests.chats.slack.fake_slack import APP_TOKEN, ASKER, MAINTAINER, TOKEN, Failure, FakeSlack, rate_limited

OPEN = "/apps.connections.open"
SECRET = "s1gning"
LIST = {"type": "button", "action_id": "list", "value": "v7r1", "text": {"type": "plain_text", "text": "List"}}
BUTTONS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "3 releases"}},
    {"type": "actions", "elements": [LIST]},
]


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


def small_app(slack: FakeSlack) -> App:
    """An app that answers in the thread, offers a button, and shows a home view."""
    app = App(
        signing_secret=SECRET,
        client=WebClient(TOKEN, base_url=slack.url, retry_handlers=[]),
        # For what assistants need, it would ask Slack for the thread's messages at each reply in a direct message.
        attaching_conversation_kwargs_enabled=False,
    )

    @app.event("app_mention")
    def mentioned(event: dict[str, Any], say: Say) -> None:
        say(text=f"heard: {event['text']}", thread_ts=event.get("thread_ts", event["ts"]))

    @app.event("message")
    def told(event: dict[str, Any], say: Say) -> None:
        say(text=f"heard: {event['text']}", thread_ts=event.get("thread_ts"))

    @app.command("/releases")
    def asked(ack: Ack, respond: Respond, command: dict[str, Any]) -> None:
        ack("a moment")
        respond(text=f"{command['user_id']} asked {command['text']}", blocks=BUTTONS, response_type="in_channel")

    @app.action("list")
    def pressed(ack: Ack, respond: Respond, body: dict[str, Any]) -> None:
        ack()
        if "response_url" in body:  # what is pressed in the home tab has none
            respond(f"the releases of {body['actions'][0]['value']}")

    @app.event("app_home_opened")
    def opened(event: dict[str, Any], client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": BUTTONS})

    return app


def close(handler: SocketModeHandler) -> None:
    """Close without waiting for the time-outs of slack-sdk's threads, which all wait for something to read."""
    client = handler.client
    client.closed = True
    client.auto_reconnect_enabled = False
    client.message_queue.put(None)
    if client.current_session and client.current_session.sock:
        with suppress(OSError):
            client.current_session.sock.shutdown(socket.SHUT_RDWR)
    client.close()


@contextmanager
def listening(slack: FakeSlack, ping_interval: float = 0.05) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(small_app(slack), APP_TOKEN, ping_interval=ping_interval)
    try:
        handler.client.connect()
        slack.link.wait()
        yield handler
    finally:
        close(handler)


def test_a_mention_is_acknowledged_and_answered_in_its_thread(slack: FakeSlack) -> None:
    with listening(slack):
        asked = slack.mention("is 1 < 2 & 3?")
        assert asked.acknowledged().seconds < 3
        [answer] = asked.answers()
        within = slack.mention("and then?", thread_ts=asked.ts)
        [second] = within.answers()
    assert asked.payload["event"]["text"] == "<@U0B0T> is 1 &lt; 2 &amp; 3?"
    assert (answer.text, answer.thread_ts) == ("heard: <@U0B0T> is 1 &lt; 2 &amp; 3?", asked.ts)
    assert (second.text, second.thread_ts) == ("heard: <@U0B0T> and then?", asked.ts)


def test_a_direct_message_and_a_reply_in_a_thread_are_heard(slack: FakeSlack) -> None:
    with listening(slack):
        told = slack.direct_message("help", MAINTAINER)
        [answer] = told.answers()
        replied = slack.reply(answer, "thanks", MAINTAINER)
        [second] = replied.answers()
    assert (told.payload["event"]["channel_type"], answer.channel, answer.thread_ts) == ("im", "D012AB3CD", None)
    assert (second.text, second.thread_ts) == ("heard: thanks", answer.ts)
    assert replied.payload["event"]["parent_user_id"] == "U0B0T"


def test_a_command_is_acknowledged_with_words_for_the_asker_and_responded_to(slack: FakeSlack) -> None:
    with listening(slack):
        asked = slack.command("/releases", "latest v7r1")
        first, second = sorted(asked.answers(2), key=lambda answer: answer.only_for is None)
    assert asked.acknowledged().payload == {"text": "a moment"}
    assert (first.text, first.only_for) == ("a moment", ASKER)
    assert (second.text, second.only_for) == (f"{ASKER} asked latest v7r1", None)
    assert slack.messages == [second]
    assert slack.ephemerals == [first]


def test_a_pressed_button_is_answered_to_who_pressed_it(slack: FakeSlack) -> None:
    with listening(slack):
        [shown] = [each for each in slack.command("/releases").answers(2) if each.blocks]
        pressed = slack.press("list", "v7r1", shown, MAINTAINER)
        assert pressed.acknowledged().payload is None
        [answer] = pressed.answers()
        with pytest.raises(LookupError, match="no button list with the value 'v9r9'"):
            slack.press("list", "v9r9", shown)
    assert (answer.text, answer.only_for) == ("the releases of v7r1", MAINTAINER)
    assert pressed.payload["container"]["message_ts"] == shown.ts
    assert pressed.payload["actions"][0]["block_id"] == pressed.payload["message"]["blocks"][1]["block_id"]


def test_the_home_tab_shows_what_is_published_when_it_is_opened(slack: FakeSlack) -> None:
    with listening(slack):
        view = slack.open_home(MAINTAINER).home()
        again = slack.open_home(MAINTAINER)
        again.home()
        pressed = slack.press("list", "v7r1", view, MAINTAINER)
        pressed.acknowledged()
    assert (view.user, view.blocks) == (MAINTAINER, BUTTONS)
    assert again.payload["event"]["view"]["id"] == pressed.payload["view"]["id"] == view.id


def test_a_new_connection_is_asked_for_and_the_old_one_closed(slack: FakeSlack) -> None:
    with listening(slack):
        slack.link.disconnect("refresh_requested")
        slack.link.wait(2)
        assert slack.workspace.wait(lambda: len(slack.link._open) == 1, 10)
        assert slack.mention("still there?").answers()
    assert slack.link.strays == []


@pytest.mark.parametrize(("reason", "is_closed"), [("refresh_requested", True), ("warning", False)])
def test_the_old_connection_is_closed_after_a_request_and_not_after_a_warning(
    slack: FakeSlack, reason: str, *, is_closed: bool
) -> None:
    web = WebClient(base_url=slack.url)
    with connect(web.apps_connections_open(app_token=APP_TOKEN)["url"]) as old:
        old.recv()
        slack.link.disconnect(reason)
        told = json.loads(old.recv())
        with connect(web.apps_connections_open(app_token=APP_TOKEN)["url"]) as new:
            assert json.loads(new.recv())["num_connections"] == 2
            if is_closed:
                with pytest.raises(ConnectionClosed):
                    old.recv(timeout=10)
            else:
                assert old.ping().wait(10)
    assert (told["type"], told["reason"]) == ("disconnect", reason)


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_breaks_off_is_made_again(slack: FakeSlack, *, reset: bool) -> None:
    with listening(slack):
        slack.link.drop(reset=reset)
        slack.link.wait(2)
        assert slack.mention("still there?").answers()


def test_what_is_said_while_nobody_is_connected_is_delivered_to_the_next_connection(slack: FakeSlack) -> None:
    with pytest.raises(ConnectionError, match="dispatch_failed"):
        slack.command("/releases")
    said = slack.mention("anybody?")
    with listening(slack):
        assert said.answers()


def test_an_event_that_was_not_acknowledged_is_delivered_to_the_next_connection(slack: FakeSlack) -> None:
    web = WebClient(APP_TOKEN, base_url=slack.url, retry_handlers=[])
    with connect(web.apps_connections_open(app_token=APP_TOKEN)["url"]) as first:
        said = slack.mention("anybody?")
        heard = [json.loads(first.recv()) for _ in range(2)]
    with connect(web.apps_connections_open(app_token=APP_TOKEN)["url"]) as second:
        heard_again = [json.loads(second.recv()) for _ in range(2)]
        second.send(json.dumps({"envelope_id": heard_again[1]["envelope_id"]}))
        assert said.acknowledged().payload is None
        strays = [json.dumps({"envelope_id": said.envelope.id}), "nonsense"]
        for each in strays:
            second.send(each)
        assert slack.workspace.wait(lambda: slack.link.strays == strays, 10)
    assert [each["type"] for each in heard] == [each["type"] for each in heard_again] == ["hello", "events_api"]
    assert (heard[1]["retry_attempt"], heard_again[1]["retry_attempt"]) == (0, 1)
    assert heard_again[1]["retry_reason"] == "timeout"
    assert heard[1]["payload"] == heard_again[1]["payload"]


def test_an_event_may_be_delivered_again_with_the_event_id_that_it_had(slack: FakeSlack) -> None:
    with listening(slack):
        said = slack.mention("once")
        said.answers()
        again = said.again()
        assert again.answers()
        assert again.acknowledged().seconds < 3
        with pytest.raises(ValueError, match="only events"):
            slack.command("/releases").again()
    assert again.payload["event_id"] == said.payload["event_id"]
    assert again.envelope.id != said.envelope.id
    assert (said.envelope.attempt, again.envelope.attempt) == (0, 1)


def test_a_connection_is_opened_by_an_app_token_alone(slack: FakeSlack) -> None:
    for token, error in (("xapp-other", "invalid_auth"), (TOKEN, "not_allowed_token_type")):
        with pytest.raises(SlackApiError, match=error):
            WebClient(token, base_url=slack.url).apps_connections_open(app_token=token)
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        WebClient(APP_TOKEN, base_url=slack.url).auth_test()


def test_a_ticket_opens_one_connection(slack: FakeSlack) -> None:
    url = WebClient(base_url=slack.url).apps_connections_open(app_token=APP_TOKEN)["url"]
    with connect(url) as link:
        hello = json.loads(link.recv())
        assert (hello["type"], hello["num_connections"], hello["connection_info"]) == ("hello", 1, {"app_id": "A0APP"})
        with pytest.raises(InvalidStatus, match="403"):
            connect(url)
    with pytest.raises(InvalidStatus, match="403"):
        connect(url.partition("?")[0])


def test_connections_are_refused_for_a_while(slack: FakeSlack) -> None:
    web = WebClient(base_url=slack.url)
    slack.link.refusing = True
    with pytest.raises(InvalidStatus, match="503"):
        connect(web.apps_connections_open(app_token=APP_TOKEN)["url"])
    slack.link.refusing = False
    with connect(web.apps_connections_open(app_token=APP_TOKEN)["url"]) as link:
        assert json.loads(link.recv())["type"] == "hello"


def test_a_connection_that_cannot_be_opened_at_once_is_opened_later(slack: FakeSlack) -> None:
    trouble = Failure(Response.json(500, {"ok": False, "error": "internal_error"}), path=OPEN)
    with listening(slack):
        slack.fail_next(trouble, rate_limited(0, OPEN))
        slack.link.drop(reset=True)
        slack.link.wait(2)
        assert slack.mention("still there?").answers()
    assert [request.path for request in slack.requests].count(OPEN) == 4


def test_what_people_do_may_come_over_http_in_place_of_the_socket() -> None:
    with FakeSlack(socket_mode=False) as slack:
        app = small_app(slack)
        seconds = int(now().timestamp())
        asked, given = slack.mention("help"), slack.command("/releases", "latest")
        for act, at, status in ((asked, seconds, 200), (given, seconds, 200), (asked, seconds - 600, 401)):
            request = slack.http(act, SECRET, at)
            headers: dict[str, str | Sequence[str]] = {**request.headers}
            assert app.dispatch(BoltRequest(body=request.body.decode(), headers=headers)).status == status
        assert asked.answers()[0].text == "heard: <@U0B0T> help"
        assert given.answers()[0].text == f"{ASKER} asked latest"
