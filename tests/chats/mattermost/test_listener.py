"""What the bot answers in Mattermost, what it leaves alone, and what it reads again after it missed something."""

import logging
from dataclasses import replace
from threading import Event

import pytest

from bot.chats.inbox import Inbox
from bot.chats.mattermost.api import MattermostApi
from bot.chats.mattermost.client import MattermostClient
from bot.chats.mattermost.events import EventListener, check_events
from bot.chats.mattermost.listener import Post, PostListener
from bot.chats.router import ChatRouter
from bot.demo.recorded.server import Response
from bot.services.ports import ChatRefused
from bot.store.store import Store
from tests.chats.hosts import SlideHost
from tests.chats.mattermost.fake.state import Post as Posted
from tests.chats.mattermost.fake_mattermost import TOKEN, FakeMattermost
from tests.chats.mattermost.hosts import listening
from tests.chats.slack.fake.failures import Failure

ASK = "@release-bot latest v7r1"


def is_answered(mattermost: FakeMattermost, post: Posted) -> bool:
    return mattermost.wait(lambda: mattermost.answers_to(post))


def settled(mattermost: FakeMattermost) -> int:
    """Wait until a later question is answered, and count what was answered before."""
    assert is_answered(mattermost, mattermost.say(mattermost.asker, mattermost.channel, ASK))
    return len(mattermost.messages) - 1


def test_only_a_mention_or_a_direct_message_is_answered(connected: FakeMattermost) -> None:
    for text in ("latest v7r1", "@all latest v7r1", "@channel latest v7r1", "@release-bots latest v7r1"):
        connected.say(connected.asker, connected.channel, text)
    assert settled(connected) == 0


def test_a_private_channel_is_answered_too(connected: FakeMattermost) -> None:
    assert is_answered(connected, connected.say(connected.asker, connected.private, ASK))


def test_neither_its_own_nor_other_bots_messages_are_answered(connected: FakeMattermost) -> None:
    connected.say(connected.bot, connected.channel, ASK)
    connected.say(connected.other_bot, connected.channel, ASK)
    connected.say(connected.other_bot, connected.state.direct(connected.other_bot.id, connected.bot.id), "help")
    hook = {"from_webhook": "true"}
    connected.state.add(connected.asker.id, connected.channel.id, ASK, props=hook)
    # What says of itself that it is no bot's is looked up.
    odd = connected.say(connected.other_bot, connected.channel, ASK)
    odd.props.clear()
    connected.socket.posted(odd)
    own = connected.messages[0]
    assert settled(connected) == 1
    assert connected.messages[0] is own


def test_edited_and_deleted_questions_are_not_answered_again(connected: FakeMattermost) -> None:
    asked = connected.say(connected.asker, connected.channel, "nothing")
    connected.state.edit(asked, ASK)
    connected.state.delete(asked)
    assert settled(connected) == 0


def test_what_was_missed_on_an_open_connection_is_read_from_the_channels(connected: FakeMattermost) -> None:
    settled(connected)
    connected.socket.skips = 2
    down = Failure(Response.text(503, "down"), path=f"GET /api/v4/users/{connected.bot.id}/channels")
    connected.fail_next(down)
    missed = [connected.say(connected.asker, connected.channel, ASK) for _ in range(2)]
    after = connected.say(connected.asker, connected.channel, ASK)
    assert all(is_answered(connected, each) for each in (*missed, after))
    assert settled(connected) == 4
    assert connected.socket.accepted == 1


def test_what_was_posted_while_it_was_away_is_answered_once(mattermost: FakeMattermost, store: Store) -> None:
    with listening(mattermost, store):
        answered = mattermost.say(mattermost.asker, mattermost.channel, ASK)
        assert is_answered(mattermost, answered)
    direct = mattermost.direct(mattermost.asker)
    asked = [
        mattermost.say(mattermost.asker, mattermost.channel, ASK),
        mattermost.say(mattermost.asker, direct, "help"),
    ]
    gone = mattermost.say(mattermost.asker, mattermost.channel, ASK)
    mattermost.state.delete(gone)
    with listening(mattermost, store):
        assert all(is_answered(mattermost, each) for each in asked)
        assert settled(mattermost) == 3


def test_while_it_is_down_at_the_start_it_is_tried_again(mattermost: FakeMattermost, store: Store) -> None:
    down = Failure(Response.text(503, "down"), path="GET /api/v4/users/me")
    mattermost.fail_next(down, replace(down))
    with listening(mattermost, store):
        assert is_answered(mattermost, mattermost.say(mattermost.asker, mattermost.channel, ASK))


def test_an_answer_is_sent_again_when_too_many_were_sent(connected: FakeMattermost) -> None:
    settled(connected)
    limited = Response(429, {"Retry-After": "0", "content-type": "text/plain"}, b"limit exceeded\n")
    connected.fail_next(*(Failure(limited, path="POST /api/v4/posts") for _ in range(3)))
    assert is_answered(connected, connected.say(connected.asker, connected.channel, ASK))


def test_an_answer_that_is_refused_harms_no_other(
    mattermost: FakeMattermost, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Response.json(403, {"id": "api.context.permissions.app_error", "message": "no", "status_code": 403})
    mattermost.fail_next(Failure(refused, path="POST /api/v4/posts"))
    with listening(mattermost, store):
        for _ in range(2):
            mattermost.say(mattermost.asker, mattermost.channel, ASK)
        mattermost.wait(lambda: mattermost.messages)
    assert len(mattermost.messages) == 1
    assert caplog.text.count("cannot post an answer: ") == 1


class Noted(logging.Handler):
    """Waits for a line of the log."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words, self.seen = words, Event()

    def emit(self, record: logging.LogRecord) -> None:
        if self.words in record.getMessage():
            self.seen.set()


def test_a_wrong_token_is_told_and_not_shown(
    mattermost: FakeMattermost, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    client = MattermostClient(MattermostApi("wr0ng-token", mattermost.address, table="chats.cern"))
    inbox = Inbox(SlideHost(store), store, ChatRouter({}, {}))
    listener = EventListener(client, PostListener(inbox, client, "cern"), first=0.01)
    noted = Noted("is not connected")
    logging.getLogger("bot.chats.mattermost.events").addHandler(noted)
    listener.start()
    assert noted.seen.wait(20)
    listener.close()
    logging.getLogger("bot.chats.mattermost.events").removeHandler(noted)
    assert "Mattermost rejected the request (401" in caplog.text
    assert "wr0ng-token" not in caplog.text


def test_a_server_whose_web_socket_refuses_the_token_is_told(mattermost: FakeMattermost) -> None:
    check_events(MattermostApi(TOKEN, mattermost.address, table="chats.cern"))
    with pytest.raises(ChatRefused, match="refused the token on the web socket"):
        check_events(MattermostApi("wr0ng-token", mattermost.address, table="chats.cern"))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "system_join_channel"},
        {"props": {"from_bot": "true"}},
        {"props": {"from_webhook": "true"}},
        {"props": 3},
        {"message": ""},
        {"message": None},
        {"user_id": 7},
        {"root_id": 7},
        {"channel_id": ""},
    ],
)
def test_what_is_no_persons_message_is_none(change: dict[str, object]) -> None:
    post = {"id": "p", "user_id": "u", "channel_id": "c", "message": "m", "type": "", "props": {}, "root_id": ""}
    assert Post.read(post, "O") == Post("p", "u", "c", "O", "m")
    assert Post.read(post | change, "O") is None
    assert Post.read(post, None) is None
    assert Post.read("post", "O") is None
