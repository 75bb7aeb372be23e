"""Posting to Matrix: at most once, each failure told for what it is."""

import json
import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.app import now
from bot.chats.matrix.client import DELIVERY, MatrixClient
from bot.demo.recorded.server import Drip, Drop, Fault, Request, Response, Truncate
from bot.domain.digests.delivery import Posted
from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable, CommandButton
from tests.chats.contract.matrix import MatrixWorld
from tests.chats.matrix.account import Account, Json
from tests.chats.matrix.fake_matrix import FakeMatrix
from tests.chats.matrix.homeserver import Homeserver
from tests.chats.matrix.hosts import client_of

MESSAGE = json.dumps({"body": "6 patch releases", "html": "<p>6 <strong>patch</strong> releases</p>"})
KEY = "0f" * 16


def client(world: MatrixWorld, *, timeout: float = 15) -> MatrixClient:
    return client_of(world.server, world.bot, timeout=timeout)


def post(world: MatrixWorld, *, key: str = KEY, thread: str | None = None, timeout: float = 15) -> Posted:
    return client(world, timeout=timeout).post(world.channel_name, MESSAGE, key, thread=thread)


def said(world: MatrixWorld) -> list[Json]:
    """Return the events of the bot's messages in the channel."""
    events = world.bot.messages(world.channel)
    return [each for each in events if each["sender"] == world.bot.user and each["type"] == "m.room.message"]


def sends(server: Homeserver) -> int:
    return sum("/send/" in each.path for each in server.requests)


def test_a_message_is_posted_to_an_alias_with_its_deliverys_key_and_mentions_nobody(world: MatrixWorld) -> None:
    posted = post(world)
    [event] = said(world)
    assert posted == Posted(world.channel, event["event_id"])
    assert event["content"] == {
        "msgtype": "m.notice",
        "body": "6 patch releases",
        "format": "org.matrix.custom.html",
        "formatted_body": "<p>6 <strong>patch</strong> releases</p>",
        "m.mentions": {},
        DELIVERY: KEY,
    }


def test_a_post_that_is_repeated_is_one_message_and_found(world: MatrixWorld) -> None:
    world.drop_after_taking()
    with pytest.raises(ChatDoubtful):
        post(world)
    [event] = said(world)
    found = client(world).find(world.channel_name, KEY, None)
    assert found.posted == Posted(world.channel, event["event_id"])
    assert found.at is not None
    assert post(world) == found.posted
    assert len(said(world)) == 1


def test_a_reply_is_in_the_thread_and_found(world: MatrixWorld) -> None:
    first = post(world)
    reply = post(world, key=f"{KEY}-1", thread=first.message)
    [_, event] = said(world)
    relation = event["content"]["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", first.message)
    assert client(world).find(world.channel, f"{KEY}-1", None, thread=first.message).posted == reply


def test_a_message_is_searched_for_page_by_page_and_not_beyond_a_moment(world: MatrixWorld) -> None:
    posted = post(world)
    for number in range(105):
        content = {"msgtype": "m.notice", "body": str(number)}
        path = ("rooms", world.channel, "send", "m.room.message", f"n{number}")
        world.bot.call("PUT", *path, body=content)
    assert client(world).find(world.channel, KEY, None).posted == posted
    assert client(world).find(world.channel, KEY, now() + timedelta(minutes=1)).posted is None
    assert client(world).find(world.channel, "1e" * 16, None).posted is None


def test_what_somebody_else_posts_with_the_key_is_not_taken_for_it(world: MatrixWorld) -> None:
    other = world.server.account("another-bot")
    other.join(world.channel)
    other.say(world.channel, "6 patch releases", **{DELIVERY: KEY})
    assert client(world).find(world.channel, KEY, None).posted is None


def test_a_message_is_deleted_and_again_without_an_error(world: MatrixWorld) -> None:
    posted = post(world)
    for _ in range(2):
        client(world).delete(world.channel, posted)
    assert [each["content"] for each in said(world)] == [{}]
    assert client(world).find(world.channel, KEY, None).posted is None


def test_a_person_is_told_in_one_direct_room_as_a_text_and_nothing_in_it_is_markup(world: MatrixWorld) -> None:
    button = CommandButton("• a hackathon", "Accept", "Accept it", "accept v7r2 2021-01-07")
    client(world).direct_message(world.asker, "<b>hello</b>\n• a hackathon", [button])
    client(world).post(world.asker, MESSAGE, KEY)
    rooms = world.bot.call("GET", "user", world.bot.user, "account_data", "m.direct")
    [room] = rooms[world.asker]
    asker = world.server.account(world.asker[1:].partition(":")[0])
    asker.join(room)
    first, second = [each for each in asker.messages(room) if each["type"] == "m.room.message"]
    assert first["content"]["msgtype"] == second["content"]["msgtype"] == "m.text"
    assert first["content"]["body"].endswith("• a hackathon; or write to me: accept v7r2 2021-01-07")
    assert "<b>" not in first["content"]["formatted_body"]


def test_a_direct_room_that_was_left_or_encrypted_is_replaced(world: MatrixWorld) -> None:
    def room() -> str:
        client(world).direct_message(world.asker, "hello")
        return str(world.bot.call("GET", "user", world.bot.user, "account_data", "m.direct")[world.asker][-1])

    asker, first = world.server.account(world.asker[1:].partition(":")[0]), room()
    asker.join(first)
    assert room() == first
    asker.call("POST", "rooms", first, "leave", body={})
    second = room()
    assert second != first
    asker.join(second)
    world.bot.encrypt(second)
    assert room() not in {first, second}


def test_a_room_is_identified_by_its_id_where_the_bot_is_in_it(world: MatrixWorld) -> None:
    assert client(world).identify(world.channel_name) == world.channel
    assert client(world).identify(world.channel) == world.channel
    assert client(world).identify(world.asker) == world.asker
    world.bot.call("POST", "rooms", world.channel, "leave", body={})
    with pytest.raises(ChatRefused, match="the bot is not in this room; invite the bot"):
        client(world).identify(world.channel_name)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("#nowhere:matrix.test", r"\(M_NOT_FOUND\): .*; check the room's alias"),
        ("!nowhere", r"\(M_FORBIDDEN\): .*; invite the bot into the room"),
    ],
)
def test_a_room_that_does_not_take_it_is_refused_with_what_to_do(world: MatrixWorld, channel: str, words: str) -> None:
    with pytest.raises(ChatRefused, match=words):
        client(world).post(channel, MESSAGE, KEY)


def test_an_encrypted_room_is_refused(world: MatrixWorld) -> None:
    world.server.account(world.maintainer[1:].partition(":")[0]).encrypt(world.channel)
    with pytest.raises(ChatRefused, match=r"the room is encrypted, .*; use a room without encryption"):
        post(world)
    assert said(world) == []


def test_a_token_that_is_wrong_is_refused_and_not_shown(world: MatrixWorld) -> None:
    wrong = Account("", world.bot.user, "syt_s3cret")
    with pytest.raises(ChatRefused, match=r"M_UNKNOWN_TOKEN.*set a new one") as raised:
        client_of(world.server, wrong).post(world.channel, MESSAGE, KEY)
    assert "s3cret" not in str(raised.value)


def test_health_tells_as_whom_and_where_the_bot_is_and_what_is_in_the_way(world: MatrixWorld) -> None:
    health = client(world).health()
    assert health.bot == world.bot.user
    assert world.channel in health.channels
    assert health.clock is not None
    assert abs(health.clock - now()) < timedelta(minutes=1)
    assert health.trouble_in is not None
    assert health.trouble_in(world.channel_name) is None
    maintainer = world.server.account(world.maintainer[1:].partition(":")[0])
    levels = maintainer.call("GET", "rooms", world.channel, "state", "m.room.power_levels", "")
    raised = levels | {"events_default": 50}
    maintainer.call("PUT", "rooms", world.channel, "state", "m.room.power_levels", "", body=raised)
    what, _ = health.trouble_in(world.channel_name) or ("", "")
    assert what == "the bot may not send messages: its power level is 0, and they need 50"
    maintainer.encrypt(world.channel)
    assert "encrypted" in (health.trouble_in(world.channel_name) or [""])[0]
    world.bot.call("POST", "rooms", world.channel, "leave", body={})
    assert (health.trouble_in(world.channel) or [""])[0] == "the bot is not in this room"


def failing(path: str, answer: Response | Fault) -> Any:
    """Return what makes requests to a path go wrong."""

    def intercept(request: Request) -> Response | Fault | None:
        return answer if path in request.path else None

    return intercept


LIMITED = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 1_500}


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Response.json(429, LIMITED), 1.5),
        (Response.json(429, LIMITED, {"retry-after": "7"}), 7.0),
        (Response.json(429, {"retry_after_ms": 1e300}), 86_400.0),
        (Response.text(429, "slow down"), None),
    ],
    ids=["in the body", "in the header", "for ever", "unsaid"],
)
def test_a_wait_that_the_homeserver_asks_for_is_told(
    matrix: FakeMatrix, answer: Response, seconds: float | None
) -> None:
    world = MatrixWorld(matrix)
    matrix.interceptor = failing("/send/", answer)
    with pytest.raises(ChatUnavailable, match="Matrix rate limit exceeded") as raised:
        post(world)
    assert raised.value.retry_after == seconds


@pytest.mark.parametrize(
    "answer",
    [
        Drop(after=True),
        Drop(),
        Truncate(5),
        Drip(0.2),
        Response.json(500, {"errcode": "M_UNKNOWN", "error": "Internal server error"}),
        Response.text(502, "<html>Bad Gateway</html>"),
        Response.text(200, "<html>Log in</html>"),
        Response.json(200, {}),
        Response.json(200, {"event_id": 7}),
        Response.json(200, []),
        Response(302, {"location": "https://evil.example/"}),
        Response.text(403, "forbidden by a proxy"),
    ],
    ids=str,
)
def test_what_may_have_arrived_is_doubtful_and_sent_once(matrix: FakeMatrix, answer: Response | Fault) -> None:
    world = MatrixWorld(matrix)
    matrix.interceptor = failing("/send/", answer)
    with pytest.raises(ChatDoubtful):
        post(world, timeout=0.5)
    assert sends(matrix) == 1


def test_a_homeserver_that_cannot_be_reached_took_nothing(matrix: FakeMatrix) -> None:
    world = MatrixWorld(matrix)
    matrix.url = "http://127.0.0.1:9"
    with pytest.raises(ChatUnavailable, match="cannot reach the homeserver"):
        client(world).post(world.channel, MESSAGE, KEY)
    matrix.url = "https" + world.bot.url.removeprefix("http")
    with pytest.raises(ChatUnavailable, match="cannot reach the homeserver"):
        client(world).post(world.channel, MESSAGE, KEY)


def test_nothing_is_sent_after_the_deadline(matrix: FakeMatrix) -> None:
    world = MatrixWorld(matrix)
    with pytest.raises(ChatUnavailable):
        client(world).post(world.channel, MESSAGE, KEY, time.monotonic() - 1)
    assert sends(matrix) == 0
    client(world).post(world.channel, MESSAGE, KEY, math.inf)
    assert sends(matrix) == 1


@pytest.mark.parametrize("path", ["/messages", "/whoami", "/directory/"])
@pytest.mark.parametrize("answer", [Drop(), Response.text(502, "no"), Response.json(200, {})], ids=str)
def test_a_look_that_fails_never_says_that_the_message_is_not_there(
    matrix: FakeMatrix, path: str, answer: Response | Fault
) -> None:
    world = MatrixWorld(matrix)
    posted = post(world)
    matrix.interceptor = failing(path, answer)
    try:
        assert client(world).find(world.channel_name, KEY, None).posted == posted
    except ChatError as error:
        assert isinstance(error, ChatUnavailable), error  # noqa: PT017 - either may come of it


def test_the_homeservers_time_stands_on_a_refusal_too_and_none_is_known_without_an_answer(matrix: FakeMatrix) -> None:
    world = MatrixWorld(matrix)
    moment = datetime(2021, 2, 22, 13, tzinfo=UTC)
    matrix.rooms.clock = moment.timestamp
    assert client(world).clock(world.channel) == moment
    matrix.interceptor = lambda _: Response.json(500, {}, {"date": "Mon, 22 Feb 2021 13:00:00 GMT"})
    assert client(world).clock(world.channel) == moment
    matrix.interceptor = lambda _: Drop()
    assert client(world).clock(world.channel) is None
