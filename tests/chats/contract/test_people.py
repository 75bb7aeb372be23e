"""Who may ask and who may change things, floods, and secrets: the same in every chat."""

import logging
from pathlib import Path

import pytest

from bot.chats.throttle import MOST_IN_A_WINDOW
from bot.store.store import Store
from tests.chats.contract.world import ChatWorld
from tests.chats.hosts import DIRAC

COUNT = "how many v7r0 patches in 2020?"


def test_a_button_asks_its_question_under_the_message(connected: ChatWorld) -> None:
    if not connected.has_buttons:
        pytest.skip("no buttons there")
    [answer] = connected.mention(COUNT).answers()
    assert "List all 34" in answer.buttons
    [whole] = connected.press("List all 34", answer).answers()
    assert whole.thread == answer.thread
    assert all(f"v7r0p{number}" in whole.words for number in range(10, 44))
    [after] = connected.mention("and v7r1?", thread=answer.thread).answers()
    assert after.sentence.startswith("23 patch releases of v7r1")


def test_a_digests_buttons_are_answered_under_it(connected: ChatWorld) -> None:
    if not connected.has_buttons:
        pytest.skip("no buttons there")
    connected.mention("post digest", by=connected.maintainer).answers()
    connected.wait(lambda: any(each.key for each in connected.shown()))
    [digest] = [each for each in connected.shown() if each.key]
    assert digest.buttons == ("List them", "By series", "Last month")
    for label in digest.buttons:
        [answer] = connected.press(label, digest).answers()
        assert answer.thread == digest.id
        assert answer.sentence.startswith("6 ")


def test_a_guest_or_a_stranger_asks_and_changes_nothing(connected: ChatWorld, store: Store) -> None:
    if not connected.strangers:
        pytest.skip("no guests there")
    for stranger in connected.strangers:
        assert "v7r1p29" in connected.mention("latest v7r1", by=stranger).answers()[0].words
        for text in ("subscribe DIRAC here", "move final certification of v7r2 to 11 March"):
            [refused] = connected.mention(text, by=stranger).answers()
            assert "only maintainers may change things" in refused.words
    assert store.subscriptions.all() == []
    assert store.certification.changes() == {}


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("count", "messages"),
    [
        (4, MOST_IN_A_WINDOW + 8),
        pytest.param(20, 50, marks=[pytest.mark.exhaustive, pytest.mark.long], id="a thousand"),
    ],
)
def test_many_messages_at_once_are_each_answered_or_asked_to_wait(
    connected: ChatWorld, count: int, messages: int
) -> None:
    people = connected.people(count)
    # Each person's latest first, so that they are all mixed.
    for _ in range(messages):
        for person in people:
            connected.mention("help", by=person)
    expected = len(people) * (MOST_IN_A_WINDOW + 1)
    assert connected.wait(lambda: len(connected.shown()) >= expected, 120)
    # A later question is answered after all those.
    assert "v7r1p29" in connected.mention("latest v7r1").answers(seconds=60)[0].words
    shown = connected.shown()
    assert len(shown) == expected + 1
    assert sum("please wait a little" in each.words for each in shown) == len(people)
    threads = [each.thread for each in shown]
    assert len(set(threads)) == len(threads)


def test_secrets_are_in_no_log_no_error_and_no_database(
    world: ChatWorld, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # The web socket servers of the fakes.
    caplog.set_level(logging.WARNING, "websockets")
    with world.listening(store):
        world.mention("latest v7r1").answers()
        world.mention("post digest", by=world.maintainer).answers()
        world.wait(lambda: any(each.key for each in world.shown()))
        world.be_down()
        world.drop_connection(is_back=False)
        with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is, it names no secret
            world.client().health()
        world.be_up()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert DIRAC.name.encode() in stored
    for secret in world.secrets:
        assert secret not in caplog.text
        assert secret not in repr(raised.value) + str(raised.value)
        assert secret.encode() not in stored
