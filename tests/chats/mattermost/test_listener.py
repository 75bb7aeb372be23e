"""What the bot answers in Mattermost, what it leaves alone, and what it reads again after it missed something."""

import logging
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest

from bot.chats.inbox import Inbox
from bot.chats.mattermost.actions import Actions
from bot.chats.mattermost.api import MattermostApi
from bot.chats.mattermost.client import MattermostClient
from bot.chats.mattermost.events import EventListener
from bot.chats.mattermost.listener import Post, PostListener
from bot.chats.mattermost.stream import Stream, check_events, connect
from bot.chats.router import ChatRouter
from bot.demo.recorded.server import Request, Response
from bot.services.ports import ChatRefused
from bot.store.store import Store
from tests.chats.hosts import SlideHost
from tests.chats.mattermost.fake.state import EPOCH, Channel
from tests.chats.mattermost.fake.state import Post as Posted
from tests.chats.mattermost.fake_mattermost import COMMAND_TOKEN, TOKEN, FakeMattermost
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


class Interrupted(FakeMattermost):
    """Has more posts that are missed while the second of two channels is read again."""

    def __init__(self) -> None:
        super().__init__()
        self.is_awaited = False
        self.read: list[str] = []
        self.late: list[Posted] = []

    def answer(self, request: Request) -> Response:
        if self.is_awaited and request.method == "GET" and request.path.endswith("/posts"):
            self.read.append(request.path.split("/")[-2])
            if len(self.read) == 2:
                self.is_awaited = False
                self.late.append(self.missed(self.state.channels[self.read[0]]))
        return super().answer(request)

    def missed(self, channel: Channel) -> Posted:
        """Say what the bot is not told, and wait until it has noticed."""
        self.socket.skips = 1
        post = self.say(self.asker, channel, ASK)
        assert is_answered(self, self.say(self.asker, self.direct(self.asker), "help"))
        return post


def test_what_is_missed_while_it_reads_what_it_missed_is_answered_too(store: Store) -> None:
    with Interrupted() as mattermost, listening(mattermost, store):
        for channel in (mattermost.channel, mattermost.private):
            assert is_answered(mattermost, mattermost.say(mattermost.asker, channel, ASK))
        mattermost.is_awaited = True
        assert is_answered(mattermost, mattermost.missed(mattermost.channel))
        assert mattermost.wait(lambda: mattermost.late and mattermost.answers_to(mattermost.late[0]))


def test_more_than_a_page_of_missed_posts_are_read(mattermost: FakeMattermost, store: Store) -> None:
    with listening(mattermost, store):
        assert is_answered(mattermost, mattermost.say(mattermost.asker, mattermost.channel, ASK))
        mattermost.socket.skips = 1_201
        first = mattermost.say(mattermost.asker, mattermost.channel, ASK)
        for number in range(1_200):
            mattermost.say(mattermost.asker, mattermost.channel, f"talk {number}")
        mattermost.state.clock = lambda: float(EPOCH + 10)
        mattermost.say(mattermost.asker, mattermost.channel, "talk")
        assert is_answered(mattermost, first)


def test_a_person_who_cannot_be_looked_up_at_once_is_answered(connected: FakeMattermost) -> None:
    limited = Response(429, {"Retry-After": "0", "content-type": "text/plain"}, b"limit exceeded\n")
    person = f"GET /api/v4/users/{connected.asker.id}"
    connected.fail_next(Failure(limited, path=person), Failure(Response.text(502, "down"), path=person))
    assert is_answered(connected, connected.say(connected.asker, connected.channel, ASK))


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


def test_what_is_posted_while_it_connects_hides_nothing_that_was_missed(
    mattermost: FakeMattermost, store: Store
) -> None:
    with listening(mattermost, store):
        assert is_answered(mattermost, mattermost.say(mattermost.asker, mattermost.channel, ASK))
        later: list[Posted] = []

        def post_between(greeted: int) -> None:
            """Post between hello and OK, as anybody may at any moment, long after what was missed."""
            if greeted == 2:
                mattermost.state.clock = lambda: float(EPOCH + 60)
                later.append(mattermost.say(mattermost.asker, mattermost.private, "talk"))

        mattermost.socket.greeting = post_between
        # Of every second connection hello comes before OK.
        mattermost.socket.drop()
        mattermost.socket.wait(2)
        assert is_answered(mattermost, mattermost.say(mattermost.asker, mattermost.channel, ASK))
        mattermost.socket.drop()
        missed = mattermost.say(mattermost.asker, mattermost.channel, ASK)
        assert mattermost.wait(lambda: later)
        assert is_answered(mattermost, missed)


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


def test_no_part_of_it_shows_the_token(mattermost: FakeMattermost) -> None:
    api = MattermostApi(TOKEN, mattermost.address, table="chats.cern")
    with closing(connect(api, 5.0)) as connection:
        parts = (api, MattermostClient(api), Stream(connection, TOKEN), Actions("https://bot", COMMAND_TOKEN))
        assert not [part for part in parts if "t0ken" in repr(part)]


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
