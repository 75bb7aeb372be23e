"""What is not one of Slack's payloads is refused in one line, and reaches neither Bolt nor the bot."""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from slack_bolt import BoltRequest

from bot.slack.listening import COMMAND, make_listener
from bot.slack.payloads import fault_of, read_payload
from bot.store.sql import SqlStore
from tests.slack.fake.envelopes import EVENT, Envelope
from tests.slack.fake_slack import TOKEN, FakeSlack
from tests.slack.hosts import listening, reception_of

FORM = "application/x-www-form-urlencoded"


def event(inner: object, **more: object) -> dict[str, Any]:
    return {"type": "event_callback", "event_id": "Ev1", "event": inner, **more}


def press(*actions: object, **more: object) -> dict[str, Any]:
    return {"type": "block_actions", "trigger_id": "1", "user": {"id": "U1"}, "actions": list(actions), **more}


MENTION = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.0", "text": "latest"}
BUTTON = {"action_id": "ask:1", "block_id": "b"}

FAULTS: list[tuple[object, str]] = [
    ([], "no JSON object"),
    (None, "no JSON object"),
    ("hello", "no JSON object"),
    (7, "no JSON object"),
    ({}, "no type"),
    ({"type": ["event_callback"]}, "no type"),
    ({"type": "event_callback"}, "no event"),
    (event(None), "no event"),
    (event("hello"), "event or assistant_thread or function_data that is no object"),
    (event({}), "no type"),
    (event(MENTION) | {"event_id": ""}, "no event_id"),
    (event(MENTION | {"user": None}), "no user"),
    (event(MENTION | {"channel": {"id": "C1"}}), "no channel"),
    (event(MENTION | {"ts": 1}), "ts that is no string"),
    (event(MENTION | {"text": 7}), "text that is no string"),
    (event({"type": "message", "channel_type": "im", "user": "U1"}), "no channel"),
    (event({"type": "app_home_opened", "tab": "home"}), "no user"),
    (event(MENTION, authorizations="all"), "authorizations that are no list of objects"),
    (event(MENTION, authorizations=False), "authorizations that are no list of objects"),
    (event(MENTION, authorizations=[1]), "authorizations that are no list of objects"),
    (event(MENTION, authorizations=[{"team_id": 1}]), "team_id that is no string"),
    (event(MENTION, enterprise=5), "enterprise that is neither a name nor an object"),
    (press(), "no actions"),
    (press("ask"), "no actions"),
    (press({"block_id": "b"}), "no action_id"),
    (press(BUTTON, user="U1"), "no user"),
    (press(BUTTON, user={}), "no id"),
    (press(BUTTON | {"value": 7}), "value that is no string"),
    (press(BUTTON) | {"trigger_id": None}, "no trigger_id"),
    (press(BUTTON, channel="C1"), "channel that is no object"),
    (press(BUTTON, container=None), "container that is no object"),
    (press(BUTTON, channel={"id": "C1"}), "no response_url"),
    ({"type": "url_verification"}, "no challenge"),
    ({"command": "/releases"}, "no trigger_id"),
    ({"ssl_check": "1", "team": 5}, "team that is neither a name nor an object"),
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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "im", "U1", "message", "app_mention"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", "user"]), inner),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path to everything within a value."""
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
    with FakeSlack(socket_mode=False) as slack, SqlStore.open("sqlite://") as store:
        app, threads = make_listener(reception_of(slack, store), TOKEN, slack.url)
        payloads = [json.dumps(payload) for payload in sent(slack)]

        @settings(deadline=None, max_examples=200)
        @given(st.data())
        def check(data: st.DataObject) -> None:
            payload = json.loads(data.draw(st.sampled_from(payloads)))
            for _ in range(data.draw(st.integers(1, 2))):
                changed(data, payload)
            assume(fault_of(payload) is None)
            assert app.dispatch(BoltRequest(mode="socket_mode", body=payload)).status in (200, 404)

        check()
        threads.shutdown()
    # What a listener raises is logged by Bolt, from a thread of its own.
    logged = [record for record in caplog.records if record.name.startswith("slack_bolt")]
    assert [record.getMessage() for record in logged if record.levelno >= logging.ERROR] == []


def test_an_odd_event_over_the_web_socket_is_acknowledged_and_the_next_one_answered(tmp_path: Path) -> None:
    with FakeSlack() as slack, SqlStore.open(f"sqlite:///{tmp_path}/bot.db") as store, listening(slack, store):
        slack.link.wait()
        odd = Envelope("odd-1", EVENT, event(MENTION, team=5))
        slack.link.send(odd)
        assert slack.workspace.wait(lambda: odd.acknowledged is not None, 10)
        assert slack.mention("help").answers()
