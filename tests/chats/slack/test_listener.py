"""Questions in Slack, from the mention to the answer in its thread: slack-bolt against the Slack of the tests."""

import pytest

from bot.chats.slack.listener import COMMAND
from bot.chats.throttle import MOST_IN_A_WINDOW
from bot.demo.recorded.server import Response
from bot.store.store import Store
from tests.chats.slack.fake_slack import CHANNEL, MAINTAINER, TOKEN, Failure, FakeSlack, words_of
from tests.chats.slack.hosts import DIRAC, listening

LAST_MONTH = "how many patch releases in the last month?"


def test_a_mention_is_acknowledged_at_once_and_answered_in_its_thread(connected: FakeSlack) -> None:
    asked = connected.mention(LAST_MONTH)
    assert asked.acknowledged().seconds < 3
    [answer] = asked.answers()
    assert (answer.channel, answer.thread_ts) == (CHANNEL, asked.ts)
    assert answer.text.startswith("*6 patch releases of DIRAC")
    for version in ("v7r0p47", "v7r0p48", "v7r0p49", "v7r1p27", "v7r1p28", "v7r1p29"):
        assert version in words_of(answer.blocks)
    assert "22 Jan to 22 Feb 2021 14:00 (Europe/Paris)" in words_of(answer.blocks)


def test_a_mention_within_a_thread_is_answered_in_that_thread(connected: FakeSlack) -> None:
    first = connected.mention("help")
    first.answers()
    within = connected.mention("latest v7r1", thread_ts=first.ts)
    [answer] = within.answers()
    assert answer.thread_ts == first.ts
    assert "v7r1p29" in answer.text


def test_a_direct_message_is_answered_beside_it_or_in_its_thread(connected: FakeSlack) -> None:
    asked = connected.direct_message("when was v7r0p49 released?")
    [answer] = asked.answers()
    assert answer.thread_ts is None
    assert "was released on 15 Feb 2021 20:19" in answer.text
    [second] = connected.reply(answer, "latest v7r1").answers()
    assert second.thread_ts == answer.ts


def test_the_command_is_answered_to_its_author_alone(connected: FakeSlack) -> None:
    asked = connected.command(COMMAND, "how many v7r0 patches in 2020?")
    assert asked.acknowledged().seconds < 3
    [answer] = asked.answers()
    assert answer.only_for == asked.user
    assert answer.text.startswith("*34 patch releases of v7r0")
    assert connected.messages == []


def test_a_command_without_words_tells_what_can_be_asked(connected: FakeSlack) -> None:
    [answer] = connected.command(COMMAND).answers()
    assert "how many patch releases in the last month?" in words_of(answer.blocks)


def test_any_other_command_is_acknowledged_and_answered_too(connected: FakeSlack) -> None:
    asked = connected.command("/dirac", "latest v7r1")
    asked.acknowledged()
    assert "v7r1p29" in asked.answers()[0].text


def test_a_button_asks_its_question_under_the_message(connected: FakeSlack) -> None:
    [answer] = connected.mention("how many v7r0 patches in 2020?").answers()
    listed = next(e for e in answer.blocks[-1]["elements"] if e["text"]["text"] == "List all 34")
    pressed = connected.press(listed["action_id"], listed["value"], answer)
    assert pressed.acknowledged().seconds < 3
    [whole] = pressed.answers()
    assert whole.thread_ts == answer.thread_ts
    assert all(f"v7r0p{number}" in words_of(whole.blocks) for number in range(10, 44))


def test_a_button_under_what_only_one_person_sees_is_answered_to_that_person(connected: FakeSlack) -> None:
    [answer] = connected.command(COMMAND, "how many v7r0 patches in 2020?").answers()
    button = answer.blocks[-1]["elements"][0]
    [second] = connected.press(button["action_id"], button["value"], answer).answers()
    assert second.only_for == answer.only_for


def test_a_posted_digest_has_buttons_that_are_answered(connected: FakeSlack) -> None:
    connected.mention("post digest", user=MAINTAINER).answers(2)
    [digest] = [message for message in connected.messages if message.metadata]
    assert [element["text"]["text"] for element in digest.blocks[-1]["elements"]] == [
        "List them",
        "By series",
        "Last month",
    ]
    for element in digest.blocks[-1]["elements"]:
        [answer] = connected.press(element["action_id"], element["value"], digest).answers()
        assert answer.thread_ts == digest.ts
        assert answer.text.startswith("*6 ")


def test_the_home_page_shows_the_newest_releases_and_the_open_certification(connected: FakeSlack) -> None:
    view = connected.open_home().home()
    shown = words_of(view.blocks)
    assert "v7r1p29" in shown
    assert "v7r2 is not certified yet" in shown.replace("*", "")
    assert "how many patch releases in the last month?" in shown


def test_an_event_that_is_delivered_again_is_answered_once(connected: FakeSlack) -> None:
    asked = connected.mention("latest v7r1")
    asked.answers()
    again = asked.again()
    again.acknowledged()
    # A later question is answered after the repeated one was passed over.
    connected.mention("latest v7r0").answers()
    assert len(connected.messages) == 2


def test_a_repeated_event_is_passed_over_by_another_worker_too(slack: FakeSlack, store: Store) -> None:
    with listening(slack, store):
        slack.link.wait()
        asked = slack.mention("latest v7r1")
        asked.answers()
    with listening(slack, store):
        slack.link.wait(2)
        asked.again().acknowledged()
        slack.mention("latest v7r0").answers()
    assert len(slack.messages) == 2


def test_what_the_bot_itself_or_another_app_says_is_not_answered(connected: FakeSlack) -> None:
    quiet = connected.direct_message("help", user=MAINTAINER)
    quiet.answers()
    edited = connected.direct_message("latest v7r1")
    edited.answers()
    assert len(connected.messages) == 2


def test_in_a_channel_the_repositories_of_its_digests_are_meant(connected: FakeSlack) -> None:
    [before] = connected.mention("how many releases in 2019?").answers()
    assert "COMDIRAC" in words_of(before.blocks)
    connected.mention("post digest", user=MAINTAINER).answers(2)  # the digest itself, and the answer when it is kept
    [after] = connected.mention("how many releases in 2019?").answers()
    assert "of DIRAC" in after.text
    assert "for all, add “of all repositories”" in words_of(after.blocks)
    [everything] = connected.mention("how many releases of all repositories in 2019?").answers()
    assert "COMDIRAC" in words_of(everything.blocks)


def test_what_is_not_understood_is_refused_politely_with_examples(connected: FakeSlack) -> None:
    [answer] = connected.mention("what about tomorrow's weather?").answers()
    assert answer.text.startswith("Sorry, ")
    assert "how many patch releases in the last month?" in words_of(answer.blocks)


def test_changes_are_for_maintainers_and_are_recorded_and_can_be_undone(connected: FakeSlack, store: Store) -> None:
    move = "move final certification of v7r2 to 11 March: too early"
    [refused] = connected.mention(move).answers()
    assert "only maintainers" in refused.text
    assert store.certification.changes() == {}
    [moved] = connected.mention(move, user=MAINTAINER).answers()
    assert "Final certification is moved to 11 Mar 2021 (too early)" in moved.text
    [change] = store.certification.changes()[DIRAC.key, "v7r2"]
    assert (change.who, change.title, change.note) == (f"slack:{MAINTAINER}", "Final certification", "too early")
    [undone] = connected.mention("undo", user=MAINTAINER).answers()
    assert "undone" in undone.text
    [still] = connected.mention("when is the final certification?").answers()
    assert "4 Mar" in still.text


def test_a_digest_is_posted_for_a_maintainer_once(connected: FakeSlack, store: Store) -> None:
    [refused] = connected.mention("post digest").answers()
    assert "only maintainers" in refused.text
    [posted] = [m for m in connected.mention("post digest", user=MAINTAINER).answers(2) if m.thread_ts]
    assert "posted to #dirac-releases" in posted.text.replace("\u2060", "")
    [again] = [m for m in connected.mention("post digest monthly", user=MAINTAINER).answers(1) if m.thread_ts]
    assert again.text == "Digest monthly already posted to #dirac-releases"
    assert len([message for message in connected.messages if message.metadata]) == 1
    assert store.deliveries.in_states(["sent"])[0].by == f"slack:{MAINTAINER}"


def test_a_flood_from_one_person_is_slowed_and_the_others_are_answered(connected: FakeSlack) -> None:
    for _ in range(MOST_IN_A_WINDOW):
        connected.mention("help").answers()
    [slowed] = connected.mention("help").answers()
    assert "please wait a little" in slowed.text
    connected.mention("help").acknowledged()
    connected.mention("help", user=MAINTAINER).answers()
    assert len(connected.messages) == MOST_IN_A_WINDOW + 2


@pytest.mark.parametrize(
    "text", ["<!channel> latest", "how many releases of <https://evil.example|DIRAC>?", "\x1b[31m", "*" * 50]
)
def test_markup_in_a_question_comes_out_as_text(connected: FakeSlack, text: str) -> None:
    [answer] = connected.mention(text).answers()
    told = answer.text + words_of(answer.blocks)
    assert "<!" not in told
    assert "<@" not in told
    assert "<https://evil" not in told
    assert "\x1b" not in told


def test_after_a_dropped_connection_it_is_connected_again(connected: FakeSlack) -> None:
    connected.link.drop()
    connected.link.wait(2, seconds=20)
    assert connected.mention("latest v7r1").answers()


def test_while_slack_is_down_at_the_start_it_is_tried_again(slack: FakeSlack, store: Store) -> None:
    down = Failure(Response.json(503, {}), path="/apps.connections.open")
    slack.fail_next(down, down, down)
    with listening(slack, store) as listener:
        slack.link.wait()
        assert slack.mention("latest v7r1").answers()
        assert listener.is_connected


def test_an_answer_that_slack_does_not_take_is_logged_and_harms_no_other(
    slack: FakeSlack, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail_next(Failure(Response.json(200, {"ok": False, "error": "is_archived"}), path="/chat.postMessage"))
    with listening(slack, store):
        slack.link.wait()
        for _ in range(3):
            slack.mention("latest v7r1").acknowledged()
    assert len(slack.messages) == 2
    assert caplog.text.count("cannot post an answer: is_archived") == 1


def test_the_environments_own_token_makes_no_noise(
    slack: FakeSlack, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    with listening(slack, store):
        slack.link.wait()
    assert [record.name for record in caplog.records if record.name.startswith("slack_bolt")] == []
