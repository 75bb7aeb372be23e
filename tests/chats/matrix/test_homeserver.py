"""What the fake homeserver answers is what Synapse answers: statuses, error codes, and the shape of what comes."""

import json
from typing import Any

import pytest

from tests.chats.matrix.account import Account, Json
from tests.chats.matrix.homeserver import Homeserver

TEXT = {"msgtype": "m.text", "body": "hello"}


class Two:
    """Two accounts: one in a public room of its own, the other not in it."""

    def __init__(self, server: Homeserver, name: str) -> None:
        self.server = server
        self.name = name
        self.one, self.other = server.account(f"one-{name}"), server.account(f"other-{name}")
        self.room = self.one.create_room(preset="public_chat", room_alias_name=name)
        self.alias = f"#{name}:{server.name}"


@pytest.fixture
def two(server: Homeserver, request: pytest.FixtureRequest) -> Two:
    return Two(server, "".join(each for each in request.node.name.lower() if each.isalnum())[:60])


def refused(account: Account, method: str, *path: str, body: Any = None, **query: Any) -> tuple[int, str]:
    came = account.ask(method, *path, body=body, **query)
    return came.status_code, came.json().get("errcode", "")


def test_requests_are_refused_with_the_same_codes(two: Two) -> None:
    one, other, room = two.one, two.other, two.room
    send = ("rooms", room, "send", "m.room.message", "t1")
    unknown = Account(one.url, one.user, "nonsense")
    assert refused(unknown, "GET", "account", "whoami") == (401, "M_UNKNOWN_TOKEN")
    assert refused(one, "GET", "nonsense") == (404, "M_UNRECOGNIZED")
    assert refused(one, "GET", "directory", "room", f"#nowhere:{two.server.name}") == (404, "M_NOT_FOUND")
    assert refused(other, "PUT", *send, body=TEXT) == (403, "M_FORBIDDEN")
    assert refused(other, "PUT", "rooms", "!nowhere", "send", "m.room.message", "t", body=TEXT) == (403, "M_FORBIDDEN")
    assert refused(other, "GET", "rooms", room, "state", "m.room.encryption", "") == (403, "M_FORBIDDEN")
    assert refused(one, "GET", "rooms", room, "state", "m.room.encryption", "") == (404, "M_NOT_FOUND")
    assert refused(one, "PUT", *send, body=[TEXT]) == (400, "M_BAD_JSON")
    assert refused(one, "PUT", *send, body=TEXT | {"body": "x" * 65_400}) == (413, "M_TOO_LARGE")
    assert refused(one, "PUT", *send, body=TEXT | {"number": 1.5}) == (400, "M_BAD_JSON")
    assert refused(one, "GET", "user", one.user, "account_data", "m.direct") == (404, "M_NOT_FOUND")
    assert refused(one, "GET", "sync", since="nonsense") == (400, "M_UNKNOWN")
    private = one.create_room(preset="private_chat")
    assert refused(other, "POST", "join", private, body={}) == (403, "M_FORBIDDEN")


def test_whoever_may_not_send_is_refused(two: Two) -> None:
    two.other.join(two.room)
    levels = two.one.call("GET", "rooms", two.room, "state", "m.room.power_levels", "")
    body = levels | {"events_default": 50}
    two.one.call("PUT", "rooms", two.room, "state", "m.room.power_levels", "", body=body)
    send = ("rooms", two.room, "send", "m.room.message", "t1")
    assert refused(two.other, "PUT", *send, body=TEXT) == (403, "M_FORBIDDEN")
    assert two.one.say(two.room, "hello")


def test_a_transaction_is_one_event_for_the_device_and_another_for_another(two: Two) -> None:
    def sent(account: Account, room: str) -> str:
        return str(account.call("PUT", "rooms", room, "send", "m.room.message", "t1", body=TEXT)["event_id"])

    first = sent(two.one, two.room)
    assert sent(two.one, two.room) == first
    assert sent(two.one, two.one.create_room()) != first
    assert sent(two.server.account(f"one-{two.name}"), two.room) != first


def test_a_redacted_message_has_no_content(two: Two) -> None:
    event = two.one.say(two.room, "hello")
    redact = ("rooms", two.room, "redact", event, "t1")
    first = two.one.call("PUT", *redact, body={})
    assert two.one.call("PUT", *redact, body={}) == first
    [redacted] = [each for each in two.one.messages(two.room) if each["event_id"] == event]
    assert redacted["content"] == {}
    two.other.join(two.room)
    assert refused(two.other, "PUT", "rooms", two.room, "redact", event, "t2", body={}) == (403, "M_FORBIDDEN")
    assert refused(two.other, "PUT", "rooms", two.room, "redact", "$none", "t3", body={}) == (404, "M_NOT_FOUND")


def test_the_history_is_read_backwards_a_page_at_a_time_within_a_filter(two: Two) -> None:
    two.other.join(two.room)
    for number in range(5):
        two.one.say(two.room, f"one {number}")
        two.other.say(two.room, f"other {number}")
    wanted = json.dumps({"types": ["m.room.message"], "senders": [two.one.user]})
    pages: list[list[str]] = []
    after: Json = {}
    while True:
        page = two.one.call("GET", "rooms", two.room, "messages", dir="b", limit=3, filter=wanted, **after)
        pages.append([each["content"]["body"] for each in page["chunk"]])
        if "end" not in page or not page["chunk"]:
            break
        after = {"from": page["end"]}
    assert [each for page in pages for each in page] == [f"one {number}" for number in reversed(range(5))]
    assert refused(two.one, "GET", "rooms", two.room, "messages", dir="x")[0] == 400


def filter_for(account: Account, limit: int) -> str:
    timeline = {"types": ["m.room.message", "m.room.encryption"], "not_senders": [account.user], "limit": limit}
    none: Json = {"types": []}
    room = {"ephemeral": none, "account_data": none, "state": {"types": ["m.room.encryption"]}, "timeline": timeline}
    return json.dumps({"presence": none, "account_data": {"types": ["m.direct"]}, "room": room})


def polled(account: Account, since: str, limit: int = 3) -> Json:
    return account.call("GET", "sync", since=since, timeout=0, filter=filter_for(account, limit))


def begun(account: Account) -> str:
    return str(account.call("GET", "sync", timeout=0, filter=filter_for(account, 0))["next_batch"])


def test_a_poll_brings_what_others_said_and_says_where_more_is(two: Two) -> None:
    two.other.join(two.room)
    since = begun(two.other)
    two.other.say(two.room, "mine")
    for number in range(5):
        two.one.say(two.room, f"one {number}")
    found = polled(two.other, since)
    timeline = found["rooms"]["join"][two.room]["timeline"]
    assert [each["content"]["body"] for each in timeline["events"]] == ["one 2", "one 3", "one 4"]
    assert timeline["limited"] is True
    asked = {"dir": "b", "limit": 10, "from": timeline["prev_batch"], "to": since}
    wanted = json.dumps({"types": ["m.room.message"], "not_senders": [two.other.user]})
    page = two.other.call("GET", "rooms", two.room, "messages", filter=wanted, **asked)
    assert [each["content"]["body"] for each in page["chunk"]] == ["one 1", "one 0"]
    two.one.say(two.room, "one 5")
    [joined] = polled(two.other, found["next_batch"])["rooms"]["join"].values()
    assert joined["timeline"]["limited"] is False
    assert joined["timeline"]["events"][0]["unsigned"]["age"] < 60_000


def test_a_poll_in_which_nothing_happens_has_no_rooms(two: Two) -> None:
    two.other.join(two.room)
    since = begun(two.other)
    two.other.say(two.room, "mine")
    found = polled(two.other, since)
    assert not found.get("rooms", {}).get("join", {}).get(two.room, {}).get("timeline", {}).get("events")


def test_an_invitation_tells_who_invites_whether_it_is_direct_and_encrypted(two: Two) -> None:
    since = begun(two.other)
    encrypted = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    room = two.one.create_room(invite=[two.other.user], is_direct=True, initial_state=[encrypted])
    found = polled(two.other, since)
    events = found["rooms"]["invite"][room]["invite_state"]["events"]
    [mine] = [each for each in events if each["state_key"] == two.other.user]
    assert (mine["sender"], mine["content"]["membership"]) == (two.one.user, "invite")
    assert mine["content"]["is_direct"] is True
    assert "m.room.encryption" in {each["type"] for each in events}
    two.other.call("POST", "rooms", room, "leave", body={"reason": "no"})
    assert room not in polled(two.other, found["next_batch"]).get("rooms", {}).get("invite", {})
    assert two.one.member(room, two.other.user) == "leave"


def test_encryption_and_direct_rooms_come_with_a_poll(two: Two) -> None:
    two.other.join(two.room)
    since = begun(two.other)
    two.one.encrypt(two.room)
    two.other.call("PUT", "user", two.other.user, "account_data", "m.direct", body={two.one.user: [two.room]})
    found = polled(two.other, since)
    [event] = found["rooms"]["join"][two.room]["timeline"]["events"]
    assert event["type"] == "m.room.encryption"
    assert [each["content"] for each in found["account_data"]["events"]] == [{two.one.user: [two.room]}]


def test_whoever_comes_in_is_shown_the_rooms_encryption(two: Two) -> None:
    two.one.encrypt(two.room)
    since = begun(two.other)
    two.other.join(two.room)
    joined = polled(two.other, since)["rooms"]["join"][two.room]
    events = [*joined["state"]["events"], *joined["timeline"]["events"]]
    assert "m.room.encryption" in {each["type"] for each in events}
