"""Digests and announcements in every chat: each once, also where the chat took it and the answer was lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.chats.router import ChatRouter
from bot.config.channels import stored_name
from bot.domain.periods.period import AsOf
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark
from bot.domain.releases import coverage_of, releases_of
from bot.services.announce import announce
from bot.services.deliver import DeliverySender
from bot.services.digests import DigestOrder, keep_digest, make_digest
from bot.services.ports import ChatDoubtful, ChatUnavailable
from bot.store.store import Store
from tests.builders import PARIS, a_tag, paris
from tests.chats.contract.world import ChatWorld, Shown
from tests.chats.hosts import COMDIRAC, DIRAC, SLIDE
from tests.histories import write_tags


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Store]:
    """A store in which DIRAC has few tags, so that others can come."""
    with Store.open(f"sqlite:///{tmp_path}/few.db") as store:
        old = {"v7r1p28": "2021-02-08T18:00", "v7r1p29": "2021-02-15T20:19", "v7r2-pre34": "2021-02-15T20:30"}
        write_tags(store, DIRAC, [a_tag(name, paris(date)) for name, date in old.items()])
        write_tags(store, COMDIRAC, [a_tag("v1r0", paris("2020-02-15T20:19"))])
        yield store


def router(world: ChatWorld) -> ChatRouter:
    return ChatRouter({world.name: world.client()}, {})


def release(store: Store, *names: str) -> None:
    """Let a poll bring tags of DIRAC."""
    record = store.tags.record(DIRAC.key)
    new = [a_tag(name, SLIDE - timedelta(minutes=9), first_seen=SLIDE, backfilled=False) for name in names]
    tags = [*record.tags.values(), *new]
    mark = PollMark(at=SLIDE, validator=None, look=PollDepth.FULL, rules=record.rules)
    store.polls.write(record, mark, PollChanges(added=tuple(new)), releases_of(DIRAC, tags), coverage_of(DIRAC, tags))


def go_on(world: ChatWorld, store: Store, at: datetime = SLIDE) -> None:
    """Do what the worker does after a poll, and every minute."""
    world.set_time(at)
    chat = router(world)
    announce(store, chat, [DIRAC, COMDIRAC], at, PARIS)
    DeliverySender(chat, store.deliveries, lambda: at).deliver_all()


def order_to(world: ChatWorld) -> DigestOrder:
    return DigestOrder("monthly", stored_name(world.name, world.channel_name), "1m", [DIRAC])


def keep(world: ChatWorld, store: Store) -> None:
    """Make a digest for the chat's channel, and keep it for delivery."""
    digest = make_digest(order_to(world), store, AsOf.at(SLIDE, PARIS), SLIDE)
    keep_digest(order_to(world), digest, router(world), store)


def frozen(world: ChatWorld, store: Store) -> str:
    """Make a digest, and freeze its message."""
    digest = make_digest(order_to(world), store, AsOf.at(SLIDE, PARIS), SLIDE)
    return world.client().freeze(world.channel_name, digest).message


def delivered(world: ChatWorld) -> list[Shown]:
    return [each for each in world.shown() if each.key]


def test_a_channel_is_told_of_the_releases_that_somebody_in_it_asked_for(world: ChatWorld, few: Store) -> None:
    with world.listening(few):
        [answer] = world.mention("subscribe DIRAC v7r1 here").answers()
    assert answer.sentence == "I will announce final releases of v7r1 of DIRAC here as they come out"
    assert "to unsubscribe: unsubscribe 1" in answer.words
    release(few, "v7r1p30", "v7r0p50")
    go_on(world, few)
    go_on(world, few)
    [notice] = delivered(world)
    assert notice.channel == world.channel
    assert notice.sentence == "v7r1p30 of DIRAC (patch release of v7r1) is out: 22 Feb 2021 13:51"
    assert "to unsubscribe, write to release-bot: unsubscribe 1" in notice.words


def test_somebody_is_told_in_a_direct_message_and_unsubscribes_there(world: ChatWorld, few: Store) -> None:
    with world.listening(few):
        [answer] = world.mention("tell me when v7r2 is out").answers()
        assert answer.sentence == "I will say in a direct message to you when v7r2 of DIRAC is out"
        world.direct_message("subscribe COMDIRAC").answers()
        [ended] = world.direct_message("unsubscribe 2").answers()
        assert ended.words.startswith("Unsubscribed from")
    release(few, "v7r2")
    go_on(world, few)
    [notice] = delivered(world)
    assert notice.channel == ended.channel
    assert "v7r2 of DIRAC (minor release) is out" in notice.words
    assert "this ends the subscription" in notice.words


def test_a_digest_whose_answer_was_lost_is_found_before_any_second_try(world: ChatWorld, store: Store) -> None:
    world.set_time(SLIDE)
    keep(world, store)
    world.drop_after_taking()
    go_on(world, store)
    [unsure] = store.deliveries.in_states(["sending"])
    go_on(world, store, SLIDE + timedelta(minutes=10))
    [sent] = store.deliveries.in_states(["sent"])
    assert sent.id == unsure.id
    [digest] = delivered(world)
    assert digest.sentence.startswith("6 patch releases of DIRAC")


def test_a_digest_that_was_not_taken_is_posted_when_the_chat_is_back(world: ChatWorld, store: Store) -> None:
    world.set_time(SLIDE)
    keep(world, store)
    world.be_down()
    go_on(world, store)
    assert delivered(world) == []
    world.be_up()
    for minutes in (10, 30, 60):
        go_on(world, store, SLIDE + timedelta(minutes=minutes))
    assert len(delivered(world)) == 1
    assert len(store.deliveries.in_states(["sent"])) == 1


def test_a_message_is_posted_found_again_and_deleted(world: ChatWorld, store: Store) -> None:
    world.set_time(SLIDE)
    client = world.client()
    message = frozen(world, store)
    posted = client.post(world.channel_name, message, "key-1")
    assert client.find(world.channel_name, "key-1", SLIDE - timedelta(hours=1)).posted == posted
    assert client.find(world.channel_name, "key-2", None).posted is None
    assert client.identify(world.channel_name) == posted.channel == world.channel
    client.delete(world.channel_name, posted)
    assert world.shown() == []


def test_a_reply_is_found_in_its_thread_alone(world: ChatWorld, store: Store) -> None:
    world.set_time(SLIDE)
    client = world.client()
    message = frozen(world, store)
    first = client.post(world.channel_name, message, "key-1")
    reply = client.post(world.channel_name, message, "key-2", thread=first.message)
    assert client.find(world.channel_name, "key-2", None, thread=first.message).posted == reply
    assert client.find(world.channel_name, "key-2", None).posted is None
    assert world.shown()[-1].thread == first.message


def test_nothing_is_sent_after_the_deadline(world: ChatWorld, store: Store) -> None:
    message = frozen(world, store)
    with pytest.raises(ChatUnavailable):
        world.client().post(world.channel_name, message, "key-1", deadline=0.0)
    assert world.shown() == []


def test_an_answer_that_was_lost_leaves_a_doubt(world: ChatWorld, store: Store) -> None:
    message = frozen(world, store)
    world.client().identify(world.channel_name)
    world.drop_after_taking()
    with pytest.raises(ChatDoubtful):
        world.client().post(world.channel_name, message, "key-1")


def test_somebody_is_written_to_alone(world: ChatWorld) -> None:
    world.client().direct_message(world.maintainer, "first line\n• second [line](https://evil.example) @channel")
    [message] = world.shown()
    assert message.words.startswith("first line\n")
    assert "[line](https://evil.example) @channel" in message.words


def test_the_clock_and_the_health_are_the_chats_own(world: ChatWorld) -> None:
    world.set_time(SLIDE)
    client = world.client()
    assert client.clock(world.channel_name) == SLIDE
    health = client.health()
    assert health.bot.removeprefix("@").startswith("release-bot")
    assert health.clock == SLIDE
    assert world.channel in health.channels
    trouble = health.trouble_in(world.channel_name) if health.trouble_in else None
    assert trouble is None
    assert health.trouble_in or world.channel_name.removeprefix("#") in health.channels
