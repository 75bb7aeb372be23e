"""Subscriptions over Slack: from the words of a person to the message about a release."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.chats.router import ChatRouter
from bot.chats.slack.client import SlackClient
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark
from bot.domain.releases import coverage_of, releases_of
from bot.domain.subscriptions import Subscription
from bot.services.announce import announce
from bot.services.deliver import DeliverySender
from bot.store.store import Store
from tests.builders import PARIS, a_tag, paris
from tests.chats.slack.fake_slack import (
    ASKER,
    CHANNEL,
    DROPPED_AFTER_TAKING,
    MAINTAINER,
    TOKEN,
    FakeSlack,
    Message,
    words_of,
)
from tests.chats.slack.hosts import COMDIRAC, DIRAC, SLIDE
from tests.histories import write_tags

DIRECT = f"D{ASKER[1:]}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        old = {"v7r1p28": "2021-02-08T18:00", "v7r1p29": "2021-02-15T20:19", "v7r2-pre34": "2021-02-15T20:30"}
        write_tags(store, DIRAC, [a_tag(name, paris(date)) for name, date in old.items()])
        write_tags(store, COMDIRAC, [a_tag("v1r0", paris("2020-02-15T20:19"))])
        yield store


def release(store: Store, *names: str) -> None:
    """Let a poll bring tags of DIRAC."""
    record = store.tags.record(DIRAC.key)
    at = record.polled_at + timedelta(hours=1) if record.polled_at else SLIDE
    new = [a_tag(name, at - timedelta(minutes=9), first_seen=at, backfilled=False) for name in names]
    tags = [*record.tags.values(), *new]
    mark = PollMark(at=at, validator=None, look=PollDepth.FULL, rules=record.rules)
    changes = PollChanges(added=tuple(new))
    store.polls.write(record, mark, changes, releases_of(DIRAC, tags), coverage_of(DIRAC, tags))


def go_on(slack: FakeSlack, store: Store, at: datetime = SLIDE) -> None:
    """Do what the worker does after a poll, and every minute."""
    slack.workspace.clock = at.timestamp
    chat = ChatRouter({"slack": SlackClient(TOKEN, slack.url, is_listening=True)}, {})
    announce(store, chat, [DIRAC, COMDIRAC], at, PARIS)
    DeliverySender(chat, store.deliveries, lambda: at).deliver_all()


def told(slack: FakeSlack, channel: str) -> list[Message]:
    return [message for message in slack.messages if message.channel == channel and message.metadata]


def test_a_channel_is_told_of_the_releases_that_somebody_in_it_asked_for(connected: FakeSlack, store: Store) -> None:
    [answer] = connected.mention("subscribe DIRAC v7r1 here").answers()
    assert answer.text == "I will announce final releases of v7r1 of DIRAC here as they come out"
    assert "to unsubscribe: unsubscribe 1" in words_of(answer.blocks)
    release(store, "v7r1p30", "v7r0p50")
    go_on(connected, store)
    go_on(connected, store)
    [message] = told(connected, CHANNEL)
    url = "https://github.example/DIRACGrid/DIRAC/releases/tag/v7r1p30"
    assert message.text == f"<{url}|v7r1p30> of DIRAC (patch release of v7r1) is out: 22 Feb 2021 14:46"
    assert "to unsubscribe, write to release-bot: unsubscribe 1" in words_of(message.blocks)


def test_somebody_is_told_once_in_a_direct_message_when_one_release_is_out(connected: FakeSlack, store: Store) -> None:
    [answer] = connected.mention("tell me when v7r2 is out").answers()
    assert answer.text == "I will say in a direct message to you when v7r2 of DIRAC is out"
    release(store, "v7r2")
    go_on(connected, store)
    release(store, "v7r2p1")
    go_on(connected, store)
    [message] = told(connected, DIRECT)
    assert "|v7r2> of DIRAC (minor release) is out: 22 Feb 2021 14:46" in message.text
    assert "this ends the subscription" in words_of(message.blocks)


def test_a_direct_message_whose_answer_was_lost_is_found_before_any_second_try(
    connected: FakeSlack, store: Store
) -> None:
    connected.direct_message("subscribe DIRAC").answers()
    release(store, "v7r1p30")
    connected.fail_next(replace(DROPPED_AFTER_TAKING, path="/chat.postMessage"))
    go_on(connected, store)
    [unsure] = store.deliveries.in_states(["sending"])
    go_on(connected, store, SLIDE + timedelta(minutes=10))
    [sent] = store.deliveries.in_states(["sent"])
    assert (sent.id, sent.channel) == (unsure.id, f"@{ASKER}")
    assert len(told(connected, DIRECT)) == 1


def test_a_release_that_is_out_is_said_to_be_at_once(connected: FakeSlack, store: Store) -> None:
    [answer] = connected.direct_message("tell me when v7r1p29 is out").answers()
    assert "of DIRAC is out already: 15 Feb 2021 20:19" in answer.text
    assert store.subscriptions.all() == []


def test_what_is_subscribed_to_is_listed_where_it_is_told_and_ended_there(connected: FakeSlack) -> None:
    connected.mention("subscribe DIRAC here").answers()
    connected.direct_message("subscribe COMDIRAC").answers()
    [again] = connected.mention("subscribe DIRAC", user=MAINTAINER).answers()
    assert again.text == "Already subscribed: final releases of DIRAC (1)"
    [listed] = connected.mention("subscriptions").answers()
    assert "1: final releases of DIRAC (since 22 Feb 2021 14:00, by slack:U0ASK3R)" in words_of(listed.blocks)
    assert "COMDIRAC" not in words_of(listed.blocks)
    [own] = connected.direct_message("subscriptions").answers()
    assert "2: final releases of COMDIRAC" in words_of(own.blocks)
    [ended] = connected.direct_message("unsubscribe").answers()
    assert ended.text == "Unsubscribed from final releases of COMDIRAC (2)"
    [none] = connected.direct_message("unsubscribe").answers()
    assert "not found here" in none.text


def test_nobody_but_a_maintainer_ends_what_is_told_elsewhere(connected: FakeSlack, store: Store) -> None:
    connected.mention("subscribe DIRAC here").answers()
    [refused] = connected.direct_message("unsubscribe 1").answers()
    assert "not found here" in refused.text
    [ended] = connected.direct_message("unsubscribe 1", user=MAINTAINER).answers()
    assert ended.text == "Unsubscribed from final releases of DIRAC (1)"
    [subscription] = store.subscriptions.all()
    assert (subscription.who, subscription.ended_by) == (f"slack:{ASKER}", f"slack:{MAINTAINER}")


def test_the_command_in_a_direct_message_means_the_direct_messages(connected: FakeSlack, store: Store) -> None:
    connected.command("/releases", "subscribe DIRAC here", channel=DIRECT).answers()
    assert [each.channel for each in store.subscriptions.all()] == [f"@{ASKER}"]


def test_a_channel_is_the_same_by_its_id_and_by_the_name_under_which_it_was_told(
    connected: FakeSlack, store: Store
) -> None:
    [made] = [replace(each, channel="#dirac-releases") for each in _subscribed(connected, store)]
    store.subscriptions.end([made.number], SLIDE, "ann")
    named = store.subscriptions.add(made)
    release(store, "v7r1p30")
    go_on(connected, store)
    [listed] = connected.mention("subscriptions").answers()
    assert f"{named.number}: final releases of DIRAC" in words_of(listed.blocks)
    [again] = connected.mention("subscribe DIRAC").answers()
    assert "lready subscribed" in again.text


def test_a_channel_is_the_same_by_its_name_before_it_was_told_anything(connected: FakeSlack, store: Store) -> None:
    [made] = _subscribed(connected, store)
    store.subscriptions.add(replace(made, channel="#dirac-releases"))
    release(store, "v7r1p30")
    go_on(connected, store)
    go_on(connected, store)
    assert len(told(connected, CHANNEL)) == 1


def _subscribed(slack: FakeSlack, store: Store) -> list[Subscription]:
    slack.mention("subscribe DIRAC here").answers()
    return list(store.subscriptions.all())


def test_other_changes_are_for_maintainers_as_before(connected: FakeSlack) -> None:
    [answer] = connected.mention("v7r1 is recommended").answers()
    assert "only maintainers may change things" in answer.text


def test_a_flood_of_subscriptions_is_refused(connected: FakeSlack, store: Store) -> None:
    [made] = _subscribed(connected, store)
    for number in range(60):
        store.subscriptions.add(replace(made, series=f"v9r{number}"))
    [answer] = connected.mention("subscribe COMDIRAC here").answers()
    assert "at most 50 in one channel" in answer.text
