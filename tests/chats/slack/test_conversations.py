"""Conversations in Slack: follow-ups in threads and direct messages, edits, files, and what is kept of questions."""

from bot.chats.slack.listener import COMMAND
from bot.store.store import Store
from tests.chats.slack.fake_slack import CHANNEL, MAINTAINER, FakeSlack, words_of
from tests.chats.slack.hosts import listening

COUNT = "how many v7r0 patches in 2020?"


def test_a_thread_with_three_follow_ups_is_answered_each_with_the_whole_question(connected: FakeSlack) -> None:
    first = connected.mention(COUNT)
    [answer] = first.answers()
    assert answer.text.startswith("*34 patch releases of v7r0")
    for text, begins, whole in (
        ("and v7r1?", "*23 patch releases of v7r1", "how many patch releases of v7r1 in 2020"),
        ("and by month?", "*23 patch releases of v7r1", "how many patch releases of v7r1 in 2020 by month"),
        ("list them", "*23 patch releases of v7r1", "list all patch releases of v7r1 in 2020"),
    ):
        [next_] = connected.mention(text, thread_ts=first.ts, user=MAINTAINER).answers()
        assert next_.text.startswith(begins)
        assert f"understood as: “{whole}”" in words_of(next_.blocks)


def test_another_worker_goes_on_with_a_thread_and_another_thread_has_none(slack: FakeSlack, store: Store) -> None:
    with listening(slack, store):
        slack.link.wait()
        first = slack.mention(COUNT)
        first.answers()
    with listening(slack, store):
        slack.link.wait(2)
        [second] = slack.mention("and v7r1?", thread_ts=first.ts).answers()
        [refused] = slack.mention("and v7r1?").answers()
    assert second.text.startswith("*23 patch releases of v7r1")
    assert "no earlier question" in refused.text
    assert "how many releases of v7r1" in refused.text


def test_a_button_sets_what_a_follow_up_refers_to(connected: FakeSlack) -> None:
    first = connected.mention(COUNT)
    [answer] = first.answers()
    button = next(each for each in answer.blocks[-1]["elements"] if each["text"]["text"] == "By month")
    connected.press(button["action_id"], button["value"], answer).answers()
    [after] = connected.mention("and v7r1?", thread_ts=first.ts).answers()
    assert "2020-01 " in words_of(after.blocks)


def test_a_command_ends_a_conversation_and_help_does_not(connected: FakeSlack) -> None:
    first = connected.mention(COUNT, user=MAINTAINER)
    first.answers()
    connected.mention("help", thread_ts=first.ts).answers()
    assert connected.mention("and v7r1?", thread_ts=first.ts).answers()[0].text.startswith("*23 ")
    connected.mention("add hackathon v7r2 2021-03-11", thread_ts=first.ts, user=MAINTAINER).answers()
    assert "no earlier question" in connected.mention("and v7r1?", thread_ts=first.ts).answers()[0].text


def test_direct_messages_go_on_beside_and_under_a_message_and_under_its_answer(connected: FakeSlack) -> None:
    asked = connected.direct_message(COUNT)
    [answer] = asked.answers()
    connected.direct_message("latest v7r1").answers()
    [beside] = connected.direct_message("and v7r0?").answers()
    assert "v7r0p49" in beside.text
    [under] = connected.direct_message("and v7r1?", thread_ts=asked.ts).answers()
    assert under.text.startswith("*23 patch releases of v7r1")
    [under_answer] = connected.reply(answer, "and in 2019?").answers()
    assert "of v7r0 of DIRAC" in under_answer.text or "of v7r0" in under_answer.text
    assert "2019" in under_answer.text


def test_the_slash_command_goes_on_for_its_author_alone(connected: FakeSlack) -> None:
    connected.command(COMMAND, COUNT).answers()
    assert connected.command(COMMAND, "and v7r1?").answers()[0].text.startswith("*23 ")
    assert "no earlier question" in connected.command(COMMAND, "and v7r1?", user=MAINTAINER).answers()[0].text


def test_an_edited_mention_is_answered_once(connected: FakeSlack) -> None:
    asked = connected.mention("latest v7r1")
    asked.answers()
    connected.edit(asked, "latest v7r0").acknowledged()
    # A later question is answered after the edited one was passed over.
    connected.mention("latest v7r0").answers()
    assert len(connected.messages) == 2


def test_a_direct_message_with_a_file_and_one_also_sent_to_the_channel_are_answered(connected: FakeSlack) -> None:
    first = connected.direct_message("latest v7r1", subtype="file_share")
    assert "v7r1p29" in first.answers()[0].text
    also = connected.direct_message("and v7r0?", thread_ts=first.ts, subtype="thread_broadcast")
    [answer] = also.answers()
    assert (answer.thread_ts, "v7r0p49" in answer.text) == (first.ts, True)
    connected.direct_message("latest v7r1", subtype="message_changed").acknowledged()
    connected.direct_message("latest v7r1").answers()
    assert len(connected.messages) == 3


def test_what_is_not_understood_is_kept_from_public_channels_alone(connected: FakeSlack, store: Store) -> None:
    for _ in range(2):
        connected.mention("how many foos by @U012AB3CD?").answers()
    connected.direct_message("how many bars?").answers()
    connected.command(COMMAND, "how many bars?").answers()
    connected.workspace.private.add(CHANNEL)
    connected.mention("how many bars?").answers()
    connected.mention("latest v7r1").answers()
    # Refusals are recorded after they are posted, one thread after the other.
    connected.workspace.wait(lambda: sum(each.times for each in store.conversations.refused()) == 2, 5)
    assert [(each.text, each.times) for each in store.conversations.refused()] == [("how many foos by", 2)]


def test_a_workspace_may_opt_out_of_keeping_what_is_not_understood(slack: FakeSlack, store: Store) -> None:
    with listening(slack, store, keeps_refused=False):
        slack.link.wait()
        slack.mention("how many foos?").answers()
        slack.mention("latest v7r1").answers()
    assert store.conversations.refused() == []
    assert not [request for request in slack.requests if request.path == "/conversations.info"]
