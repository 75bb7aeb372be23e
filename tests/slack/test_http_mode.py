"""Slack calls over HTTP: signed calls are answered once, others are refused."""

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from bot.app import now
from bot.domain.errors import UsageError
from bot.slack.http_mode import PATH, HttpListener
from bot.slack.listening import make_listener
from bot.store.sql import SqlStore
from tests.histories import write_history
from tests.slack.fake_slack import TOKEN, Act, FakeSlack
from tests.slack.hosts import DIRAC, reception_of

SECRET = "s1gning-s3cret"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(socket_mode=False) as server:
        yield server


@pytest.fixture
def listener(slack: FakeSlack, tmp_path: Path) -> Iterator[HttpListener]:
    with SqlStore.open(f"sqlite:///{tmp_path}/bot.db") as store:
        write_history(store, DIRAC)
        app, threads = make_listener(reception_of(slack, store), TOKEN, slack.url, signing_secret=SECRET)
        listener = HttpListener(app, threads, SECRET, "127.0.0.1", 0)
        listener.start()
        try:
            yield listener
        finally:
            listener.close()


def call(listener: HttpListener, slack: FakeSlack, act: Act, secret: str = SECRET, age: int = 0) -> requests.Response:
    """Call the bot as Slack does."""
    request = slack.http(act, secret, int(now().timestamp()) - age)
    url = f"http://127.0.0.1:{listener.port}{PATH}"
    return requests.post(url, data=request.body, headers=request.headers, timeout=10)


def test_a_signed_call_is_answered_in_the_thread(listener: HttpListener, slack: FakeSlack) -> None:
    asked = slack.mention("how many patch releases in the last month?")
    assert call(listener, slack, asked).status_code == 200
    [answer] = asked.answers()
    assert answer.thread_ts == asked.ts
    assert answer.text.startswith("*6 patch releases of DIRAC")


def test_a_command_is_answered_to_its_author_by_its_own_address(listener: HttpListener, slack: FakeSlack) -> None:
    asked = slack.command("/releases", "latest v7r1")
    assert call(listener, slack, asked).status_code == 200
    [answer] = asked.answers()
    assert (answer.only_for, "v7r1p29" in answer.text) == (asked.user, True)


def test_an_event_that_is_called_again_is_answered_once(listener: HttpListener, slack: FakeSlack) -> None:
    asked = slack.mention("latest v7r1")
    assert call(listener, slack, asked).status_code == 200
    asked.answers()
    assert call(listener, slack, asked.again()).status_code == 200
    later = slack.mention("latest v7r0")
    call(listener, slack, later)
    later.answers()
    assert len(slack.messages) == 2


@pytest.mark.parametrize(("secret", "age"), [("wr0ng", 0), (SECRET, 600)])
def test_a_call_with_another_signature_or_an_old_one_is_refused(
    listener: HttpListener, slack: FakeSlack, secret: str, age: int
) -> None:
    assert call(listener, slack, slack.mention("latest v7r1"), secret, age).status_code == 401
    assert slack.messages == []


def test_an_unsigned_call_another_path_and_another_method_are_refused(listener: HttpListener) -> None:
    url = f"http://127.0.0.1:{listener.port}"
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
def test_a_signed_call_that_is_no_event_is_refused_and_not_made_again(listener: HttpListener, body: bytes) -> None:
    answer = posted(listener, body, SECRET)
    assert (answer.status_code, answer.headers.get("x-slack-no-retry")) == (400, "1")
    if body.isascii():
        assert posted(listener, body, "wr0ng").status_code == 401


def posted(listener: HttpListener, body: bytes, secret: str) -> requests.Response:
    at = str(int(now().timestamp()))
    mac = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json" if body[:1] in b"{[" else "application/x-www-form-urlencoded"}
    headers |= {"x-slack-signature": f"v0={mac}", "x-slack-request-timestamp": at}
    return requests.post(f"http://127.0.0.1:{listener.port}{PATH}", data=body, headers=headers, timeout=10)


@pytest.mark.parametrize(
    ("signature", "at"), [("v0=\xe9", "1613984400"), ("v0=a", "now"), ("v0=a", "9" * 400), ("v0=a", "\xb2")]
)
def test_a_signature_that_cannot_be_one_is_refused(listener: HttpListener, signature: str, at: str) -> None:
    headers = {"x-slack-signature": signature, "x-slack-request-timestamp": at}
    url = f"http://127.0.0.1:{listener.port}{PATH}"
    assert requests.post(url, data=b"{}", headers=headers, timeout=10).status_code == 401


def test_a_call_is_answered_beside_many_idle_connections(listener: HttpListener, slack: FakeSlack) -> None:
    with ExitStack() as idle:
        for _ in range(150):
            idle.enter_context(socket.create_connection(("127.0.0.1", listener.port)))
        asked = slack.mention("latest v7r1")
        assert call(listener, slack, asked).status_code == 200
        assert asked.answers()


def test_a_port_that_is_taken_is_told_in_one_line(listener: HttpListener, slack: FakeSlack) -> None:
    with SqlStore.open("sqlite://") as store:
        app, threads = make_listener(reception_of(slack, store), TOKEN, slack.url, signing_secret=SECRET)
        with pytest.raises(UsageError, match="choose another, or end what uses it"):
            HttpListener(app, threads, SECRET, "127.0.0.1", listener.port)
        threads.shutdown()
