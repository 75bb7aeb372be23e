"""A Mattermost that misbehaves: its token goes to no other host, and whatever it answers takes a bounded time."""

import json
from pathlib import Path
from time import monotonic

import pytest

from bot.chats.mattermost.api import MattermostApi
from bot.chats.mattermost.client import MattermostClient
from bot.demo.recorded.server import Response
from bot.services.ports import ChatDoubtful, ChatUnavailable
from tests.chats.mattermost.fake_mattermost import TOKEN, FakeMattermost
from tests.network.servers import ATTACKS, OK, Manner, answering, authority

CHANNEL = "c" * 26
MESSAGE = json.dumps({"text": "6 patch releases"})
FINE = json.dumps({"id": "p" * 26, "channel_id": CHANNEL}).encode()


def client(url: str, *, timeout: float = 15, ca_file: Path | None = None) -> MattermostClient:
    return MattermostClient(MattermostApi(TOKEN, url, table="chats.cern", timeout=timeout, ca_file=ca_file))


@pytest.mark.parametrize("manner", ATTACKS.values(), ids=ATTACKS)
def test_a_post_ends_in_time_whatever_the_server_does(manner: Manner) -> None:
    with answering(manner) as server:
        began = monotonic()
        with pytest.raises((ChatDoubtful, ChatUnavailable)):
            client(server.url, timeout=0.5).post(CHANNEL, MESSAGE, "key")
        assert monotonic() - began < 5


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_the_token_nowhere(status: int) -> None:
    with FakeMattermost() as mattermost, answering(Manner(OK)) as other:
        mattermost.interceptor = lambda _: Response(status, {"location": f"{other.url}/api/v4/posts"})
        with pytest.raises(ChatDoubtful, match="redirects are not followed"):
            client(mattermost.address).post(CHANNEL, MESSAGE, "key")
        assert other.data == b""


def test_an_authority_of_ones_own_is_trusted_by_its_file_and_named_where_it_is_missing(tmp_path: Path) -> None:
    own = authority(tmp_path)
    with answering(Manner(OK + b"content-length: %d\r\n\r\n" % len(FINE) + FINE), own.server) as server:
        assert client(server.url, ca_file=own.file).post(CHANNEL, MESSAGE, "key").message == "p" * 26
        with pytest.raises(ChatUnavailable, match="certificate is not trusted") as raised:
            client(server.url).post(CHANNEL, MESSAGE, "key")
    assert raised.value.hint == "set ca_file in [chats.cern] to the certificate of the authority (CA) that signed it"
