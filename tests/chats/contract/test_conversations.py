"""What people say to the bot, and what it answers: the same words in every chat."""

from bot.store.store import Store
from tests.chats.contract.world import ChatWorld
from tests.chats.hosts import DIRAC

COUNT = "how many v7r0 patches in 2020?"
MOVE = "move final certification of v7r2 to 11 March: too early"


def test_a_mention_is_answered_in_its_thread_with_the_number_the_period_and_the_releases(connected: ChatWorld) -> None:
    asked = connected.mention("how many patch releases in the last month?")
    [answer] = asked.answers()
    assert (answer.channel, answer.thread) == (connected.channel, asked.id)
    assert answer.sentence.startswith("6 patch releases of DIRAC")
    assert "22 Jan to 22 Feb 2021 14:00 (Europe/Paris)" in answer.words
    for version in ("v7r0p47", "v7r0p48", "v7r0p49", "v7r1p27", "v7r1p28", "v7r1p29"):
        assert version in answer.words


def test_follow_ups_in_a_thread_are_answered_with_the_whole_question(connected: ChatWorld) -> None:
    first = connected.mention(COUNT)
    assert first.answers()[0].sentence.startswith("34 patch releases of v7r0")
    for text, begins, whole in (
        ("and v7r1?", "23 patch releases of v7r1", "how many patch releases of v7r1 in 2020"),
        ("and by month?", "23 patch releases of v7r1", "how many patch releases of v7r1 in 2020 by month"),
        ("list them", "23 patch releases of v7r1", "list all patch releases of v7r1 in 2020"),
    ):
        [next_] = connected.mention(text, thread=first.id, by=connected.maintainer).answers()
        assert next_.thread == first.id
        assert next_.sentence.startswith(begins)
        assert f"understood as: “{whole}”" in next_.words


def test_another_worker_goes_on_with_a_thread_and_another_thread_has_none(world: ChatWorld, store: Store) -> None:
    with world.listening(store):
        first = world.mention(COUNT)
        first.answers()
    with world.listening(store):
        assert world.mention("and v7r1?", thread=first.id).answers()[0].sentence.startswith("23 patch releases")
        assert "no earlier question" in world.mention("and v7r1?").answers()[0].words


def test_a_direct_message_is_answered_beside_it_and_goes_on_under_its_answer(connected: ChatWorld) -> None:
    asked = connected.direct_message(COUNT)
    [answer] = asked.answers()
    assert answer.thread == ""
    assert answer.sentence.startswith("34 patch releases of v7r0")
    [beside] = connected.direct_message("and v7r1?").answers()
    assert beside.sentence.startswith("23 patch releases of v7r1")
    [under] = connected.direct_message("and in 2019?", thread=answer.id).answers()
    assert under.thread == answer.id
    assert "v7r0" in under.sentence
    assert "2019" in under.words


def test_a_maintainers_change_is_recorded_under_the_chats_name_and_undone(connected: ChatWorld, store: Store) -> None:
    [refused] = connected.mention(MOVE).answers()
    assert "only maintainers" in refused.words
    assert store.certification.changes() == {}
    [moved] = connected.mention(MOVE, by=connected.maintainer).answers()
    assert "Final certification is moved to 11 Mar 2021 (too early)" in moved.words
    [change] = store.certification.changes()[DIRAC.key, "v7r2"]
    assert change.who == f"{connected.name}:{connected.maintainer}"
    [undone] = connected.mention("undo", by=connected.maintainer).answers()
    assert "undone" in undone.words
    assert "4 Mar" in connected.mention("when is the final certification?").answers()[0].words


def test_a_message_that_is_delivered_again_or_edited_is_answered_once(connected: ChatWorld) -> None:
    asked = connected.mention("latest v7r1")
    asked.answers()
    connected.again(asked)
    connected.edit(asked, "latest v7r0")
    # A later question is answered after the repeated one was passed over.
    connected.mention("latest v7r0").answers()
    assert len(connected.shown()) == 2


def test_after_a_dropped_connection_it_is_connected_again(connected: ChatWorld) -> None:
    connected.drop_connection()
    assert "v7r1p29" in connected.mention("latest v7r1").answers()[0].words


def test_markup_in_a_question_comes_out_as_text(connected: ChatWorld) -> None:
    [answer] = connected.mention("how many foos of [DIRAC](https://evil.example) and @channel?").answers()
    assert answer.sentence.startswith("Sorry, ")


def test_a_posted_digest_carries_its_delivery_and_is_posted_once(connected: ChatWorld, store: Store) -> None:
    connected.mention("post digest", by=connected.maintainer).answers()
    connected.wait(lambda: any(each.key for each in connected.shown()))
    connected.mention("post digest monthly", by=connected.maintainer).answers()
    [digest] = [each for each in connected.shown() if each.key]
    assert digest.channel == connected.channel
    assert digest.sentence.startswith("6 patch releases of DIRAC")
    assert store.deliveries.in_states(["sent"])[0].by == f"{connected.name}:{connected.maintainer}"
