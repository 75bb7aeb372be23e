"""Slack that misbehaves: its token goes to no other host, and whatever it answers takes a bounded time."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from bot.chats.slack.client import SlackClient
from bot.demo.recorded.server import Response
from bot.services.ports import ChatDoubtful, ChatUnavailable
from bot.store.store import Store
from tests.chats.slack.fake_slack import TOKEN, Failure, FakeSlack
from tests.chats.slack.hosts import listening
from tests.network.servers import ATTACKS, OK, Manner, answering, authority

MESSAGE = json.dumps({"text": "6 patch releases", "blocks": []})
FINE = json.dumps({"ok": True, "channel": "C0123", "ts": "1.0"}).encode()
REDIRECTS = [301, 302, 303, 307, 308]


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


def elsewhere(status: int, url: str) -> Response:
    return Response(status, {"location": f"{url}/api/chat.postMessage"})


@pytest.mark.parametrize("manner", ATTACKS.values(), ids=ATTACKS)
def test_a_post_ends_in_time_whatever_slack_does(manner: Manner) -> None:
    with answering(manner) as server:
        begun = monotonic()
        with pytest.raises(ChatDoubtful):
            SlackClient(TOKEN, server.url, timeout=0.3).post("#c", MESSAGE, "0f")
        assert monotonic() - begun < 2
        assert server.data.count(TOKEN.encode()) == 1


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_takes_the_token_nowhere(slack: FakeSlack, status: int) -> None:
    with answering(Manner(OK + b"content-length: %d\r\n\r\n" % len(FINE) + FINE)) as other:
        slack.fail_next(Failure(elsewhere(status, other.url)))
        with pytest.raises(
            ChatDoubtful, match=rf"Slack's URL redirects \({status}\), and redirects are not followed"
        ) as raised:
            SlackClient(TOKEN, slack.url).post("#dirac-releases", MESSAGE, "0f")
        assert "check base_url in [slack]" in str(raised.value)
        assert other.data == b""


@pytest.mark.parametrize("path", ["/auth.test", "/chat.postMessage", "/apps.connections.open"])
def test_what_listens_takes_no_token_elsewhere_either(slack: FakeSlack, tmp_path: Path, path: str) -> None:
    with answering(Manner(OK + b"content-length: %d\r\n\r\n" % len(FINE) + FINE)) as other:
        slack.fail_next(Failure(elsewhere(302, other.url), path=path))
        with Store.open(f"sqlite:///{tmp_path}/bot.db") as store, listening(slack, store):
            slack.link.wait()
            for _ in range(2):
                slack.mention("help")
            # The one that met the redirect has no answer.
            assert slack.wait_for(1)
        assert other.data == b""


def test_an_authority_of_ones_own_is_trusted_by_its_file_and_named_where_it_is_missing(tmp_path: Path) -> None:
    own = authority(tmp_path)
    with answering(Manner(OK + b"content-length: %d\r\n\r\n" % len(FINE) + FINE), own.server) as server:
        assert SlackClient(TOKEN, server.url, ca_file=own.file).post("#c", MESSAGE, "0f").message == "1.0"
        with pytest.raises(ChatUnavailable) as raised:
            SlackClient(TOKEN, server.url).post("#c", MESSAGE, "0f")
    assert "cannot reach Slack: its TLS certificate is not trusted (self-signed certificate)" in raised.value.what
    assert raised.value.hint == "set ca_file in [slack] to the certificate of the authority (CA) that signed it"
