"""Which digests are owed, and that each reaches its channel once."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.digests.digest import Digest
from bot.domain.digests.news import Role
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails
from bot.services.deliver import DeliverySender, drop
from bot.services.digests import DigestOrder, keep_digest, make_digest, make_owed, owed
from bot.services.poll import Asked, poll
from bot.store.store import Store
from tests.builders import PARIS, a_commit, a_ref, a_repository, paris
from tests.fakes import FakeChat, FakeForge
from tests.whole import every_mention

DIRAC = a_repository()
WEEKLY = DigestOrder("weekly", "#dirac", "last-week", [DIRAC], schedule="0 9 * * mon")
HISTORY = {"v7r0p49": paris("2021-02-15T20:19"), "v7r1p30": paris("2021-02-24T17:00")}


def at(text: str) -> AsOf:
    return AsOf.at(paris(text), PARIS)


def see(store: Store, when: str, **history: datetime) -> None:
    forge = FakeForge(DIRAC={a_ref(name): TagDetails(a_commit(name), committed=date) for name, date in history.items()})
    list(poll([Asked(DIRAC, PollDepth.COMPLETE)], {"github": forge}, store, lambda: paris(when)))


def worked(store: Store, when: str, chat: FakeChat, order: DigestOrder = WEEKLY) -> None:
    """Do what the worker does when it wakes."""
    make_owed([order], store, chat, at(when))
    DeliverySender(chat, store.deliveries, lambda: paris(when)).deliver_all()


def test_nothing_is_owed_for_the_time_before_the_schedule_was_known(store: Store) -> None:
    assert owed(WEEKLY, store, at("2021-02-17T10:00")) == []


def test_a_digest_is_owed_from_its_time_on_and_posted_once(store: Store) -> None:
    see(store, "2021-02-17T10:00", v7r0p49=HISTORY["v7r0p49"])
    chat = FakeChat()
    for when in ("2021-02-17T10:00", "2021-02-22T08:59", "2021-02-22T09:00", "2021-02-22T09:01", "2021-02-28T23:59"):
        worked(store, when, chat)
    assert chat.posted == [("#dirac", "1 patch release of DIRAC (v7r0: 1)")]


def test_after_being_down_over_a_monday_the_digest_is_posted_at_start_for_the_right_week(store: Store) -> None:
    see(store, "2021-02-17T10:00", v7r0p49=HISTORY["v7r0p49"])
    chat = FakeChat()
    worked(store, "2021-02-17T10:00", chat)
    see(store, "2021-02-24T18:00", **HISTORY)
    worked(store, "2021-02-24T18:00", chat)
    worked(store, "2021-02-24T18:01", chat)
    assert chat.posted == [("#dirac", "1 patch release of DIRAC (v7r0: 1)")]
    [delivery] = store.deliveries.in_states(["sent"])
    assert (delivery.period_start, delivery.period_end) == (paris("2021-02-15T00:00"), paris("2021-02-22T00:00"))


def test_after_weeks_down_one_digest_is_posted_and_tells_what_the_others_would_have(store: Store) -> None:
    chat = FakeChat()
    see(store, "2021-01-20T10:00")
    worked(store, "2021-01-20T10:00", chat)
    worked(store, "2021-01-25T09:00", chat)
    see(store, "2021-03-03T10:00", **HISTORY)
    made = make_digest(WEEKLY, store, at("2021-03-03T10:00"), paris("2021-03-03T10:00"))
    worked(store, "2021-03-03T10:00", chat)
    assert len(chat.posted) == 2
    assert [release.version for release in made.late] == ["v7r0p49"]


def test_a_late_release_is_told_in_the_next_digest_only(store: Store) -> None:
    chat = FakeChat()
    see(store, "2021-02-17T10:00")
    worked(store, "2021-02-17T10:00", chat)
    worked(store, "2021-02-22T09:00", chat)
    see(store, "2021-02-23T10:00", v7r0p49=HISTORY["v7r0p49"])
    late = [[r.version for r in made_on(store, day).late] for day in ("2021-03-01T09:00", "2021-03-08T09:00")]
    assert late == [["v7r0p49"], ["v7r0p49"]]
    worked(store, "2021-03-01T09:00", chat)
    assert made_on(store, "2021-03-08T09:00").late == ()


def made_on(store: Store, when: str) -> Digest:
    return make_digest(WEEKLY, store, at(when), paris(when))


def test_a_digest_posted_by_hand_is_not_posted_again_on_schedule(store: Store) -> None:
    chat = FakeChat()
    worked(store, "2021-02-17T10:00", chat)
    keep_digest(WEEKLY, made_on(store, "2021-02-22T08:00"), chat, store)
    worked(store, "2021-02-22T09:00", chat)
    worked(store, "2021-02-22T10:00", chat)
    assert len(chat.posted) == 1


def test_a_quiet_digest_is_skipped_once_and_for_all_where_that_is_asked_for(store: Store) -> None:
    see(store, "2021-02-17T10:00")
    chat = FakeChat()
    order = DigestOrder("weekly", "#dirac", "last-week", [DIRAC], "0 9 * * mon", skip_when_quiet=True)
    worked(store, "2021-02-17T10:00", chat, order)
    see(store, "2021-02-22T08:59")
    worked(store, "2021-02-22T09:00", chat, order)
    see(store, "2021-02-22T11:00", v7r0p49=HISTORY["v7r0p49"])
    worked(store, "2021-02-22T11:00", chat, order)
    assert chat.posted == []
    assert [delivery.state for delivery in store.deliveries.in_states(["skipped"])] == ["skipped"]


def test_every_digest_that_was_missed_is_made_where_all_are_wanted_and_says_that_it_is_late(store: Store) -> None:
    every = replace(WEEKLY, catch_up="all")
    chat = FakeChat()
    see(store, "2021-02-10T10:00")
    worked(store, "2021-02-10T10:00", chat, every)
    see(store, "2021-03-03T10:00", **HISTORY)
    moments = [moment.end for moment in owed(every, store, at("2021-03-03T10:00"))]
    assert moments == [paris("2021-02-15T09:00"), paris("2021-02-22T09:00"), paris("2021-03-01T09:00")]
    worked(store, "2021-03-03T10:00", chat, every)
    told = [headline for _, headline in chat.posted]
    assert told == [
        "No patch releases of DIRAC",
        "1 patch release of DIRAC (v7r0: 1)",
        "1 patch release of DIRAC (v7r1: 1)",
    ]
    worked(store, "2021-03-03T10:01", chat, every)
    assert len(chat.posted) == 3


@pytest.mark.parametrize(("noticed", "count"), [("2021-02-22T10:00", 1), ("2021-02-22T10:01", 0)])
def test_a_digest_that_was_missed_is_not_made_where_none_is_wanted(store: Store, noticed: str, count: int) -> None:
    none = replace(WEEKLY, catch_up="none")
    chat = FakeChat()
    worked(store, "2021-02-17T10:00", chat, none)
    worked(store, noticed, chat, none)
    assert len(chat.posted) == count


def test_what_a_missed_digest_would_have_told_is_told_by_the_next_as_late(store: Store) -> None:
    none = replace(WEEKLY, catch_up="none")
    chat = FakeChat()
    see(store, "2021-02-10T10:00")
    worked(store, "2021-02-10T10:00", chat, none)
    worked(store, "2021-02-15T09:00", chat, none)
    see(store, "2021-02-24T18:00", **HISTORY)
    worked(store, "2021-02-24T18:00", chat, none)
    assert len(chat.posted) == 1
    assert [release.version for release in made_on(store, "2021-03-01T09:00").late] == ["v7r0p49"]


def test_a_digest_made_long_after_it_was_due_is_late(store: Store) -> None:
    due = at("2021-02-22T09:00")
    moments = (paris("2021-02-22T10:00"), paris("2021-02-22T10:01"))
    made = [replace(make_digest(WEEKLY, store, due, moment), due=due.end) for moment in moments]
    assert [digest.is_made_late for digest in made] == [False, True]
    assert not made_on(store, "2021-02-24T09:00").is_made_late


def test_another_schedule_in_the_middle_of_a_week_repeats_no_week(store: Store) -> None:
    chat = FakeChat()
    worked(store, "2021-02-17T10:00", chat)
    worked(store, "2021-02-22T09:00", chat)
    changed = replace(WEEKLY, schedule="0 9 * * wed")
    for when in ("2021-02-23T09:00", "2021-02-24T09:00", "2021-02-24T09:01"):
        worked(store, when, chat, changed)
    assert len(chat.posted) == 1
    worked(store, "2021-03-03T09:00", chat, changed)
    assert len(chat.posted) == 2


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati"])
def test_another_time_zone_in_the_middle_of_a_week_leaves_no_gap_and_tells_nothing_twice(
    store: Store, zone: str
) -> None:
    chat = FakeChat()
    elsewhere = ZoneInfo(zone)
    edge = paris("2021-02-22T00:00")
    around = {f"v7r1p{hours + 30}": edge + timedelta(hours=hours) for hours in range(-15, 16)}
    see(store, "2021-02-10T10:00")
    worked(store, "2021-02-10T10:00", chat)
    see(store, "2021-02-22T16:00", **around)
    worked(store, "2021-02-22T16:00", chat)
    first = {mention.key[1] for mention in every_mention(store, "weekly", "#dirac") if mention.role is Role.NAMED}
    for moment in (paris("2021-02-22T16:01"), paris("2021-02-23T16:00")):
        assert owed(WEEKLY, store, AsOf.at(moment, elsewhere)) == []
    monday = AsOf.at(datetime(2021, 3, 1, 9, 0, tzinfo=elsewhere), elsewhere)
    second = make_digest(WEEKLY, store, monday, monday.end)
    then = {release.normalized for part in second.repositories for release in part.releases}
    late = {release.normalized for release in second.late}
    assert len(first) == 15
    assert not first & (then | late)
    assert len(first | then | late) == len(around)
    assert late == set()


SINCE_LAST = replace(WEEKLY, period="since-last")


def test_since_last_begins_with_one_interval_and_goes_on_where_the_digest_before_ended(store: Store) -> None:
    chat = FakeChat()
    for when in ("2021-02-10T10:00", "2021-02-15T09:00", "2021-02-22T11:00"):
        worked(store, when, chat, SINCE_LAST)
    first, second = store.deliveries.in_states(["sent"])
    assert (first.period_start, first.period_end) == (paris("2021-02-08T09:00"), paris("2021-02-15T09:00"))
    assert (second.period_start, second.period_end) == (paris("2021-02-15T09:00"), paris("2021-02-22T09:00"))


@pytest.mark.parametrize(("catch_up", "starts"), [("last", ["15"]), ("all", ["15", "22"]), ("none", [])])
def test_since_last_covers_the_time_that_the_bot_was_down(store: Store, catch_up: str, starts: list[str]) -> None:
    order = replace(SINCE_LAST, catch_up=catch_up)
    chat = FakeChat()
    for when in ("2021-02-10T10:00", "2021-02-15T09:00", "2021-03-02T09:00", "2021-03-08T09:00"):
        worked(store, when, chat, order)
    made = store.deliveries.in_states(["sent"])
    expected = [paris("2021-02-08T09:00"), *(paris(f"2021-02-{day}T09:00") for day in starts)]
    last = paris("2021-03-01T09:00") if starts else paris("2021-02-15T09:00")
    assert [each.period_start for each in made] == [*expected, last]
    assert [each.period_end for each in made[:-1]] == [each.period_start for each in made[1:]]


def test_a_dropped_digest_does_not_count_for_since_last(store: Store) -> None:
    chat = FakeChat()
    worked(store, "2021-02-10T10:00", chat, SINCE_LAST)
    make_owed([SINCE_LAST], store, chat, at("2021-02-15T09:00"))
    [delivery] = store.deliveries.in_states(["pending"])
    drop(delivery.id, store.deliveries, chat, "tester", paris("2021-02-15T09:00"))
    worked(store, "2021-02-22T09:00", chat, SINCE_LAST)
    [second] = store.deliveries.in_states(["sent"])
    assert second.period_start == paris("2021-02-15T09:00")


def test_since_last_in_another_zone_makes_no_second_digest_of_the_same_monday(store: Store) -> None:
    chat = FakeChat()
    for when in ("2021-02-10T10:00", "2021-02-15T09:00"):
        worked(store, when, chat, SINCE_LAST)
    york = ZoneInfo("America/New_York")
    monday = datetime(2021, 2, 15, 9, 0, tzinfo=york)
    assert owed(SINCE_LAST, store, AsOf.at(monday, york)) == []
    [moment] = owed(SINCE_LAST, store, AsOf.at(monday + timedelta(days=7), york))
    assert make_digest(SINCE_LAST, store, moment, moment.end).period.start == paris("2021-02-15T09:00")


def test_since_last_over_a_change_of_clocks_leaves_no_hour_out(store: Store) -> None:
    daily = replace(SINCE_LAST, schedule="30 2 * * *")
    chat = FakeChat()
    for when in ("2021-10-29T10:00", "2021-10-30T10:00", "2021-10-31T10:00", "2021-11-01T10:00"):
        worked(store, when, chat, daily)
    made = store.deliveries.in_states(["sent"])
    assert len(made) == 3
    assert [each.period_end for each in made[:-1]] == [each.period_start for each in made[1:]]


def test_since_last_needs_a_schedule(store: Store) -> None:
    with pytest.raises(UsageError, match='digest "weekly": has no schedule for its period since-last to go by'):
        make_digest(replace(SINCE_LAST, schedule=""), store, at("2021-02-22T09:00"), paris("2021-02-22T09:00"))


def test_the_worker_makes_no_digest_of_a_slot_that_was_posted_by_hand(store: Store) -> None:
    chat = FakeChat()
    worked(store, "2021-02-17T10:00", chat, SINCE_LAST)
    kept = keep_digest(
        SINCE_LAST, make_digest(SINCE_LAST, store, at("2021-02-22T10:00"), at("2021-02-22T10:00").end), chat, store
    )
    for when in ("2021-02-22T10:01", "2021-02-24T10:00"):
        assert owed(SINCE_LAST, store, at(when)) == []
        moment = at(when)
        assert keep_digest(SINCE_LAST, make_digest(SINCE_LAST, store, moment, moment.end), chat, store).id == kept.id


def test_the_maintainers_hear_of_a_digest_once_for_all_of_its_channels(store: Store) -> None:
    see(store, "2021-02-17T10:00", v7r0p49=HISTORY["v7r0p49"], grep=HISTORY["v7r0p49"])
    chat, heard = FakeChat(), list[Digest]()
    orders = [WEEKLY, replace(WEEKLY, channel="#other")]
    for when in ("2021-02-17T10:00", "2021-02-22T09:00", "2021-02-22T09:05"):
        make_owed(orders, store, chat, at(when), to_maintain=heard.append)
    assert [digest.name for digest in heard] == ["weekly"]
    assert [each.tag for each in heard[0].unclassified] == ["grep"]


def test_a_digest_knows_what_precedes_its_releases_and_what_came_in_the_periods_before(store: Store) -> None:
    dates = {f"v7r0p{number}": paris(f"2020-{number:02}-10T12:00") for number in range(8, 13)}
    see(store, "2021-02-17T10:00", **dates, v7r0p49=HISTORY["v7r0p49"])
    repository = replace(DIRAC, comparison_url="https://forge.example/compare/{before}...{after}")
    order = replace(WEEKLY, repositories=[repository], period="1m")
    digest = make_digest(order, store, at("2021-02-22T09:00"), paris("2021-02-22T09:00"))
    [detail] = digest.details.values()
    assert (detail.before, detail.comparison_url) == ("v7r0p12", "https://forge.example/compare/v7r0p12...v7r0p49")
    assert digest.trends == {}
    keep_digest(order, digest, FakeChat(), store)
    later = make_digest(order, store, at("2021-03-01T09:00"), paris("2021-03-01T09:00"))
    assert later.trends[DIRAC.key].counts == (0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0)
