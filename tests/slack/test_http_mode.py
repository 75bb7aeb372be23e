"""Slack calls over HTTP: signed calls are answered once, others are refused."""

import json
from collections.abc import Iterator
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
        listener = HttpListener(app, threads, "127.0.0.1", 0)
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


def test_a_port_that_is_taken_is_told_in_one_line(listener: HttpListener, slack: FakeSlack) -> None:
    with SqlStore.open("sqlite://") as store:
        app, threads = make_listener(reception_of(slack, store), TOKEN, slack.url, signing_secret=SECRET)
        with pytest.raises(UsageError, match="choose another, or end what uses it"):
            HttpListener(app, threads, "127.0.0.1", listener.port)
        threads.shutdown()
