"""Slack calls over HTTP: signed calls are answered once, others are refused."""

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
import requests

from bot.app import now
from bot.chats.slack.chat import SlackChat
from bot.domain.errors import UsageError
from bot.store.store import Store
from bot.web.app import served
from tests.chats.slack.fake_slack import TOKEN, Act, FakeSlack
from tests.chats.slack.hosts import DIRAC, inbox_of
from tests.config.files import settings
from tests.histories import write_history

SECRET = "s1gning-s3cret"
SECRETS = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET}
PATH = "/slack/events"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(socket_mode=False) as server:
        yield server


@contextmanager
def listening(table: str, slack: FakeSlack, folder: Path, address: str = "127.0.0.1:0") -> Iterator[int]:
    """Serve for a chat as it is configured, and give the port."""
    text = f'[{table}]\nlisten = "http"\nhttp_address = "{address}"\nbase_url = "{slack.url}"\n'
    text += 'kind = "slack"\n' if table != "slack" else ""
    [chat] = settings(text, folder).configured_chats.values()
    with Store.open(f"sqlite:///{folder}/bot.db") as store:
        write_history(store, DIRAC)
        with closing(SlackChat(chat, SECRETS.get).listener(inbox_of(slack, store))) as listener:
            listener.start()
            with served(listener.mounts) as ports:
                yield ports[f"{table}.http_address"]


@pytest.fixture
def port(slack: FakeSlack, tmp_path: Path) -> Iterator[int]:
    with listening("slack", slack, tmp_path) as port:
        yield port


def call(
    port: int, slack: FakeSlack, act: Act, secret: str = SECRET, age: int = 0, *, path: str = PATH
) -> requests.Response:
    """Call the bot as Slack does."""
    request = slack.http(act, secret, int(now().timestamp()) - age)
    url = f"http://127.0.0.1:{port}{path}"
    return requests.post(url, data=request.body, headers=request.headers, timeout=10)


def test_a_signed_call_is_answered_in_the_thread(port: int, slack: FakeSlack) -> None:
    asked = slack.mention("how many patch releases in the last month?")
    assert call(port, slack, asked).status_code == 200
    [answer] = asked.answers()
    assert answer.thread_ts == asked.ts
    assert answer.text.startswith("*6 patch releases of DIRAC")


def test_a_command_is_answered_to_its_author_by_its_own_address(port: int, slack: FakeSlack) -> None:
    asked = slack.command("/releases", "latest v7r1")
    assert call(port, slack, asked).status_code == 200
    [answer] = asked.answers()
    assert (answer.only_for, "v7r1p29" in answer.text) == (asked.user, True)


def test_an_event_that_is_called_again_is_answered_once(port: int, slack: FakeSlack) -> None:
    asked = slack.mention("latest v7r1")
    assert call(port, slack, asked).status_code == 200
    asked.answers()
    assert call(port, slack, asked.again()).status_code == 200
    later = slack.mention("latest v7r0")
    call(port, slack, later)
    later.answers()
    assert len(slack.messages) == 2


@pytest.mark.parametrize(("secret", "age"), [("wr0ng", 0), (SECRET, 600)])
def test_a_call_with_another_signature_or_an_old_one_is_refused(
    port: int, slack: FakeSlack, secret: str, age: int
) -> None:
    assert call(port, slack, slack.mention("latest v7r1"), secret, age).status_code == 401
    assert slack.messages == []


def test_an_unsigned_call_another_path_and_another_method_are_refused(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    body = json.dumps({"type": "url_verification", "challenge": "x"})
    assert requests.post(url + PATH, data=body, timeout=10).status_code == 401
    assert requests.post(url + "/other", data=body, timeout=10).status_code == 404
    assert requests.get(url + PATH, timeout=10).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"{nonsense",
        b"null",
        b"[]",
        b"{}",
        b"payload=nonsense",
        b'{"type": "nothing of ours"}',
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": "hello"}',
        b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_mention"}}',
        b'{"type": "block_actions", "actions": []}',
        b'{"team": 5}',
        b'{"type": "\xff"}',
        b'{"type": "view_submission", "view": {"callback_id": "x"}}',
        b'{"type": "shortcut", "callback_id": "x", "view": null}',
        b"[" * 100_000,
    ],
    ids=lambda body: body[:40].decode(errors="replace"),
)
def test_a_signed_call_that_is_no_event_is_refused_and_not_made_again(port: int, body: bytes) -> None:
    answer = posted(port, body, SECRET)
    assert (answer.status_code, answer.headers.get("x-slack-no-retry")) == (400, "1")
    if body.isascii():
        assert posted(port, body, "wr0ng").status_code == 401


def posted(port: int, body: bytes, secret: str) -> requests.Response:
    at = str(int(now().timestamp()))
    mac = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json" if body[:1] in b"{[" else "application/x-www-form-urlencoded"}
    headers |= {"x-slack-signature": f"v0={mac}", "x-slack-request-timestamp": at}
    return requests.post(f"http://127.0.0.1:{port}{PATH}", data=body, headers=headers, timeout=10)


@pytest.mark.parametrize(
    ("signature", "at"), [("v0=\xe9", "1613984400"), ("v0=a", "now"), ("v0=a", "9" * 400), ("v0=a", "\xb2")]
)
def test_a_signature_that_cannot_be_one_is_refused(port: int, signature: str, at: str) -> None:
    headers = {"x-slack-signature": signature, "x-slack-request-timestamp": at}
    url = f"http://127.0.0.1:{port}{PATH}"
    assert requests.post(url, data=b"{}", headers=headers, timeout=10).status_code == 401


def test_a_call_is_answered_beside_many_idle_connections(port: int, slack: FakeSlack) -> None:
    with ExitStack() as idle:
        for _ in range(150):
            idle.enter_context(socket.create_connection(("127.0.0.1", port)))
        asked = slack.mention("latest v7r1")
        assert call(port, slack, asked).status_code == 200
        assert asked.answers()


def test_a_port_that_is_taken_is_told_in_one_line(port: int, slack: FakeSlack, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    hint = "choose another address, or stop the program that uses it"
    match = rf"^slack\.http_address 127\.0\.0\.1:{port}: cannot listen .*; {hint}"
    with (
        pytest.raises(UsageError, match=match),
        listening("slack", slack, folder, f"127.0.0.1:{port}"),
    ):
        pytest.fail("it was taken")


def test_another_workspace_has_a_path_of_its_own(slack: FakeSlack, tmp_path: Path) -> None:
    with listening("chats.other", slack, tmp_path) as port:
        act = slack.mention("latest v7r1")
        assert call(port, slack, act).status_code == 404
        assert call(port, slack, act, path="/chats/other/events").status_code == 200
        assert slack.wait_for(1)
