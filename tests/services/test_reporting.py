"""Which digests are owed, and that each reaches its channel once."""

from datetime import datetime

from bot.domain.digests import Digest
from bot.domain.periods import AsOf
from bot.domain.tags import TagDetails
from bot.services.polling import Asked, poll
from bot.services.ports import ChatDoubtful, ChatRefused, ChatUnavailable, Look
from bot.services.reporting import DigestOrder, deliver, keep_digest, make_digest, make_owed, owed
from bot.store.sql import SqlStore
from tests.builders import PARIS, a_commit, a_ref, a_repository, paris
from tests.fakes import FakeChat, FakeForge

DIRAC = a_repository()
WEEKLY = DigestOrder("weekly", "#dirac", "last-week", [DIRAC], schedule="0 9 * * mon")
HISTORY = {"v7r0p49": paris("2021-02-15T20:19"), "v7r1p30": paris("2021-02-24T17:00")}


def at(text: str) -> AsOf:
    return AsOf.at(paris(text), PARIS)


def see(store: SqlStore, when: str, **history: datetime) -> None:
    forge = FakeForge(DIRAC={a_ref(name): TagDetails(a_commit(name), committed=date) for name, date in history.items()})
    list(poll([Asked(DIRAC, Look.COMPLETE)], {"github": forge}, store, lambda: paris(when)))


def worked(store: SqlStore, when: str, chat: FakeChat, order: DigestOrder = WEEKLY) -> None:
    """Do what the worker does when it wakes."""
    make_owed([order], store, chat, at(when))
    deliver(store.deliveries(["pending"]), chat, store, paris(when))


def test_nothing_is_owed_for_the_time_before_the_schedule_was_known(store: SqlStore) -> None:
    assert owed(WEEKLY, store, at("2021-02-17T10:00")) is None


def test_a_digest_is_owed_from_its_time_on_and_posted_once(store: SqlStore) -> None:
    see(store, "2021-02-17T10:00", v7r0p49=HISTORY["v7r0p49"])
    chat = FakeChat()
    for when in ("2021-02-17T10:00", "2021-02-22T08:59", "2021-02-22T09:00", "2021-02-22T09:01", "2021-02-28T23:59"):
        worked(store, when, chat)
    assert chat.posted == [("#dirac", "1 patch release of DIRAC (v7r0 1)")]


def test_after_being_down_over_a_monday_the_digest_is_posted_at_start_for_the_right_week(store: SqlStore) -> None:
    see(store, "2021-02-17T10:00", v7r0p49=HISTORY["v7r0p49"])
    chat = FakeChat()
    worked(store, "2021-02-17T10:00", chat)
    see(store, "2021-02-24T18:00", **HISTORY)
    worked(store, "2021-02-24T18:00", chat)
    worked(store, "2021-02-24T18:01", chat)
    assert chat.posted == [("#dirac", "1 patch release of DIRAC (v7r0 1)")]
    [delivery] = store.deliveries(["sent"])
    assert (delivery.period_start, delivery.period_end) == (paris("2021-02-15T00:00"), paris("2021-02-22T00:00"))


def test_after_weeks_down_one_digest_is_posted_and_tells_what_the_others_would_have(store: SqlStore) -> None:
    chat = FakeChat()
    see(store, "2021-01-20T10:00")
    worked(store, "2021-01-20T10:00", chat)
    worked(store, "2021-01-25T09:00", chat)
    see(store, "2021-03-03T10:00", **HISTORY)
    made = make_digest(WEEKLY, store, at("2021-03-03T10:00"), paris("2021-03-03T10:00"))
    worked(store, "2021-03-03T10:00", chat)
    assert len(chat.posted) == 2
    assert [release.version for release in made.late] == ["v7r0p49"]


def test_a_late_release_is_told_in_the_next_digest_only(store: SqlStore) -> None:
    chat = FakeChat()
    see(store, "2021-02-17T10:00")
    worked(store, "2021-02-17T10:00", chat)
    worked(store, "2021-02-22T09:00", chat)
    see(store, "2021-02-23T10:00", v7r0p49=HISTORY["v7r0p49"])
    late = [[r.version for r in made_on(store, day).late] for day in ("2021-03-01T09:00", "2021-03-08T09:00")]
    assert late == [["v7r0p49"], ["v7r0p49"]]
    worked(store, "2021-03-01T09:00", chat)
    assert made_on(store, "2021-03-08T09:00").late == ()


def made_on(store: SqlStore, when: str) -> Digest:
    return make_digest(WEEKLY, store, at(when), paris(when))


def test_a_digest_posted_by_hand_is_not_posted_again_on_schedule(store: SqlStore) -> None:
    chat = FakeChat()
    worked(store, "2021-02-17T10:00", chat)
    keep_digest(WEEKLY, made_on(store, "2021-02-22T08:00"), chat, store)
    worked(store, "2021-02-22T09:00", chat)
    worked(store, "2021-02-22T10:00", chat)
    assert len(chat.posted) == 1


def test_a_quiet_digest_is_skipped_once_and_for_all_where_that_is_asked_for(store: SqlStore) -> None:
    see(store, "2021-02-17T10:00")
    chat = FakeChat()
    order = DigestOrder("weekly", "#dirac", "last-week", [DIRAC], "0 9 * * mon", skip_when_quiet=True)
    worked(store, "2021-02-17T10:00", chat, order)
    see(store, "2021-02-22T08:59")
    worked(store, "2021-02-22T09:00", chat, order)
    see(store, "2021-02-22T11:00", v7r0p49=HISTORY["v7r0p49"])
    worked(store, "2021-02-22T11:00", chat, order)
    assert chat.posted == []
    assert [delivery.state for delivery in store.deliveries(["skipped"])] == ["skipped"]


def test_a_chat_that_did_not_take_the_message_is_tried_again(store: SqlStore) -> None:
    chat = FakeChat(ChatUnavailable("slack", "answered 429"))
    worked(store, "2021-02-17T10:00", chat)
    worked(store, "2021-02-22T09:00", chat)
    assert [delivery.error for delivery in store.deliveries(["pending"])] == ["slack: answered 429"]
    worked(store, "2021-02-22T09:01", chat)
    assert len(chat.posted) == 1


def test_a_message_that_may_have_arrived_is_not_sent_again(store: SqlStore) -> None:
    chat = FakeChat(ChatDoubtful("slack", "the connection ended without an answer"))
    worked(store, "2021-02-17T10:00", chat)
    for when in ("2021-02-22T09:00", "2021-02-22T09:01", "2021-02-23T09:00"):
        worked(store, when, chat)
    assert chat.posted == []
    assert len(store.deliveries(["sending"])) == 1


def test_a_refusal_that_no_retry_mends_is_kept_with_its_reason(store: SqlStore) -> None:
    chat = FakeChat(ChatRefused("slack", "not_in_channel", "invite the bot"))
    worked(store, "2021-02-17T10:00", chat)
    worked(store, "2021-02-22T09:00", chat)
    worked(store, "2021-02-22T09:01", chat)
    assert chat.posted == []
    [delivery] = store.deliveries(["failed"])
    assert delivery.error == "slack: not_in_channel; invite the bot"


def test_one_channels_failure_harms_no_other(store: SqlStore) -> None:
    other = DigestOrder("weekly", "#other", "last-week", [DIRAC], "0 9 * * mon")
    chat = FakeChat(ChatRefused("slack", "is_archived"))
    make_owed([WEEKLY, other], store, chat, at("2021-02-17T10:00"))
    make_owed([WEEKLY, other], store, chat, at("2021-02-22T09:00"))
    left = deliver(store.deliveries(["pending"]), chat, store, paris("2021-02-22T09:00"))
    assert [delivery.state for delivery in left] == ["failed"]
    assert [channel for channel, _ in chat.posted] == ["#other"]
