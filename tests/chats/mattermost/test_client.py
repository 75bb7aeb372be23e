"""The Mattermost client: each message is posted at most once, and each failure says whether it was taken."""

import socket
from datetime import timedelta

import pytest

from bot.chats.mattermost.api import MattermostApi
from bot.chats.mattermost.client import MattermostClient
from bot.demo.recorded.server import Drip, Drop, Response, Truncate
from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable
from tests.chats.hosts import SLIDE
from tests.chats.mattermost.fake_mattermost import POSTS, TOKEN, FakeMattermost
from tests.chats.mattermost.hosts import CHANNEL_NAME
from tests.chats.slack.fake.failures import Failure

MESSAGE = '{"text": "6 releases"}'
POST = f"POST {POSTS}"


def client(mattermost: FakeMattermost, token: str = TOKEN, *, timeout: float = 15) -> MattermostClient:
    return MattermostClient(MattermostApi(token, mattermost.address, table="chats.cern", timeout=timeout))


def post(mattermost: FakeMattermost, channel: str = CHANNEL_NAME, token: str = TOKEN, timeout: float = 15) -> None:
    client(mattermost, token, timeout=timeout).post(channel, MESSAGE, "key-1")


def test_a_server_may_have_a_path() -> None:
    with FakeMattermost("/chat/") as mattermost:
        mattermost.path = "/chat"
        post(mattermost)
        assert [each.message for each in mattermost.messages] == ["6 releases"]


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("diracx/nowhere", "check the names of team and channel"),
        ("diracx/party", "add the bot to the team and to the channel"),
        ("#releases", "is written TEAM/CHANNEL"),
    ],
)
def test_a_channel_that_does_not_take_it_is_refused_with_what_to_do(
    mattermost: FakeMattermost, channel: str, words: str
) -> None:
    with pytest.raises(ChatRefused, match=words):
        post(mattermost, channel)


def test_a_bad_token_is_refused_and_not_shown(mattermost: FakeMattermost) -> None:
    with pytest.raises(ChatRefused, match="the token is invalid or was revoked") as raised:
        post(mattermost, token="t0ps3cret")
    assert "t0ps3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "failure",
    [
        Failure(Drop(), taken=True, path=POST),
        Failure(Truncate(5), taken=True, path=POST),
        Failure(Response.text(502, "<html>proxy</html>"), path=POST),
        Failure(Response.text(404, "<html>proxy</html>"), path=POST),
        Failure(Response.json(500, {"id": "app.post.save.app_error", "status_code": 500}), path=POST),
        Failure(Response.json(201, {"id": ""}), path=POST),
        Failure(Response(302, {"location": "https://evil.example/"}), path=POST),
    ],
)
def test_what_may_have_arrived_is_doubtful_and_sent_once(mattermost: FakeMattermost, failure: Failure) -> None:
    mattermost.fail_next(failure)
    with pytest.raises(ChatDoubtful):
        post(mattermost)
    assert len([each for each in mattermost.requests if each.path == POSTS]) == 1


def test_an_answer_that_drips_is_given_up(mattermost: FakeMattermost) -> None:
    mattermost.fail_next(Failure(Drip(0.3), taken=True, path=POST))
    with pytest.raises(ChatDoubtful):
        post(mattermost, timeout=1)


def test_the_rate_limiter_says_in_plain_text_how_long_to_wait(mattermost: FakeMattermost) -> None:
    mattermost.allowance = 0
    with pytest.raises(ChatUnavailable) as raised:
        post(mattermost)
    assert raised.value.retry_after == 1.0
    assert mattermost.messages == []


def test_a_server_that_cannot_be_reached_took_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = MattermostApi(TOKEN, f"http://127.0.0.1:{free.getsockname()[1]}", table="chats.cern")
        with pytest.raises(ChatUnavailable, match="cannot reach Mattermost"):
            MattermostClient(nobody).post(CHANNEL_NAME, MESSAGE, "key-1")
        assert MattermostClient(nobody).clock(CHANNEL_NAME) is None


def test_what_is_only_read_leaves_no_doubt(mattermost: FakeMattermost) -> None:
    asking = client(mattermost)
    asking.identify(CHANNEL_NAME)
    mattermost.interceptor = lambda _: Response.text(502, "<html>proxy</html>")
    with pytest.raises(ChatUnavailable):
        asking.find(CHANNEL_NAME, "key-1", None)


def test_a_message_is_found_on_any_page_back_to_the_moment(mattermost: FakeMattermost) -> None:
    mattermost.state.clock = (SLIDE - timedelta(hours=3)).timestamp
    post(mattermost)
    mattermost.state.clock = SLIDE.timestamp
    for number in range(450):
        mattermost.say(mattermost.asker, mattermost.channel, f"message {number}")
    asking = client(mattermost)
    assert asking.find(CHANNEL_NAME, "key-1", SLIDE - timedelta(hours=4)).posted is not None
    before = len(mattermost.requests)
    assert asking.find(CHANNEL_NAME, "key-1", SLIDE + timedelta(seconds=10)).posted is None
    assert len(mattermost.requests) == before + 1


def test_what_others_post_with_the_key_is_not_taken_for_the_message(mattermost: FakeMattermost) -> None:
    props = {"release_bot_delivery": "key-1"}
    mattermost.state.add(mattermost.asker.id, mattermost.channel.id, "mine", props=props)
    assert client(mattermost).find(CHANNEL_NAME, "key-1", None).posted is None


def test_a_message_that_is_too_long_is_refused(mattermost: FakeMattermost) -> None:
    with pytest.raises(ChatRefused, match="message_length"):
        client(mattermost).post(CHANNEL_NAME, '{"text": "' + "x" * 16_384 + '"}', "key-1")


def test_a_person_is_written_to_by_user_name_or_id(mattermost: FakeMattermost) -> None:
    for name in ("jdoe", mattermost.maintainer.id):
        client(mattermost).direct_message(name, "hello")
    assert {each.channel for each in mattermost.messages} == {mattermost.direct(mattermost.maintainer).id}
    with pytest.raises(ChatError):
        client(mattermost).direct_message("nobody", "hello")
