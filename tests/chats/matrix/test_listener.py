"""What people say in Matrix: whom the bot answers, which rooms it is in, and what it reads again."""

from functools import partial
from time import process_time

import pytest

from bot.chats.matrix.client import NOTICE
from bot.chats.matrix.mentions import BotNames
from bot.chats.matrix.rooms import ENCRYPTED, WELCOME
from bot.chats.throttle import MOST_IN_A_WINDOW
from bot.demo.recorded.server import Drop, Request, Response
from bot.store.store import Store
from tests.chats.contract.matrix import MatrixWorld
from tests.chats.matrix.account import Account, Json
from tests.chats.matrix.fake_matrix import FakeMatrix

LATEST = "latest v7r1"


def person(world: MatrixWorld, user: str) -> Account:
    return world.server.account(user[1:].partition(":")[0])


def said_by(world: MatrixWorld, reader: Account, room: str) -> list[str]:
    """Return what the bot said in a room, as far as somebody may read it."""
    return [
        each["content"]["body"]
        for each in reader.messages(room)
        if each["sender"] == world.bot.user and each["type"] == "m.room.message"
    ]


def has_left(world: MatrixWorld, reader: Account, room: str) -> bool:
    return reader.member(room, world.bot.user) == "leave"


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("{name}: latest v7r1", {}),
        ("@{name} latest v7r1", {"m.mentions": {}}),
        ("Hi {name}, latest v7r1", {}),
        ("{user} latest v7r1", {}),
        ("latest v7r1, {user}", {}),
        ("latest v7r1", {"m.mentions": {"user_ids": ["{user}"]}}),
        (
            "The bot: latest v7r1",
            {
                "format": "org.matrix.custom.html",
                "formatted_body": '<a href="https://matrix.to/#/{user}">The bot</a>: latest v7r1',
            },
        ),
        (
            "[The bot](https://matrix.to/#/{user}): latest v7r1",
            {
                "format": "org.matrix.custom.html",
                "formatted_body": '<a href="https://matrix.to/#/{user}">The bot</a>: latest v7r1',
            },
        ),
    ],
    ids=["name", "@name, not completed", "greeting", "id", "id at the end", "list", "link", "Markdown link"],
)
def test_the_bot_is_spoken_to(matrix: FakeMatrix, store: Store, text: str, content: Json) -> None:
    world = MatrixWorld(matrix)
    name = world.bot.user[1:].partition(":")[0]
    filled = {
        key: each.format(user=world.bot.user)
        if isinstance(each, str)
        else {what: [user.format(user=world.bot.user) for user in users] for what, users in each.items()}
        for key, each in content.items()
    }
    with world.listening(store):
        event = person(world, world.asker).say(world.channel, text.format(name=name, user=world.bot.user), **filled)
        assert matrix.wait(lambda: len(world.shown()) == 1, 20)
    [answer] = world.shown()
    assert answer.thread == event
    assert answer.sentence.startswith("The newest v7r1")
    assert "v7r1p29" in answer.words


def test_others_are_not_answered(matrix: FakeMatrix, store: Store) -> None:
    world = MatrixWorld(matrix)
    mentions = {"m.mentions": {"user_ids": [world.bot.user]}}
    asker = person(world, world.asker)
    with world.listening(store):
        for text, content in (
            (LATEST, {}),
            (LATEST, {"m.mentions": {"user_ids": [world.maintainer]}}),
            (LATEST, mentions | {"msgtype": NOTICE}),
            (LATEST, mentions | {"msgtype": "m.image"}),
            ("release-bots are nice", {}),
            ("we use release-bot for this", {}),
        ):
            asker.say(world.channel, text, **content)
        asked = asker.say(world.channel, LATEST, **mentions)
        assert matrix.wait(lambda: len(world.shown()) > 0, 20)
        # What was said before is heard before: whatever is answered of it is answered by then, too.
        assert world.mention("latest v7r0", by=world.maintainer).answers()
    assert next(shown.thread for shown in world.shown()) == asked
    assert len(world.shown()) == 2


def test_what_a_reply_quotes_is_not_read_and_what_somebody_else_is_called_is_noise(
    matrix: FakeMatrix, store: Store
) -> None:
    world = MatrixWorld(matrix)
    quoted = f"> <{world.maintainer}> how many foos?\n> really\n\n{LATEST}"
    reply = {"m.relates_to": {"event_id": "$x", "m.in_reply_to": {"event_id": "$x"}}}
    link = f'<a href="https://matrix.to/#/{world.maintainer}">Jane Doe</a> {LATEST}'
    mentions = {"m.mentions": {"user_ids": [world.bot.user, world.maintainer]}}
    formatted = {"format": "org.matrix.custom.html", "formatted_body": link}
    with world.listening(store):
        asker = person(world, world.asker)
        asker.say(world.channel, quoted, **mentions | reply)
        asker.say(world.channel, f"Jane Doe {LATEST}", **mentions | formatted)
        assert matrix.wait(lambda: len(world.shown()) == 2, 20)
    assert all("v7r1p29" in each.words for each in world.shown())


def test_a_burst_is_read_back_and_each_message_is_answered_once_or_asked_to_wait(
    world: MatrixWorld, store: Store
) -> None:
    """More than a poll brings, from as many people as a throttle lets through, while the bot is away and listens."""
    people = [world.server.account(f"many{number}") for number in range(4)]
    for each in people:
        each.join(world.channel)
    mention = {"m.mentions": {"user_ids": [world.bot.user]}}

    def burst(rounds: int) -> None:
        for _ in range(rounds):
            for each in people:
                each.say(world.channel, LATEST, **mention)

    with world.listening(store):
        world.mention("latest v7r0").answers()
    burst(30)
    with world.listening(store):
        burst(5)
        expected = len(people) * (MOST_IN_A_WINDOW + 1) + 1
        world.wait(lambda: len(world.shown()) >= expected, 60)
        # A later question is answered after all of them.
        world.mention("latest v7r0", by=world.maintainer).answers(seconds=60)
    words = [each.words for each in world.shown()]
    assert sum("v7r1p29" in each for each in words) == len(people) * MOST_IN_A_WINDOW
    assert sum("please wait a little" in each for each in words) == len(people)
    threads = [each.thread for each in world.shown()]
    assert len(threads) == len(set(threads))


def test_what_was_said_while_nobody_listened_is_answered_but_not_what_was_before_the_bot(
    world: MatrixWorld, store: Store
) -> None:
    old = world.mention(LATEST)
    with world.listening(store):
        world.mention("latest v7r0").answers()
    missed = world.mention(LATEST)
    asker = person(world, world.asker)
    # More than one poll brings.
    for number in range(105):
        asker.say(world.channel, f"chatter {number}")
    with world.listening(store):
        assert "v7r1p29" in missed.answers()[0].words
    assert old.answers(0) == []


def test_what_is_older_than_a_day_is_not_answered(matrix: FakeMatrix, store: Store) -> None:
    world = MatrixWorld(matrix)
    matrix.rooms.clock = lambda: 1_613_984_400.0
    with world.listening(store):
        world.mention("latest v7r0").answers()
    missed = world.mention(LATEST)
    matrix.rooms.clock = lambda: 1_613_984_400.0 + 86_401
    with world.listening(store):
        world.mention("latest v7r0").answers()
    assert missed.answers(0) == []


def test_a_message_that_is_read_twice_is_answered_once(world: MatrixWorld, store: Store) -> None:
    with world.listening(store):
        world.mention("latest v7r0").answers()
    position = store.positions.read(f"matrix {world.bot.user}")
    with world.listening(store), world.listening(store):
        world.mention(LATEST).answers()
    store.positions.write(f"matrix {world.bot.user}", position)
    with world.listening(store):
        world.mention("latest v7r0", by=world.maintainer).answers()
    assert len(world.shown()) == 3


def test_a_position_that_the_homeserver_does_not_know_is_forgotten(
    world: MatrixWorld, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.positions.write(f"matrix {world.bot.user}", "nonsense")
    with world.listening(store):
        world.mention(LATEST).answers()
    assert store.positions.read(f"matrix {world.bot.user}") not in {"", "nonsense"}
    assert "does not know the stored position" in caplog.text


def test_a_maintainers_invitation_is_accepted_and_a_direct_one_answered_without_a_mention(
    world: MatrixWorld, store: Store
) -> None:
    maintainer = person(world, world.maintainer)
    with world.listening(store):
        room = maintainer.create_room(preset="trusted_private_chat", invite=[world.bot.user], is_direct=True)
        maintainer.say(room, LATEST)
        assert world.wait(lambda: len(said_by(world, maintainer, room)) == 1)
        group = maintainer.create_room(preset="private_chat", invite=[world.bot.user])
        assert world.wait(lambda: maintainer.member(group, world.bot.user) == "join")
        maintainer.say(group, LATEST)
        maintainer.say(group, f"{world.bot.user} {LATEST}")
        assert world.wait(lambda: len(said_by(world, maintainer, group)) == 1)
    assert "v7r1p29" in said_by(world, maintainer, room)[0]


def test_somebody_elses_invitation_is_declined_with_the_reason_and_met_people_get_a_direct_room(
    world: MatrixWorld, store: Store
) -> None:
    asker, unknown = person(world, world.asker), world.server.account("unknown")
    with world.listening(store):
        for each, is_direct in ((asker, False), (unknown, True), (asker, True)):
            room = each.create_room(invite=[world.bot.user], is_direct=is_direct)
            assert world.wait(partial(has_left, world, each, room))
            events = each.call("GET", "rooms", room, "state", "m.room.member", world.bot.user)
            assert events["reason"] == "only maintainers of the bot can invite it"
        held = ("GET", "user", world.bot.user, "account_data", "m.direct")
        assert world.wait(lambda: world.bot.ask(*held).ok)
        [(user, [room])] = world.bot.call(*held).items()
        assert user == world.asker
        asker.join(room)
        asker.say(room, LATEST)
        assert world.wait(lambda: len(said_by(world, asker, room)) == 2)
    assert said_by(world, asker, room)[0] == WELCOME
    assert "v7r1p29" in said_by(world, asker, room)[1]


def test_an_invitation_to_an_encrypted_room_is_declined_even_a_maintainers(world: MatrixWorld, store: Store) -> None:
    maintainer = person(world, world.maintainer)
    encrypted = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    with world.listening(store):
        room = maintainer.create_room(invite=[world.bot.user], is_direct=True, initial_state=[encrypted])
        assert world.wait(lambda: maintainer.member(room, world.bot.user) == "leave")
        held = ("GET", "user", world.bot.user, "account_data", "m.direct")
        assert world.wait(lambda: world.bot.ask(*held).ok)
    state = maintainer.call("GET", "rooms", room, "state", "m.room.member", world.bot.user)
    assert "cannot read encrypted messages" in state["reason"]


def test_a_room_that_becomes_encrypted_is_left_with_one_line(world: MatrixWorld, store: Store) -> None:
    maintainer = person(world, world.maintainer)
    with world.listening(store), world.listening(store):
        world.mention(LATEST).answers()
        maintainer.encrypt(world.channel)
        assert world.wait(lambda: maintainer.member(world.channel, world.bot.user) == "leave")
    assert said_by(world, maintainer, world.channel)[1:] == [ENCRYPTED]


def test_whoever_sends_what_looks_encrypted_does_not_make_the_bot_leave(world: MatrixWorld, store: Store) -> None:
    asker = person(world, world.asker)
    with world.listening(store):
        path = ("rooms", world.channel, "send", "m.room.encrypted", "t1")
        asker.call("PUT", *path, body={"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"})
        assert "v7r1p29" in world.mention(LATEST).answers()[0].words
    assert asker.member(world.channel, world.bot.user) == "join"


@pytest.mark.parametrize("more", ["<![" * 20_000, "<a " * 20_000, '<a href="https://matrix.to/#/@' * 2_000])
@pytest.mark.parametrize("body", ["x", "> " * 30_000, "> x\n" * 10_000, "@bot:example.org" * 2_000])
def test_a_message_of_much_markup_is_read_in_short(body: str, more: str) -> None:
    html = f'<a href="https://matrix.to/#/@jdoe:example.org">x</a>{more}'
    content = {"body": body, "format": "org.matrix.custom.html", "formatted_body": html}
    names, began = BotNames("@bot:example.org", "Bot"), process_time()
    assert len(names.words_of(content)) <= 5_000
    names.is_spoken_to(content)
    assert process_time() - began < 0.5


def test_an_answer_is_sent_again_where_it_may_not_have_arrived_and_never_doubled(
    matrix: FakeMatrix, store: Store
) -> None:
    world = MatrixWorld(matrix)
    limited = Response.json(429, {"errcode": "M_LIMIT_EXCEEDED", "error": "slow down", "retry_after_ms": 10})
    failures: list[Response | Drop] = [Drop(after=True), limited, Response.json(502, {})]

    def fail(request: Request) -> Response | Drop | None:
        return failures.pop(0) if failures and "/send/" in request.path else None

    with world.listening(store):
        matrix.interceptor = fail
        asked = world.mention(LATEST)
        assert matrix.wait(lambda: not failures, 30)
        asked.answers()
        world.mention("latest v7r0", by=world.maintainer).answers(seconds=30)
    assert len(world.shown()) == 2


def test_what_is_not_understood_is_kept_from_public_rooms_alone(world: MatrixWorld, store: Store) -> None:
    maintainer = person(world, world.maintainer)
    with world.listening(store):
        world.mention("how many foos?").answers()
        world.direct_message("how many bars?").answers()
        private = maintainer.create_room(preset="private_chat", invite=[world.bot.user])
        assert world.wait(lambda: maintainer.member(private, world.bot.user) == "join")
        maintainer.say(private, f"{world.bot.user} how many bars?")
        assert world.wait(lambda: len(said_by(world, maintainer, private)) == 1)
        assert world.wait(lambda: bool(store.conversations.refused()))
    assert [each.text for each in store.conversations.refused()] == ["how many foos"]


def test_a_homeserver_that_is_down_is_tried_again_and_the_token_is_in_no_log(
    matrix: FakeMatrix, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    world = MatrixWorld(matrix)
    caplog.set_level("DEBUG")
    with world.listening(store):
        world.be_down()
        assert matrix.wait(lambda: "is not connected" in caplog.text, 20)
        missed = world.mention(LATEST)
        world.be_up()
        assert "v7r1p29" in missed.answers()[0].words
    assert "chats.matrix is not connected (unexpected (non-Matrix) response 503)" in caplog.text
    assert world.bot.token not in caplog.text


@pytest.mark.parametrize("is_restarted", [False, True])
def test_an_invitation_that_could_not_be_accepted_is_tried_again(
    matrix: FakeMatrix, store: Store, *, is_restarted: bool
) -> None:
    world, failed = MatrixWorld(matrix), list[str]()
    maintainer = person(world, world.maintainer)

    def fail(request: Request) -> Response | None:
        if "/join/" not in request.path or (failed and not is_restarted):
            return None
        failed.append(request.path)
        return Response.json(502, {})

    with world.listening(store, first=30 if is_restarted else 0.02):
        matrix.interceptor = fail
        room = maintainer.create_room(preset="private_chat", invite=[world.bot.user])
        assert matrix.wait(lambda: bool(failed), 20)
        if not is_restarted:
            assert world.wait(lambda: maintainer.member(room, world.bot.user) == "join")
        else:
            # Its position is recorded.
            world.mention("latest v7r0").answers()
    matrix.interceptor = None
    with world.listening(store):
        assert world.wait(lambda: maintainer.member(room, world.bot.user) == "join")


def test_an_invitation_that_is_refused_for_good_is_given_up_with_one_line(
    matrix: FakeMatrix, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    world, joins = MatrixWorld(matrix), list[str]()

    def refuse(request: Request) -> Response | None:
        if "/join/" not in request.path:
            return None
        joins.append(request.path)
        return Response.json(403, {"errcode": "M_FORBIDDEN", "error": "no longer invited"})

    with world.listening(store):
        matrix.interceptor = refuse
        person(world, world.maintainer).create_room(preset="private_chat", invite=[world.bot.user])
        assert matrix.wait(lambda: "gave up the invitation" in caplog.text, 20)
        for _ in range(2):
            world.mention("latest v7r0").answers()
    assert (len(joins), caplog.text.count("the invitation")) == (1, 1)


def test_a_server_that_answers_every_poll_at_once_is_asked_with_pauses(matrix: FakeMatrix, store: Store) -> None:
    world, polls = MatrixWorld(matrix), list[str]()

    def hurry(request: Request) -> Response | None:
        if not request.path.endswith("/sync") or "since" not in request.query:
            return None
        polls.append(request.path)
        return Response.json(200, {"next_batch": request.query["since"]})

    matrix.interceptor = hurry
    with world.listening(store, first=0.2):
        matrix.wait(lambda: len(polls) > 6, 0.5)
    assert 2 <= len(polls) <= 6


@pytest.mark.parametrize("status", [400, 404])
def test_a_room_whose_history_is_refused_holds_up_no_other_and_keeps_the_position(
    matrix: FakeMatrix, store: Store, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    world = MatrixWorld(matrix)
    with world.listening(store):
        world.mention("latest v7r0").answers()
    for number in range(105):
        person(world, world.asker).say(world.channel, f"chatter {number}")
    missed = world.mention(LATEST)
    refusal = Response.json(status, {"errcode": "M_UNKNOWN", "error": "bad token"})
    matrix.interceptor = lambda request: refusal if request.path.endswith("/messages") else None
    with world.listening(store):
        assert "v7r1p29" in missed.answers(1)[0].words
    assert "cannot read back room" in caplog.text
    assert "stored position" not in caplog.text


def test_a_bad_request_that_is_not_about_the_position_does_not_forget_it(matrix: FakeMatrix, store: Store) -> None:
    world, failed = MatrixWorld(matrix), list[str]()
    with world.listening(store):
        world.mention("latest v7r0").answers()
    missed = world.mention(LATEST)

    def fail_once(request: Request) -> Response | None:
        if failed or "since" not in request.query:
            return None
        failed.append(request.path)
        return Response.json(400, {"errcode": "M_NOT_JSON", "error": "a proxy's"})

    matrix.interceptor = fail_once
    with world.listening(store):
        assert "v7r1p29" in missed.answers(1)[0].words
