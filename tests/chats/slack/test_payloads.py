"""What is not one of Slack's payloads is refused in one line, and reaches neither Bolt nor the bot."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.chats.inbox import Inbox, IncomingMessage
from bot.chats.slack.dispatch import MISREAD, dispatch
from bot.chats.slack.listener import COMMAND, make_listener
from bot.chats.slack.payloads import fault_of, read_payload
from bot.demo.recorded.server import Response
from bot.store.store import Store
from tests.chats.slack.fake.envelopes import EVENT, Envelope
from tests.chats.slack.fake_slack import TOKEN, Failure, FakeSlack
from tests.chats.slack.hosts import inbox_of, listening
from tests.examples import part_of
from tests.memory import store_in_memory

FORM = "application/x-www-form-urlencoded"


def event(inner: object, **more: object) -> dict[str, Any]:
    return {"type": "event_callback", "event_id": "Ev1", "event": inner, **more}


def press(*actions: object, **more: object) -> dict[str, Any]:
    return {"type": "block_actions", "trigger_id": "1", "user": {"id": "U1"}, "actions": list(actions), **more}


MENTION = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.0", "text": "latest"}
BUTTON = {"action_id": "ask:1", "block_id": "b"}

FAULTS: list[tuple[object, str]] = [
    ([], "not a JSON object"),
    (None, "not a JSON object"),
    ("hello", "not a JSON object"),
    (7, "not a JSON object"),
    ({}, "missing type"),
    ({"type": ["event_callback"]}, "missing type"),
    ({"type": "event_callback"}, "missing event"),
    (event(None), "missing event"),
    (event("hello"), "event or assistant_thread or function_data is not an object"),
    (event({}), "missing type"),
    (event(MENTION) | {"event_id": ""}, "missing event_id"),
    (event(MENTION | {"user": None}), "missing user"),
    (event(MENTION | {"channel": {"id": "C1"}}), "missing channel"),
    (event(MENTION | {"ts": 1}), "ts is not a string"),
    (event(MENTION | {"text": 7}), "text is not a string"),
    (event({"type": "message", "channel_type": "im", "user": "U1"}), "missing channel"),
    (event({"type": "message", "channel_type": "im", "channel": "D1", "user": {"id": "U1"}}), "user is not a string"),
    (event({"type": "app_home_opened", "tab": "home"}), "missing user"),
    (event(MENTION, authorizations="all"), "authorizations is not a list of objects"),
    (event(MENTION, authorizations=False), "authorizations is not a list of objects"),
    (event({"type": "message", "channel": "D1", "channel_type": "im", "user": "U1"}), "missing ts"),
    (event(MENTION, authorizations=[1]), "authorizations is not a list of objects"),
    (event(MENTION, authorizations=[{"team_id": 1}]), "team_id is not a string"),
    (event(MENTION, enterprise=5), "enterprise is neither a name nor an object"),
    (event(MENTION | {"authorizations": 5}), "authorizations is not a list of objects"),
    (event(MENTION, authorizations=[{"authorizations": [5]}]), "authorizations is not a list of objects"),
    (event({"type": "reaction_added", "item": {"channel": 5}}), "channel is neither a name nor an object"),
    (event({"type": "x", "message": {"previous_message": {"user": 5}}}), "user is neither a name nor an object"),
    ({"type": "view_submission"}, "missing view"),
    ({"type": "view_submission", "view": {"callback_id": "x"}}, "missing type"),
    ({"type": "view_submission", "view": {"type": "modal", "callback_id": 5}}, "callback_id is not a string"),
    ({"type": "view_submission", "view": {"type": "workflow_step", "callback_id": "x"}}, "missing workflow_step"),
    ({"type": "view_closed", "view": {"callback_id": "x"}}, "missing type"),
    ({"type": "shortcut", "view": "x"}, "view is not an object"),
    ({"type": "block_suggestion", "action_id": 5}, "action_id is not a string"),
    ({"type": "interactive_message", "callback_id": "x"}, "missing actions"),
    ({"type": "workflow_step_edit", "callback_id": "x"}, "missing workflow_step"),
    (press(), "missing actions"),
    (press("ask"), "missing actions"),
    (press({"block_id": "b"}), "missing action_id"),
    (press(BUTTON, user="U1"), "missing user"),
    (press(BUTTON, user={}), "missing id"),
    (press(BUTTON | {"value": 7}), "value is not a string"),
    (press(BUTTON) | {"trigger_id": None}, "missing trigger_id"),
    (press(BUTTON, channel="C1"), "channel is not an object"),
    (press(BUTTON, container=None), "container is not an object"),
    (press(BUTTON, channel={"id": "C1"}), "missing response_url"),
    (press(BUTTON, channel={"id": ["C1"]}, response_url="https://x"), "missing id"),
    ({"type": "url_verification"}, "missing challenge"),
    ({"command": "/releases"}, "missing trigger_id"),
    ({"ssl_check": "1", "team": 5}, "team is neither a name nor an object"),
]


@pytest.mark.parametrize(("payload", "fault"), FAULTS, ids=str)
def test_a_payload_that_slack_does_not_send_is_told_by_what_it_lacks(payload: object, fault: str) -> None:
    assert fault_of(payload) == fault


def sent(slack: FakeSlack) -> list[Mapping[str, Any]]:
    """Payloads of every kind that the bot listens to."""
    posted = slack.mention("help")
    acts = [
        posted,
        slack.mention("latest", thread_ts=posted.ts),
        slack.direct_message("latest v7r1"),
        slack.command(COMMAND, "latest"),
        slack.open_home(),
    ]
    return [
        *(act.payload for act in acts),
        press(BUTTON | {"value": "latest v7r1"}, channel={"id": "C1"}, message={}, response_url="http://127.0.0.1:1"),
    ]


def test_what_slack_sends_has_no_fault() -> None:
    with FakeSlack(socket_mode=False) as slack:
        assert [fault_of(payload) for payload in sent(slack)] == [None] * 6


@pytest.mark.parametrize(
    ("body", "kind", "payload"),
    [
        ('{"a": 1}', "application/json", {"a": 1}),
        ('{"a": 1}', FORM, {"a": 1}),
        ("[1]", "application/json; charset=utf-8", [1]),
        ("payload=%7B%22a%22%3A1%7D", FORM, {"a": 1}),
        ("command=%2Freleases&text=", FORM, {"command": "/releases", "text": ""}),
        ("", FORM, {}),
    ],
)
def test_a_payload_is_read_as_it_was_sent(body: str, kind: str, payload: object) -> None:
    assert read_payload(body, kind) == payload


@pytest.mark.parametrize("body", ["", "{", "nonsense", "[" * 200_000, "1" * 5_000])
def test_what_is_no_json_is_refused(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind
        read_payload(body, "application/json")


# What Slack sends of kinds that the bot does not listen to, and Bolt reads all the same.
OTHERS: tuple[dict[str, Any], ...] = (
    {
        "type": "view_submission",
        "team": {"id": "T1", "domain": "x"},
        "user": {"id": "U1", "team_id": "T1"},
        "view": {"id": "V1", "type": "modal", "callback_id": "", "team_id": "T1", "bot_id": "B1", "state": {}},
    },
    {"type": "view_closed", "user": {"id": "U1"}, "view": {"type": "modal", "callback_id": "x"}, "is_cleared": False},
    {"type": "view_submission", "view": {"type": "workflow_step", "callback_id": "x"}, "workflow_step": {}},
    {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "x", "team": None, "view": {"type": "x"}},
    {"type": "dialog_suggestion", "callback_id": "x", "value": "x"},
    {"type": "shortcut", "callback_id": "x", "trigger_id": "1", "user": {"id": "U1"}},
    {"type": "message_action", "callback_id": "x", "message": {"user": "U1", "ts": "1.0", "text": ""}},
    {"type": "interactive_message", "callback_id": "x", "actions": [{"name": "x"}]},
    {"type": "dialog_submission", "callback_id": "x", "submission": {}},
    {"type": "workflow_step_edit", "callback_id": "x", "workflow_step": {}},
    event({"type": "workflow_step_execute", "workflow_step": {}, "callback_id": "x"}),
    event({"type": "function_executed", "function": {"callback_id": "x"}, "function_execution_id": "Fx1"}),
    event(
        {"type": "reaction_added", "user": "U1", "item": {"type": "message", "channel": "C1", "ts": "1.0"}},
        authorizations=[{"enterprise_id": None, "team_id": "T1", "user_id": "U1", "is_enterprise_install": False}],
    ),
    event(
        {
            "type": "message",
            "subtype": "message_changed",
            "channel": "C1",
            "message": {"user": "U1", "ts": "1.0", "text": "x", "edited": {"user": "U1", "ts": "1.1"}},
            "previous_message": {"user": "U1", "ts": "1.0", "text": "y"},
        }
    ),
)


@pytest.mark.parametrize("payload", OTHERS, ids=lambda payload: payload["type"])
def test_what_slack_sends_of_other_kinds_has_no_fault(payload: dict[str, Any]) -> None:
    assert fault_of(payload) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "im", "U1", "message", "app_mention"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", "user"]), inner),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the path to everything within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(data: st.DataObject, payload: Any) -> None:
    """Take something out of a payload, or put something else in its place."""
    *path, last = data.draw(st.sampled_from(list(places(payload))))
    for key in path:
        payload = payload[key]
    if data.draw(st.booleans()):
        payload[last] = data.draw(json_values)
    else:
        del payload[last]


def test_what_has_no_fault_is_taken_without_an_error(caplog: pytest.LogCaptureFixture) -> None:
    with FakeSlack(socket_mode=False) as slack, store_in_memory() as store:
        app, threads = make_listener(inbox_of(slack, store), TOKEN, slack.url)
        payloads = [json.dumps(payload) for payload in (*sent(slack), *OTHERS)]

        @settings(deadline=None, max_examples=part_of(400))
        @given(st.data())
        def check(data: st.DataObject) -> None:
            payload = json.loads(data.draw(st.sampled_from(payloads)))
            for _ in range(data.draw(st.integers(1, 2))):
                changed(data, payload)
            assume(fault_of(payload) is None)
            # What Bolt makes of a view that is null depends on the kind.
            refused = (MISREAD,) if payload.get("view", "") is None else ()
            assert dispatch(app, payload, {}, mode="socket_mode").status in (200, 404, *refused)

        check()
        threads.shutdown()
    # What a listener raises is logged by Bolt, from a thread of its own.
    logged = [record for record in caplog.records if record.name.startswith(("slack_bolt", "bot"))]
    assert [record.getMessage() for record in logged if record.levelno >= logging.ERROR] == []


# Bolt's to refuse: it looks into what is not there.
UNREAD: Mapping[str, Any] = {"type": "shortcut", "callback_id": "x", "view": None}

# Payloads that ``fault_of`` does not let through, as one would be that it does not know of.
UNREADABLE: list[dict[str, Any]] = [
    event(MENTION, authorizations=5),
    event({"type": "reaction_added", "item": {"channel": 5}}),
    {"type": "view_submission", "view": {"callback_id": "x"}},
    {"type": "view_submission", "view": 5},
    {"type": "block_suggestion", "action_id": 5},
    {"type": "interactive_message", "callback_id": "x"},
    {"command": 5},
]


@pytest.mark.parametrize("payload", UNREADABLE, ids=str)
def test_what_bolt_cannot_read_is_refused_in_one_line(
    payload: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with FakeSlack(socket_mode=False) as slack, store_in_memory() as store:
        app, threads = make_listener(inbox_of(slack, store), TOKEN, slack.url)
        assert dispatch(app, payload, {}, mode="socket_mode").status == MISREAD
        threads.shutdown()
    [line] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "unexpected (non-Slack) payload: Bolt cannot parse it" in line.getMessage()
    assert line.exc_info is None


@pytest.mark.parametrize("is_command", [True, False])
def test_what_the_bots_own_functions_raise_is_told_with_its_traceback(
    caplog: pytest.LogCaptureFixture, *, is_command: bool
) -> None:
    with FakeSlack(socket_mode=False) as slack, store_in_memory() as store:
        inbox = Broken(inbox_of(slack, store))
        app, threads = make_listener(inbox, TOKEN, slack.url)  # type: ignore[arg-type]
        act = slack.command(COMMAND, "latest") if is_command else slack.mention("latest")
        assert dispatch(app, {**act.payload}, {}, mode="socket_mode").status == 200
        threads.shutdown()
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], KeyError)


@pytest.mark.parametrize("answer", [[1], "x", 5, None])
def test_an_answer_of_slack_that_is_no_object_is_no_fault_of_the_payload(
    answer: object, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeSlack(socket_mode=False) as slack, store_in_memory() as store:
        slack.fail_next(Failure(Response.json(200, answer), path="/auth.test"))
        app, threads = make_listener(inbox_of(slack, store), TOKEN, slack.url)
        assert dispatch(app, {**slack.mention("latest").payload}, {}, mode="socket_mode").status != MISREAD
        threads.shutdown()
    assert "Failed to authorize" in caplog.text
    assert "unexpected (non-Slack) payload" not in caplog.text


def test_what_fails_before_a_listener_is_no_fault_of_the_payload(caplog: pytest.LogCaptureFixture) -> None:
    error = OSError("no way to Slack")

    def middleware() -> None:
        raise error

    with FakeSlack(socket_mode=False) as slack, store_in_memory() as store:
        app, threads = make_listener(inbox_of(slack, store), TOKEN, slack.url)
        app.use(middleware)
        assert dispatch(app, {**slack.mention("latest").payload}, {}, mode="socket_mode").status == 500
        threads.shutdown()
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_an_unreachable_slack_is_no_fault_of_the_payload() -> None:
    with FakeSlack(socket_mode=False) as slack, store_in_memory() as store:
        app, threads = make_listener(inbox_of(slack, store), TOKEN, "http://127.0.0.1:1/api/")
        assert dispatch(app, {**slack.mention("latest").payload}, {}, mode="socket_mode").status == 500
        threads.shutdown()


@dataclass
class Broken:
    """An inbox with a fault of its own, of the kind that a misread payload raises."""

    whole: Inbox

    def handle(self, message: IncomingMessage) -> None:
        raise KeyError(message.text)


def test_an_odd_event_over_the_web_socket_is_acknowledged_and_the_next_one_answered(tmp_path: Path) -> None:
    with FakeSlack() as slack, Store.open(f"sqlite:///{tmp_path}/bot.db") as store, listening(slack, store):
        slack.link.wait()
        odds = [Envelope("odd-1", EVENT, event(MENTION, team=5)), Envelope("odd-2", "interactive", {**UNREAD})]
        for odd in odds:
            slack.link.send(odd)
        assert slack.workspace.wait(lambda: all(odd.acknowledged is not None for odd in odds), 10)
        assert slack.mention("help").answers()
