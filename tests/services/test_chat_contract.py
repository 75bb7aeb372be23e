"""What every chat promises: the clients of Slack and Mattermost, and the fake that stands for them in other tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from bot.chats.slack.client import SlackClient
from bot.demo.recorded.server import Drop, Response
from bot.domain.digests.delivery import Posted
from bot.services.ports import ChatClient, ChatDoubtful, ChatError, ChatRefused, ChatUnavailable
from tests.chats.mattermost.fake_mattermost import FakeMattermost
from tests.chats.mattermost.hosts import client_of
from tests.chats.slack.fake_slack import (
    ASKER,
    CHANNEL,
    DROPPED,
    DROPPED_AFTER_TAKING,
    TOKEN,
    Failure,
    FakeSlack,
    rate_limited,
)
from tests.fakes import FakeChat
from tests.render.digests import dirac_digest

KEY, OTHER = "0f" * 16, "f0" * 16
NOW = datetime(2021, 2, 22, 9, 0, tzinfo=UTC)
SOON = timedelta(seconds=1)


class Room(Protocol):
    """A chat, and what happens to it."""

    @property
    def channel(self) -> str:
        """A channel that the bot is in."""
        ...

    @property
    def chat(self) -> ChatClient:
        """The chat as the bot uses it."""
        ...

    @property
    def count(self) -> int:
        """How many messages stand there."""
        ...

    def set_clock(self, at: datetime) -> None:
        """Set the chat's own clock."""
        ...

    def fail(self, error: ChatError, *, takes: bool = False) -> None:
        """Let the next post go wrong so that the bot sees this kind of error."""
        ...

    def fail_look(self, error: ChatError) -> None:
        """Let the next look for a message go wrong so."""
        ...


@dataclass
class FakeRoom:
    """The chat of ``tests/fakes.py``."""

    channel: str = CHANNEL
    chat: FakeChat = field(default_factory=FakeChat)

    @property
    def count(self) -> int:
        return len(self.chat.posted)

    def set_clock(self, at: datetime) -> None:
        self.chat.time = at

    def fail(self, error: ChatError, *, takes: bool = False) -> None:
        self.chat.errors.append(error)
        self.chat.takes = takes

    def fail_look(self, error: ChatError) -> None:
        self.chat.looks.append(error)


@dataclass
class SlackRoom:
    """Slack's client, over HTTP against the Slack of the tests."""

    slack: FakeSlack
    channel: str = CHANNEL

    @property
    def chat(self) -> SlackClient:
        return SlackClient(TOKEN, self.slack.url, timeout=5)

    @property
    def count(self) -> int:
        return len(self.slack.messages)

    def set_clock(self, at: datetime) -> None:
        self.slack.workspace.clock = at.timestamp

    def fail(self, error: ChatError, *, takes: bool = False) -> None:
        if isinstance(error, ChatDoubtful):
            self.slack.fail_next(DROPPED_AFTER_TAKING if takes else DROPPED)
        else:
            self.fail_look(error)

    def fail_look(self, error: ChatError) -> None:
        if isinstance(error, ChatUnavailable):
            self.slack.fail_next(rate_limited(int(error.retry_after or 0)))
        else:
            self.slack.fail_next(Failure(Response.json(200, {"ok": False, "error": "missing_scope"})))


@dataclass
class MattermostRoom:
    """Mattermost's client, over HTTP against the Mattermost of the tests."""

    mattermost: FakeMattermost

    @property
    def channel(self) -> str:
        return self.mattermost.channel.id

    @property
    def chat(self) -> ChatClient:
        return client_of(self.mattermost)

    @property
    def count(self) -> int:
        return len(self.mattermost.messages)

    def set_clock(self, at: datetime) -> None:
        self.mattermost.state.clock = at.timestamp

    def fail(self, error: ChatError, *, takes: bool = False) -> None:
        if isinstance(error, ChatDoubtful):
            self.mattermost.fail_next(Failure(Drop(), taken=takes))
        else:
            self.fail_look(error)

    def fail_look(self, error: ChatError) -> None:
        if isinstance(error, ChatUnavailable):
            wait = {"Retry-After": str(int(error.retry_after or 0)), "content-type": "text/plain"}
            self.mattermost.fail_next(Failure(Response(429, wait, b"limit exceeded")))
        else:
            refused = {"id": "api.context.permissions.app_error", "message": "no", "status_code": 403}
            self.mattermost.fail_next(Failure(Response.json(403, refused)))


@pytest.fixture(params=["fake", "slack", "mattermost"])
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    if request.param == "fake":
        yield FakeRoom()
    elif request.param == "mattermost":
        with FakeMattermost() as mattermost:
            mattermost.state.add_user(ASKER.lower())
            yield MattermostRoom(mattermost)
    else:
        with FakeSlack() as slack:
            yield SlackRoom(slack)


@pytest.fixture(autouse=True)
def _at_nine(room: Room) -> None:
    room.set_clock(NOW)


def post(room: Room, key: str = KEY) -> Posted:
    return room.chat.post(room.channel, room.chat.freeze(room.channel, dirac_digest()).message, key)


def found(room: Room, key: str, since: datetime) -> Posted | None:
    return room.chat.find(room.channel, key, since).posted


def test_what_was_posted_is_found_by_its_key_and_by_no_other(room: Room) -> None:
    posted, other = post(room), post(room, OTHER)
    assert (posted.channel, posted.message != other.message) == (room.channel, True)
    assert found(room, KEY, NOW - SOON) == posted
    assert found(room, OTHER, NOW - SOON) == other
    assert found(room, "another", NOW - SOON) is None
    assert room.count == 2


def test_what_was_posted_after_the_moment_by_the_chats_clock_is_found(room: Room) -> None:
    room.set_clock(NOW - timedelta(hours=1))
    posted = post(room)
    room.set_clock(NOW)
    later = post(room, OTHER)
    since = NOW - timedelta(hours=1)
    # Older messages may come along: Slack's first page is searched whole. The fake gives no more than was asked for.
    assert found(room, KEY, since + SOON) in ((None,) if isinstance(room, FakeRoom) else (None, posted))
    assert found(room, OTHER, since + SOON) == later
    assert found(room, KEY, since - SOON) == posted


def test_a_reply_is_found_in_its_thread_and_not_in_the_channel(room: Room) -> None:
    first = post(room)
    message = room.chat.freeze(room.channel, dirac_digest()).message
    reply = room.chat.post(room.channel, message, OTHER, thread=first.message)
    assert (reply.channel, reply.message != first.message) == (first.channel, True)
    assert found(room, OTHER, NOW - SOON) is None
    assert [room.chat.find(room.channel, key, NOW - SOON, thread=first.message).posted for key in (KEY, OTHER)] == [
        first,
        reply,
    ]


@pytest.mark.parametrize("takes", [True, False])
def test_a_message_in_doubt_is_found_if_it_arrived(room: Room, *, takes: bool) -> None:
    room.fail(ChatDoubtful(room.channel, "no answer came"), takes=takes)
    with pytest.raises(ChatDoubtful):
        post(room)
    assert room.count == takes
    assert (found(room, KEY, NOW - SOON) is not None) == takes


@pytest.mark.parametrize("error", [ChatRefused("c", "missing_scope"), ChatUnavailable("c", "wait", retry_after=30)])
def test_a_message_that_was_not_taken_is_not_there_and_the_next_one_is(room: Room, error: ChatError) -> None:
    room.fail(error, takes=True)
    with pytest.raises(type(error)) as raised:
        post(room)
    assert getattr(raised.value, "retry_after", None) == getattr(error, "retry_after", None)
    assert room.count == 0
    assert found(room, KEY, NOW - SOON) is None
    assert post(room) == found(room, KEY, NOW - SOON)


@pytest.mark.parametrize("error", [ChatRefused("c", "missing_scope"), ChatUnavailable("c", "wait", retry_after=30)])
def test_a_look_that_fails_is_an_error_and_never_says_that_nothing_is_there(room: Room, error: ChatError) -> None:
    posted = post(room)
    room.fail_look(error)
    with pytest.raises(type(error)):
        found(room, KEY, NOW - SOON)
    assert found(room, KEY, NOW - SOON) == posted


def test_a_frozen_message_is_the_same_whenever_it_is_frozen(room: Room) -> None:
    assert room.chat.freeze(room.channel, dirac_digest()) == room.chat.freeze(room.channel, dirac_digest())


def test_a_person_can_be_told_and_the_bot_is_somebody(room: Room) -> None:
    room.chat.direct_message(ASKER, "look at the deliveries")
    assert room.chat.health().bot
