"""The way of a digest to its channel: once, whatever happens on it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.domain.digests.delivery import DEADLINE, GRACE, LEASE, Delivery, DeliveryState, Posted, Settlement
from bot.domain.errors import UsageError
from bot.services.deliver import DeliverySender, confirm, drop, retry
from bot.services.digests import keep_digest
from bot.services.ports import ChatDoubtful, ChatRefused, ChatUnavailable
from bot.store.store import Store
from tests.builders import paris
from tests.fakes import FakeChat
from tests.services.test_digests import HISTORY, WEEKLY, made_on, see

NOW = paris("2021-02-22T09:00")
SOON, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DOUBT = ChatDoubtful("#dirac", "no answer in time")


@pytest.fixture
def delivery(store: Store) -> Delivery:
    return keep_digest(WEEKLY, made_on(store, "2021-02-22T09:00"), FakeChat(), store)


def at(
    moment: datetime, chat: FakeChat, store: Store, *maintainers: str, ahead: timedelta = timedelta()
) -> list[Delivery]:
    """Do what the worker does each minute, by a clock that is so much ahead of the chat's."""
    chat.time = moment - ahead
    return DeliverySender(chat, store.deliveries, lambda: moment, maintainers).deliver_all()


def only(store: Store, state: str) -> Delivery:
    [found] = store.deliveries.in_states([state])
    return found


def test_what_is_pending_is_sent_and_then_no_more(store: Store, delivery: Delivery) -> None:
    chat = FakeChat()
    assert at(NOW, chat, store) == []
    assert at(NOW + MINUTE, chat, store) == []
    assert len(chat.posted) == 1
    assert only(store, "sent").id == delivery.id


@pytest.mark.usefixtures("delivery")
def test_it_is_not_tried_before_the_chat_says_even_by_another_worker(store: Store) -> None:
    chat = FakeChat(ChatUnavailable("#dirac", "Slack asks to wait", retry_after=600))
    [left] = at(NOW, chat, store)
    assert (left.state, left.not_before, left.error) == ("pending", NOW + 10 * MINUTE, "Slack asks to wait")
    assert [each.state for each in at(NOW + 10 * MINUTE - SOON, FakeChat(), store)] == ["pending"]
    assert chat.posted == []
    at(NOW + 10 * MINUTE, chat, store)
    assert len(chat.posted) == 1


@pytest.mark.usefixtures("delivery")
def test_a_chat_that_is_away_is_tried_less_and_less_often(store: Store) -> None:
    now, tried = NOW, []
    chat = FakeChat(*[ChatUnavailable("#dirac", "Slack cannot be reached")] * 12)
    while chat.errors:
        at(now, chat, store)
        tried.append(now)
        now = only(store, "pending").not_before or now
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert timedelta(seconds=45) <= pauses[0] <= timedelta(seconds=75)
    assert timedelta(minutes=45) <= pauses[-1] <= timedelta(minutes=75)
    at(now, chat, store)
    assert len(chat.posted) == 1


@pytest.mark.usefixtures("delivery")
@pytest.mark.parametrize("has_arrived", [True, False])
def test_a_message_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(
    store: Store, *, has_arrived: bool
) -> None:
    chat = FakeChat(DOUBT, takes=has_arrived)
    [left] = at(NOW, chat, store)
    assert (left.state, left.error) == ("sending", "no answer in time")
    at(NOW + GRACE - SOON, chat, store)
    assert len(chat.posted) == has_arrived
    assert only(store, "sending").id == left.id
    at(NOW + GRACE, chat, store)
    assert len(chat.posted) == 1
    assert (only(store, "sent").message_id, only(store, "sent").error) == ("ts-1", None)


@pytest.mark.usefixtures("delivery")
@pytest.mark.parametrize("minutes", [59, -59])
def test_a_message_is_found_though_the_chats_clock_is_another(store: Store, minutes: int) -> None:
    chat, ahead = FakeChat(DOUBT, takes=True), timedelta(minutes=minutes)
    at(NOW, chat, store, ahead=ahead)
    at(NOW + GRACE, chat, store, ahead=ahead)
    assert (len(chat.posted), only(store, "sent").message_id) == (1, "ts-1")


@pytest.mark.parametrize("has_arrived", [True, False])
def test_an_attempt_of_a_worker_that_died_is_taken_over_when_it_cannot_be_under_way_any_more(
    store: Store, delivery: Delivery, *, has_arrived: bool
) -> None:
    chat = FakeChat()
    chat.time = NOW
    begun = store.deliveries.claim(delivery, NOW, NOW + LEASE)
    assert begun is not None
    if has_arrived:
        chat.post(begun.channel, begun.message, begun.key)
    at(NOW + LEASE - SOON, chat, store)
    assert len(chat.posted) == has_arrived
    at(NOW + LEASE, chat, store)
    assert len(chat.posted) == 1
    assert only(store, "sent").message_id == "ts-1"


def test_of_two_workers_that_find_nothing_one_sends_it(store: Store, delivery: Delivery) -> None:
    chat = FakeChat()
    store.deliveries.claim(delivery, NOW)
    slow, quick = (DeliverySender(chat, store.deliveries, lambda: NOW + LEASE) for _ in range(2))
    [as_slow_read_it] = store.deliveries.in_states(["sending"])
    quick.deliver_all()
    slow.settle(as_slow_read_it)
    slow.deliver_all()
    assert len(chat.posted) == 1


@pytest.mark.usefixtures("delivery")
def test_a_look_that_fails_is_made_again_and_nothing_is_sent_meanwhile(store: Store) -> None:
    away = ChatUnavailable("#dirac", "Slack cannot be reached")
    chat = FakeChat(DOUBT, looks=[away, away], takes=True)
    at(NOW, chat, store)
    for minutes in range(1, 8):
        at(NOW + minutes * MINUTE, chat, store)
    assert chat.looks == []
    assert len(chat.posted) == 1
    assert only(store, "sent").message_id == "ts-1"


def test_however_often_the_bot_may_not_look_the_doubt_is_said_once(store: Store, delivery: Delivery) -> None:
    refused = ChatRefused("#dirac", "it cannot be asked for it")
    chat = FakeChat(DOUBT, looks=[refused] * 3)
    for hours in range(3):
        at(NOW + hours * 60 * MINUTE + MINUTE, chat, store)
    assert chat.looks == [refused]
    what = only(store, "sending").error
    assert what == "it is not known whether it arrived: no answer in time; it cannot be asked for it"
    assert delivery.error is None


def test_where_the_bot_may_not_look_the_maintainers_are_told_and_decide(store: Store, delivery: Delivery) -> None:
    chat = FakeChat(DOUBT, looks=[ChatRefused("#dirac", "Slack did not take it (missing_scope)", "give the app ...")])
    at(NOW, chat, store, "U1")
    for _ in range(2):
        at(NOW + MINUTE, chat, store, "U1", "U2")
    [(_, text), _] = chat.told
    assert [user for user, _ in chat.told] == ["U1", "U2"]
    doubt = (
        "it is not known whether it arrived: no answer in time; Slack did not take it (missing_scope); give the app ..."
    )
    assert doubt in text
    assert f"release-bot deliveries retry {delivery.id}" in text
    assert chat.posted == []
    with pytest.raises(UsageError, match="wait 5 minutes"):
        retry(delivery.id, store, "tester", NOW + MINUTE)
    retry(delivery.id, store, "tester", NOW + LEASE)
    at(NOW + LEASE, chat, store)
    assert len(chat.posted) == 1


@pytest.mark.usefixtures("delivery")
def test_a_refusal_is_kept_with_its_reason_and_told_once(store: Store) -> None:
    chat = FakeChat(ChatRefused("#dirac", "not_in_channel", "invite the bot"))
    at(NOW, chat, store, "U1")
    at(NOW + MINUTE, chat, store, "U1")
    failed = only(store, "failed")
    assert (failed.error, failed.is_told, chat.posted) == ("not_in_channel; invite the bot", True, [])
    assert [user for user, _ in chat.told] == ["U1"]


@pytest.mark.usefixtures("delivery")
def test_maintainers_who_cannot_be_told_now_are_told_later(store: Store) -> None:
    chat = FakeChat(ChatRefused("#dirac", "not_in_channel"), ChatUnavailable("U1", "Slack asks to wait"))
    at(NOW, chat, store, "U1")
    assert not only(store, "failed").is_told
    at(NOW + MINUTE, chat, store, "U1")
    assert len(chat.told) == 1


def test_a_failed_delivery_is_sent_again_when_somebody_says_so(store: Store, delivery: Delivery) -> None:
    chat = FakeChat(ChatRefused("#dirac", "not_in_channel"))
    at(NOW, chat, store)
    assert retry(delivery.id, store, "tester", NOW).state == "pending"
    assert only(store, "pending").error == "tried again by tester"
    at(NOW + MINUTE, chat, store)
    assert len(chat.posted) == 1
    with pytest.raises(UsageError, match="already sent"):
        retry(delivery.id, store, "tester", NOW)


def test_what_a_later_digest_has_told_as_late_is_not_sent_again(store: Store) -> None:
    see(store, "2021-02-10T10:00")
    chat = FakeChat()
    keep_digest(WEEKLY, made_on(store, "2021-02-15T09:00"), chat, store)
    at(paris("2021-02-15T09:00"), chat, store)
    see(store, "2021-02-22T08:00", v7r0p49=HISTORY["v7r0p49"])
    lost = keep_digest(WEEKLY, made_on(store, "2021-02-22T09:00"), chat, store)
    drop(lost.id, store.deliveries, FakeChat(), "tester", NOW)
    late = made_on(store, "2021-03-01T09:00")
    assert [release.version for release in late.late] == ["v7r0p49"]
    keep_digest(WEEKLY, late, chat, store)
    with pytest.raises(UsageError, match="a later digest has reported its releases already"):
        retry(lost.id, store, "tester", NOW)


def test_a_dropped_delivery_is_never_sent_and_can_be_taken_up_again(store: Store, delivery: Delivery) -> None:
    chat = FakeChat()
    assert drop(delivery.id, store.deliveries, FakeChat(), "tester", NOW).state == "dropped"
    at(NOW, chat, store)
    assert chat.posted == []
    with pytest.raises(UsageError, match="already dropped"):
        drop(delivery.id, store.deliveries, FakeChat(), "tester", NOW)
    retry(delivery.id, store, "tester", NOW)
    at(NOW, chat, store)
    assert len(chat.posted) == 1


def test_a_number_that_there_is_not_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="not found"):
        drop(7, store.deliveries, FakeChat(), "tester", NOW)


def test_one_channels_failure_harms_no_other(store: Store, delivery: Delivery) -> None:
    other = WEEKLY.__class__("weekly", "#other", "last-week", WEEKLY.repositories, "0 9 * * mon")
    keep_digest(other, made_on(store, "2021-02-22T09:00"), FakeChat(), store)
    chat = FakeChat(ChatRefused("#dirac", "is_archived"))
    assert [each.state for each in at(NOW, chat, store)] == ["failed"]
    assert [channel for channel, _ in chat.posted] == ["#other"]
    assert only(store, "failed").id == delivery.id


def test_what_was_sending_before_attempts_had_times_is_looked_for_at_once_and_sent_when_it_cannot_arrive_any_more(
    store: Store, delivery: Delivery
) -> None:
    store.deliveries.settle(delivery, Settlement(DeliveryState.SENDING))
    chat = FakeChat()
    at(NOW, chat, store)
    assert (chat.searched, chat.posted) == ([None], [])
    at(NOW + LEASE - SOON, chat, store)
    assert chat.posted == []
    at(NOW + LEASE, chat, store)
    assert len(chat.posted) == 1


@pytest.mark.usefixtures("delivery")
def test_what_somebody_saw_in_the_channel_is_sent_and_told_no_more(store: Store) -> None:
    chat = FakeChat(DOUBT, looks=[ChatRefused("#dirac", "it cannot be asked for")], takes=True)
    at(NOW, chat, store)
    at(NOW + GRACE, chat, store)
    number = only(store, "sending").id
    with pytest.raises(UsageError, match="may still be on its way"):
        confirm(number, store.deliveries, "me", NOW + GRACE)
    assert confirm(number, store.deliveries, "me", NOW + LEASE).state == "sent"
    at(NOW + timedelta(days=1), chat, store)
    assert (len(chat.posted), only(store, "sent").message_id) == (1, only(store, "sent").key)
    with pytest.raises(UsageError, match="already sent; nothing to do"):
        confirm(number, store.deliveries, "me", NOW + timedelta(days=1))


@pytest.mark.usefixtures("delivery")
def test_a_delivery_whose_place_is_missing_waits_without_being_tried(store: Store) -> None:
    chat = FakeChat()
    chat.lacking["#dirac"] = UsageError("slack", "$SLACK_BOT_TOKEN is not set")
    assert at(NOW, chat, store) == []
    assert (only(store, "pending").attempts, chat.posted) == (0, [])
    chat.lacking.clear()
    at(NOW, chat, store)
    assert len(chat.posted) == 1


class Stopwatch:
    """A process's clock that only grows, which the test moves on."""

    def __init__(self) -> None:
        self.seconds = time.monotonic()

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Worker:
    """A worker whose own clock is ``off`` from the chat's."""

    chat: FakeChat
    store: Store
    off: timedelta = timedelta()

    def wake(self) -> None:
        assert self.chat.time is not None
        now = self.chat.time + self.off
        DeliverySender(self.chat, self.store.deliveries, lambda: now).deliver_all()


def a_chat(*errors: ChatDoubtful, takes: bool = True) -> FakeChat:
    chat = FakeChat(*errors, takes=takes)
    chat.time = NOW
    return chat


DAYS_OFF = [timedelta(days=days) for days in (-400, -1, 0, 1, 400)] + [timedelta(hours=hours) for hours in (-2, 2)]


@pytest.mark.usefixtures("delivery")
@pytest.mark.parametrize("off", DAYS_OFF, ids=str)
def test_a_worker_whose_clock_is_wrong_finds_the_message_that_arrived(store: Store, off: timedelta) -> None:
    chat = a_chat(DOUBT)
    for _ in range(15):
        Worker(chat, store, off).wake()
        chat.time = (chat.time or NOW) + MINUTE
    assert len(chat.posted) == 1
    assert only(store, "sent").message_id == "ts-1"
    assert all(since is not None and since >= NOW - timedelta(hours=2) for since in chat.searched)


@pytest.mark.usefixtures("delivery")
@pytest.mark.parametrize("off", DAYS_OFF, ids=str)
def test_one_worker_of_several_with_a_wrong_clock_doubles_nothing_and_holds_up_nothing(
    store: Store, off: timedelta
) -> None:
    chat = a_chat(DOUBT, takes=False)
    right, wrong = Worker(chat, store), Worker(chat, store, off)
    wrong.wake()
    for _ in range(4):
        right.wake()
        wrong.wake()
        chat.time = (chat.time or NOW) + MINUTE
    assert len(chat.posted) == 1
    assert only(store, "sent").is_told is False


@pytest.mark.parametrize("off", DAYS_OFF, ids=str)
def test_a_claim_is_another_workers_for_as_long_as_the_chats_own_clock_says(
    store: Store, delivery: Delivery, off: timedelta
) -> None:
    chat = a_chat()
    store.deliveries.claim(delivery, NOW, NOW + LEASE)
    for _ in range(10):
        Worker(chat, store, off).wake()
        assert len(chat.posted) == (chat.time is not None and chat.time >= NOW + LEASE)
        chat.time = (chat.time or NOW) + MINUTE


def test_a_claim_of_unknown_beginning_counts_from_the_first_search(store: Store, delivery: Delivery) -> None:
    chat = a_chat()
    store.deliveries.claim(delivery, NOW - timedelta(days=1))
    Worker(chat, store).wake()
    assert chat.searched == [None]
    chat.time = NOW + LEASE - SOON
    Worker(chat, store).wake()
    assert chat.posted == []
    chat.time = NOW + LEASE
    Worker(chat, store).wake()
    assert len(chat.posted) == 1


@pytest.mark.usefixtures("delivery")
def test_a_message_that_shows_late_in_the_history_is_waited_for(store: Store) -> None:
    chat = a_chat(DOUBT)
    chat.shown_after = GRACE - DEADLINE
    for _ in range(10):
        Worker(chat, store).wake()
        chat.time = (chat.time or NOW) + timedelta(seconds=20)
    assert len(chat.posted) == 1


@pytest.mark.usefixtures("delivery")
def test_a_worker_that_is_stopped_before_it_sends_sends_nothing_when_it_wakes(store: Store) -> None:
    chat, stopwatch = a_chat(), Stopwatch()

    def stop() -> None:
        stopwatch.seconds += 3600
        chat.time = NOW + timedelta(hours=1)
        chat.before_posting = FakeChat.before_posting
        Worker(chat, store).wake()

    chat.before_posting = stop
    stopwatch.seconds -= DEADLINE.total_seconds()
    DeliverySender(chat, store.deliveries, lambda: NOW, monotonic=stopwatch).deliver_all()
    assert len(chat.posted) == 1
    assert only(store, "sent").attempts == 2


@pytest.mark.usefixtures("delivery")
def test_a_worker_whose_machine_slept_after_the_claim_sends_nothing(store: Store) -> None:
    chat = a_chat()
    times = iter([NOW, NOW, NOW, NOW + LEASE, NOW + LEASE, NOW + LEASE])
    DeliverySender(chat, store.deliveries, lambda: next(times, NOW + LEASE)).deliver_all()
    assert chat.posted == []
    assert only(store, "pending").attempts == 1


def late(store: Store, chat: FakeChat, meanwhile: Callable[[], object]) -> None:
    """Let a worker post, and something happen before it records that."""
    real = chat.post

    def post(channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None) -> Posted:
        posted = real(channel, message, key, deadline, thread=thread)
        chat.post = real  # type: ignore[method-assign]
        chat.time = NOW + LEASE
        meanwhile()
        return posted

    chat.post = post  # type: ignore[method-assign]
    DeliverySender(chat, store.deliveries, lambda: NOW).deliver_all()


@pytest.mark.usefixtures("delivery")
def test_a_worker_that_lost_its_claim_to_one_that_posted_deletes_its_own_message(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    chat = a_chat()
    chat.shown_after = timedelta(days=1)
    late(store, chat, Worker(chat, store).wake)
    assert len(chat.posted) == 2
    assert (only(store, "sent").message_id, chat.deleted) == ("ts-2", [Posted("#dirac", "ts-1")])
    assert "twice; the second message was deleted after 0.0 s" in caplog.text


@pytest.mark.usefixtures("delivery")
def test_a_worker_that_lost_its_claim_to_one_that_found_its_message_deletes_nothing(store: Store) -> None:
    chat = a_chat()
    late(store, chat, Worker(chat, store).wake)
    assert (len(chat.posted), chat.deleted, only(store, "sent").message_id) == (1, [], "ts-1")


@pytest.mark.parametrize("state", ["pending", "dropped", "sending"])
def test_a_message_that_arrived_is_recorded_where_no_other_has_been(
    store: Store, delivery: Delivery, state: str
) -> None:
    chat = a_chat()
    late(store, chat, lambda: store.deliveries.settle(only(store, "sending"), Settlement(DeliveryState(state))))
    assert (only(store, "sent").message_id, only(store, "sent").id, chat.deleted) == ("ts-1", delivery.id, [])


@pytest.mark.usefixtures("delivery")
def test_a_message_that_somebody_confirmed_is_not_deleted(store: Store) -> None:
    chat = a_chat()
    late(store, chat, lambda: confirm(only(store, "sending").id, store.deliveries, "me", NOW + LEASE))
    assert (len(chat.posted), chat.deleted) == (1, [])


def in_doubt(store: Store, chat: FakeChat) -> Delivery:
    at(NOW, chat, store)
    return only(store, "sending")


@pytest.mark.usefixtures("delivery")
def test_dropping_a_delivery_that_arrived_finds_it_and_it_has_told_its_releases(store: Store) -> None:
    chat = a_chat(DOUBT)
    doubtful = in_doubt(store, chat)
    assert drop(doubtful.id, store.deliveries, chat, "me", NOW + SOON).state == "sent"
    assert only(store, "sent").message_id == "ts-1"


@pytest.mark.usefixtures("delivery")
def test_dropping_a_delivery_that_may_still_arrive_is_refused_until_it_cannot(store: Store) -> None:
    chat = a_chat(DOUBT, takes=False)
    doubtful = in_doubt(store, chat)
    with pytest.raises(UsageError, match="may still be on its way; try again in 1 min"):
        drop(doubtful.id, store.deliveries, chat, "me", NOW + SOON)
    chat.time = NOW + GRACE
    assert drop(doubtful.id, store.deliveries, chat, "me", NOW + LEASE).state == "dropped"


@pytest.mark.usefixtures("delivery")
@pytest.mark.parametrize("is_missing", [True, False])
def test_dropping_what_cannot_be_searched_for_needs_somebodys_word(store: Store, *, is_missing: bool) -> None:
    chat = a_chat(DOUBT)
    doubtful = in_doubt(store, chat)
    if is_missing:
        chat.lacking["#dirac"] = UsageError("slack", "$SLACK_BOT_TOKEN is not set")
    else:
        chat.looks = [ChatRefused("#dirac", "Slack did not take it (missing_scope)")]
    with pytest.raises(UsageError, match=f"cannot find out whether it arrived: .*drop {doubtful.id} --force"):
        drop(doubtful.id, store.deliveries, chat, "me", NOW + LEASE)
    with pytest.raises(UsageError, match="may still be on its way"):
        drop(doubtful.id, store.deliveries, chat, "me", NOW, is_forced=True)
    assert drop(doubtful.id, store.deliveries, chat, "me", NOW + LEASE, is_forced=True).state == "dropped"


@pytest.mark.usefixtures("delivery")
def test_a_wait_that_a_wrong_clock_wrote_holds_up_nothing(store: Store) -> None:
    store.deliveries.settle(
        only(store, "pending"), Settlement(DeliveryState.PENDING, "wait", not_before=NOW + timedelta(days=1))
    )
    chat = a_chat()
    Worker(chat, store).wake()
    assert len(chat.posted) == 1
