"""How the bot is doing: what it costs, what is late, and when it goes on."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.polling.budget import Limit, Price
from bot.domain.polling.record import PollDepth
from bot.services.budget import budgets, within
from bot.services.digests import keep_digest
from bot.services.poll import Asked, poll
from bot.services.poll_schedule import Timing, due
from bot.services.ports import ForgeUnavailable
from bot.services.status import Status, read_status
from bot.store.store import Store
from tests.builders import MONDAY, a_ref, a_repository
from tests.fakes import FakeChat, FakeForge
from tests.services.test_digests import WEEKLY, made_on

DIRAC, PILOT = a_repository(), a_repository("DIRACGrid/Pilot")
TIMING = Timing(timedelta(minutes=10), timedelta(hours=1))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def polled(store: Store, forge: FakeForge) -> None:
    list(poll([Asked(each, PollDepth.FULL) for each in (DIRAC, PILOT)], {"github": forge}, store, lambda: MONDAY))


def now(store: Store, after: timedelta = timedelta()) -> Status:
    return read_status([DIRAC, PILOT], {"github": FakeForge()}, store, TIMING, MONDAY + after)


def fine() -> FakeForge:
    return FakeForge(DIRAC={a_ref("v7r1"): None}, Pilot={})


def test_before_the_first_poll_everything_is_late(store: Store) -> None:
    told = now(store)
    assert (told.complete_until, told.is_fine) == (None, False)
    assert [each.next_poll for each in told.repositories] == [None, None]


def test_after_a_poll_everything_is_fine_until_two_turns_are_missed(store: Store) -> None:
    polled(store, fine())
    told = now(store, 20 * MINUTE)
    assert (told.complete_until, told.is_fine) == (MONDAY, True)
    assert [each.record.tag_count for each in told.repositories] == [1, 0]
    assert [each.repository for each in now(store, 21 * MINUTE).stale] == [DIRAC, PILOT]


def test_one_whose_webhooks_arrive_is_late_later(store: Store) -> None:
    polled(store, fine())
    store.hooks.arrived("github", DIRAC.key, is_news=True)
    taking = replace(TIMING, hook_forges={"github"})
    told = read_status([DIRAC, PILOT], {"github": FakeForge()}, store, taking, MONDAY + HOUR)
    assert [each.repository for each in told.stale] == [PILOT]
    [forge] = told.forges
    assert forge.hooks is not None
    assert (forge.hooks.repositories, forge.hooked_every, forge.every) == (1, HOUR, 10 * MINUTE)
    assert [each.hook_at for each in told.repositories] == [forge.hooks.last_at, None]
    [plain] = now(store).forges
    assert plain.hooks is None


def test_what_fails_is_told(store: Store) -> None:
    forge = fine()
    forge.answers["Pilot"] = ForgeUnavailable("x", "answered 502")
    polled(store, forge)
    assert [each.repository for each in now(store).stale] == [PILOT]


def test_a_delivery_is_stuck_an_hour_after_it_was_begun(store: Store) -> None:
    polled(store, fine())
    kept = keep_digest(WEEKLY, made_on(store, "2021-02-22T09:00"), FakeChat(), store)
    assert now(store, 2 * HOUR).stuck == []
    begun = store.deliveries.claim(kept, MONDAY)
    assert begun is not None
    assert (now(store, HOUR).stuck, now(store, HOUR).deliveries["sending"]) == ([], 1)
    late = now(store, HOUR + timedelta(seconds=1))
    assert ([each.id for each in late.stuck], late.is_fine) == ([begun.id], False)


def test_the_next_poll_is_the_next_at_which_it_is_due(store: Store) -> None:
    polled(store, fine())
    [following, _] = [each.next_poll for each in now(store).repositories]
    assert following is not None
    assert DIRAC in [asked.repository for asked in due([DIRAC], store.tags, TIMING, following)]
    assert due([DIRAC], store.tags, TIMING, following - timedelta(seconds=1)) == []


def test_a_limit_that_the_forge_told_is_kept_and_counted_with(store: Store) -> None:
    forge = fine()
    forge.told = [Limit("core", 12, 7, HOUR, MONDAY + HOUR, MONDAY)]
    polled(store, forge)
    [told] = now(store).forges
    [budget] = told.budgets
    assert budget.reported == forge.told[0]
    assert budget.allowed == 12 * 24
    assert told.slower > 1.9
    assert told.every == TIMING.every * told.slower
    forge.told = [Limit("core", 60, 59, HOUR, None, MONDAY + HOUR)]
    polled(store, forge)
    assert now(store).forges[0].budgets[0].reported == forge.told[0]


def test_a_slower_pace_polls_less_often(store: Store) -> None:
    polled(store, fine())
    store.polls.write_limits("github", [Limit("core", 2, 1, HOUR, None, MONDAY)])
    slow = within(TIMING, budgets([DIRAC, PILOT], {"github": fine()}, store, TIMING, MONDAY))
    assert slow.slower["github"] > 10
    later = MONDAY + 11 * MINUTE
    assert len(due([DIRAC, PILOT], store.tags, TIMING, later)) == 2
    assert due([DIRAC, PILOT], store.tags, slow, later) == []


def test_a_forge_without_limits_is_never_slowed_down(store: Store) -> None:
    class Free(FakeForge):
        def prices(self) -> list[Price]:
            return []

    assert within(TIMING, budgets([DIRAC], {"github": Free()}, store, TIMING, MONDAY)).slower == {"github": 1.0}


def test_what_is_late_is_told_by_the_clock_that_polls_are_recorded_by(store: Store) -> None:
    forge = fine()
    forge.ahead = timedelta(days=-1)
    polled(store, forge)
    told = read_status([DIRAC, PILOT], {"github": forge}, store, TIMING, MONDAY + MINUTE)
    assert told.is_fine
    assert all(each.next_poll is not None and each.next_poll > MONDAY for each in told.repositories)
