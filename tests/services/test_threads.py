"""A digest of several messages: each is in the thread once and in order, whatever happens between them."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.digests.delivery import GRACE, LEASE, Delivery, Frozen, Posted, Reply
from bot.domain.digests.digest import Digest
from bot.domain.releases import Key, key_of
from bot.services.deliver import OPEN, DeliverySender, confirm, drop, retry
from bot.services.digests import keep_digest
from bot.services.ports import ChatDoubtful, ChatRefused, ChatUnavailable
from bot.store.store import Store
from tests.builders import paris
from tests.examples import part_of
from tests.fakes import FakeChat
from tests.services.test_digests import HISTORY, WEEKLY, made_on, see

NOW = paris("2021-02-22T09:00")
SOON, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TEXTS = ["first", "second", "third", "fourth"]
FATES = ("", "killed before", "killed after", "lost", "taken, no answer", "away", "overtaken")


class Killed(Exception):
    """The worker is gone."""


class Threads(FakeChat):
    """A chat whose digests are four messages; ``fates`` are what happens to its posts, one after another.

    The first message names nothing, each other one a release while there are any.
    """

    def __init__(self, *fates: str) -> None:
        super().__init__()
        self.time = NOW
        self.fates = list(fates)
        self.overtake: Callable[[], None] = lambda: None

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        del channel
        named: list[frozenset[Key]] = [frozenset({key_of(release)}) for release in digest.news]
        named += [frozenset()] * len(TEXTS)
        first, *others = (f'{{"headline": "{text}"}}' for text in TEXTS)
        return Frozen(first, replies=tuple(Reply(text, keys) for text, keys in zip(others, named, strict=False)))

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        fate = self.fates.pop(0) if self.fates else ""
        self.takes = fate == "taken, no answer"
        match fate:
            case "killed before":
                raise Killed
            case "lost" | "taken, no answer":
                self.errors = [ChatDoubtful(channel, "no answer")]
            case "away":
                self.errors = [ChatUnavailable(channel, "away", retry_after=60)]
            case "refused":
                self.errors = [ChatRefused(channel, "is_archived")]
            case _:
                pass
        posted = super().post(channel, message, key, deadline, thread=thread)
        if fate == "killed after":
            raise Killed
        if fate == "overtaken":
            # The worker is stopped before it reads the answer, until another one has gone on.
            self.time = (self.time or NOW) + LEASE
            self.overtake()
        return posted

    def there(self) -> list[tuple[str, str | None]]:
        """What is in the channel, in order: each message with the id of the one that it replies to."""
        stood = sorted((posted.message, key) for key, posted in self.keys.items() if posted not in self.deleted)
        return [(self.posted[int(ts[3:]) - 1][1], self.threads[key]) for ts, key in stood]


def wake(store: Store, chat: Threads) -> None:
    """Do what a worker does each minute, until it is killed."""
    now = chat.time or NOW
    try:
        DeliverySender(chat, store.deliveries, lambda: now).deliver_all()
    except Killed:
        pass
    finally:
        chat.time = (chat.time or NOW) + MINUTE


def kept(store: Store, chat: Threads) -> Delivery:
    return keep_digest(WEEKLY, made_on(store, "2021-02-22T09:00"), chat, store)


WHOLE = [("first", None), *((text, "ts-1") for text in TEXTS[1:])]


def test_the_messages_are_posted_one_after_another_each_in_the_thread_of_the_first(store: Store) -> None:
    chat = Threads()
    delivery = kept(store, chat)
    assert DeliverySender(chat, store.deliveries, lambda: NOW).deliver(delivery) is None
    assert chat.there() == WHOLE
    [sent] = store.deliveries.in_states(["sent"])
    assert (sent.message_id, sent.reply_ids, len(chat.keys)) == ("ts-1", ("ts-2", "ts-3", "ts-4"), 4)


@settings(max_examples=part_of(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(FATES), max_size=9))
def test_each_message_is_there_once_and_in_order_whatever_happens(store: Store, fates: list[str]) -> None:
    chat = Threads(*fates)
    keep_digest(WEEKLY, made_on(store, "2021-02-22T09:00"), chat, store, again=True)
    chat.overtake = lambda: wake(store, chat)
    while store.deliveries.in_states(OPEN):
        wake(store, chat)
    sent = store.deliveries.in_states(["sent"])[-1]
    assert [text for text, _ in chat.there()] == TEXTS
    assert {thread for _, thread in chat.there()} == {None, sent.message_id}


def test_a_worker_that_lost_its_claim_on_a_reply_deletes_its_own_though_others_followed(store: Store) -> None:
    chat = Threads("", "overtaken")
    kept(store, chat)
    chat.shown_after = timedelta(days=1)
    chat.overtake = lambda: wake(store, chat)
    wake(store, chat)
    assert [text for _, text in chat.posted] == ["first", "second", "second", "third", "fourth"]
    assert [posted.message for posted in chat.deleted] == ["ts-2"]


def test_what_a_reply_would_have_named_is_named_by_the_next_digest_if_it_is_not_posted(store: Store) -> None:
    see(store, "2021-02-10T10:00")
    see(store, "2021-02-22T08:00", v7r0p49=HISTORY["v7r0p49"], v7r1p29=HISTORY["v7r0p49"])
    chat = Threads("", "", "refused")
    lost = kept(store, chat)
    first, second = made_on(store, "2021-02-22T09:00").news
    wake(store, chat)
    assert [text for text, _ in chat.there()] == ["first", "second"]
    [failed] = store.deliveries.in_states(["failed"])
    late = made_on(store, "2021-03-01T09:00").late
    assert ([release.version for release in late], first.version != second.version) == ([second.version], True)
    retry(failed.id, store, "me", NOW)
    wake(store, chat)
    assert chat.there() == WHOLE
    assert (made_on(store, "2021-03-01T09:00").late, lost.id) == ((), failed.id)


@pytest.mark.parametrize("is_dropped", [True, False])
def test_a_reply_in_doubt_that_is_found_counts_and_a_dropped_one_is_the_last(store: Store, *, is_dropped: bool) -> None:
    chat = Threads("", "taken, no answer")
    delivery = kept(store, chat)
    wake(store, chat)
    if is_dropped:
        assert drop(delivery.id, store.deliveries, chat, "me", NOW + SOON).state == "dropped"
    chat.time = NOW + GRACE
    wake(store, chat)
    assert [text for text, _ in chat.there()] == (TEXTS[:2] if is_dropped else TEXTS)
    assert len(chat.posted) == len(chat.there())


def test_replies_to_a_message_that_somebody_saw_are_posted_to_the_channel(store: Store) -> None:
    chat = Threads("taken, no answer")
    delivery = kept(store, chat)
    wake(store, chat)
    assert confirm(delivery.id, store.deliveries, "me", NOW + LEASE).state == "pending"
    wake(store, chat)
    assert chat.there() == [(text, None) for text in TEXTS]


def test_a_delivery_says_its_next_message_only_until_all_are_there(store: Store) -> None:
    delivery = kept(store, Threads())
    assert [replace(delivery, posted=number).next_key for number in (0, 2)] == [delivery.key, f"{delivery.key}-2"]
    assert [replace(delivery, posted=number).is_last for number in (0, 2, 3)] == [False, False, True]
