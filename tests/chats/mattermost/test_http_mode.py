"""The slash command and the buttons: answered to who asked, and to nobody without the secret."""

import json
from typing import Any

import pytest
import requests

from bot.store.store import Store
from tests.chats.contract.mattermost import plain
from tests.chats.mattermost.fake_mattermost import COMMAND_TOKEN, PUBLIC, FakeMattermost
from tests.chats.mattermost.hosts import listening

COUNT = "how many v7r0 patches in 2020?"


def told(response: requests.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_the_command_is_answered_to_its_author_alone_and_goes_on(connected: FakeMattermost) -> None:
    answer = told(connected.command(connected.asker, COUNT))
    assert answer["response_type"] == "ephemeral"
    assert answer["skip_slack_parsing"] is True
    assert plain(answer["text"]).startswith("34 patch releases of v7r0")
    next_ = told(connected.command(connected.asker, "and v7r1?"))
    assert plain(next_["text"]).startswith("23 patch releases of v7r1")
    other = told(connected.command(connected.maintainer, "and v7r1?"))
    assert "no earlier question" in other["text"]
    assert connected.messages == []


def test_the_command_works_where_the_bot_is_not(connected: FakeMattermost) -> None:
    answer = told(connected.command(connected.asker, "latest v7r1", connected.elsewhere))
    assert "v7r1p29" in plain(answer["text"])


def test_a_button_below_a_commands_answer_is_answered_to_who_pressed_it(connected: FakeMattermost) -> None:
    answer = told(connected.command(connected.asker, COUNT))
    [action] = [e for part in answer["attachments"] for e in part["actions"] if e["name"] == "By month"]
    pressed = connected.pressed(answer["attachments"], action["id"], connected.asker, connected.channel.id, "x" * 26)
    assert plain(told(pressed)["ephemeral_text"]).startswith("34 patch releases of v7r0")
    assert connected.messages == []


def test_a_repeated_press_is_answered_once(connected: FakeMattermost) -> None:
    post = connected.say(connected.asker, connected.channel, f"@release-bot {COUNT}")
    connected.wait(lambda: connected.answers_to(post))
    [answer] = connected.answers_to(post)
    for _ in range(2):
        connected.press(answer, "ask0", connected.asker)
    # Each press has an id of its own.
    assert connected.wait(lambda: len(connected.answers_to(post)) == 3)


def test_a_maintainers_change_by_command_and_none_by_a_guest(connected: FakeMattermost, store: Store) -> None:
    move = "move final certification of v7r2 to 11 March"
    assert "only maintainers" in told(connected.command(connected.guest, move))["text"]
    assert store.certification.changes() == {}
    assert "is moved to 11 Mar 2021" in told(connected.command(connected.maintainer, move))["text"]


@pytest.mark.parametrize("token", ["", "wrong", COMMAND_TOKEN + "x", "ö"])
def test_a_command_with_another_token_is_rejected(connected: FakeMattermost, token: str) -> None:
    response = connected.command(connected.maintainer, "help", token=token)
    assert (response.status_code, response.json()) == (401, {"error": "wrong token"})


def test_whoever_names_a_maintainer_without_the_proof_is_rejected(connected: FakeMattermost, store: Store) -> None:
    asked: dict[str, Any] = {
        "user_id": connected.maintainer.id,
        "channel_id": connected.channel.id,
        "channel_name": "releases",
        "post_id": "x" * 26,
        "trigger_id": "t",
    }
    contexts: list[object] = [
        None,
        {},
        {"words": "undo"},
        {"words": "undo", "proof": "0" * 64},
        {"proof": COMMAND_TOKEN},
        {"words": "undo", "proof": "\ud83d"},
        {"words": "\ud83d", "proof": "0" * 64},
    ]
    for context in contexts:
        response = requests.post(
            f"{connected.bot_address}/chats/cern/action", json=asked | {"context": context}, timeout=9
        )
        assert response.status_code == 401, context
    assert store.certification.changes() == {}


def test_the_proof_of_one_button_does_not_fit_another(connected: FakeMattermost) -> None:
    answer = told(connected.command(connected.asker, COUNT))
    context = answer["attachments"][0]["actions"][0]["integration"]["context"]
    assert COMMAND_TOKEN not in json.dumps(answer)
    for change in ({"words": "undo"}, {"private": False}):
        body = {"context": context | change}
        response = requests.post(f"{connected.bot_address}/chats/cern/action", json=body, timeout=9)
        assert response.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "command", b"", 405),
        ("POST", "command", b"\xff\xfe", 400),
        ("POST", "command", b"token=" + COMMAND_TOKEN.encode(), 400),
        ("POST", "command", b"a=1&" * 100, 400),
        ("POST", "action", b"{", 400),
        ("POST", "action", b"[" * 10_000, 400),
        ("POST", "action", b"[]", 400),
        ("POST", "command", b"x" * 300_000, 413),
    ],
)
def test_what_is_none_of_mattermosts_requests_is_rejected(
    connected: FakeMattermost, method: str, path: str, body: bytes, status: int
) -> None:
    url = f"{connected.bot_address}/chats/cern/{path}"
    assert requests.request(method, url, data=body, timeout=9).status_code == status


def test_without_a_command_token_there_are_no_buttons_and_no_paths(mattermost: FakeMattermost, store: Store) -> None:
    with listening(mattermost, store, is_served=False):
        post = mattermost.say(mattermost.asker, mattermost.channel, f"@release-bot {COUNT}")
        assert mattermost.wait(lambda: mattermost.answers_to(post))
    [answer] = mattermost.answers_to(post)
    assert "attachments" not in answer.props
    assert PUBLIC not in json.dumps(answer.props)
