"""Which repositories are polled now, and how deep."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord, Unchanged
from bot.services.poll_schedule import Timing, complete, due, next_poll
from bot.store.store import Store
from tests.builders import MONDAY, a_repository, a_tag, days

REPOSITORIES = [a_repository(f"site/extension{number}") for number in range(60)]
TIMING = Timing(timedelta(minutes=10), timedelta(hours=1))
MINUTE = timedelta(minutes=1)


def polled(store: Store, at: datetime = MONDAY) -> None:
    for repository in REPOSITORIES:
        found = PollChanges(added=(a_tag("v7r1"),))
        store.polls.write(RepositoryRecord(repository.key), PollMark(at, None, PollDepth.FULL, "r"), found, None)


def looks(store: Store, at: datetime, timing: Timing = TIMING) -> list[PollDepth]:
    return [asked.look for asked in due(REPOSITORIES, store.tags, timing, at)]


def test_what_was_never_polled_is_asked_for_in_full(store: Store) -> None:
    assert looks(store, MONDAY) == [PollDepth.FULL] * 60


def test_nothing_is_due_right_after_a_poll_and_a_part_in_each_minute(store: Store) -> None:
    polled(store)
    assert looks(store, MONDAY) == []
    assert 0 < len(looks(store, MONDAY + MINUTE)) < 20
    assert len(looks(store, MONDAY + 10 * MINUTE)) == 60


def test_within_the_hour_each_repository_is_asked_six_times_and_once_completely(store: Store) -> None:
    polled(store)
    seen: dict[str, list[PollDepth]] = {repository.key: [] for repository in REPOSITORIES}
    for minute in range(1, 61):
        at = MONDAY + minute * MINUTE
        asked = due(REPOSITORIES, store.tags, TIMING, at)
        for each in asked:
            seen[each.repository.key].append(each.look)
        store.polls.write_unchanged([Unchanged(each.repository.key, at, each.look) for each in asked])
    assert {len(each) for each in seen.values()} <= {6, 7}
    assert all(any(look >= PollDepth.COMPLETE for look in each) for each in seen.values())
    assert sum(look is PollDepth.QUICK for each in seen.values() for look in each) >= 60 * 4


def test_one_that_fails_is_not_asked_more_often_than_the_others(store: Store) -> None:
    at = MONDAY + days(3)
    polled(store)
    for repository in REPOSITORIES:
        store.polls.write_failure(repository.key, at, "no answer")
    assert looks(store, at + timedelta(seconds=1)) == []
    assert len(looks(store, at + 10 * MINUTE)) == 60


def test_one_in_certification_is_always_asked_completely(store: Store) -> None:
    polled(store)
    certified = Timing(TIMING.every, TIMING.complete_every, {repository.key for repository in REPOSITORIES})
    found = looks(store, MONDAY + 10 * MINUTE, certified)
    assert len(found) == 60
    assert min(found) is PollDepth.COMPLETE


def test_one_whose_webhooks_arrive_is_asked_less_often_and_completely_once_a_day(store: Store) -> None:
    polled(store)
    hooked = replace(TIMING, hooked={repository.key for repository in REPOSITORIES})
    assert looks(store, MONDAY + MINUTE, hooked) != looks(store, MONDAY + MINUTE)
    assert len(looks(store, MONDAY + 10 * MINUTE, hooked)) < 20
    found = looks(store, MONDAY + 60 * MINUTE, hooked)
    assert len(found) == 60
    assert found.count(PollDepth.QUICK) > 50
    assert min(looks(store, MONDAY + timedelta(hours=24), hooked)) >= PollDepth.COMPLETE


def test_webhooks_count_only_where_they_are_taken(store: Store) -> None:
    store.hooks.arrived("github", REPOSITORIES[0].key)
    sources = [repository.key for repository in REPOSITORIES]
    assert TIMING.knowing_hooks(sources, store.hooks).hooked == frozenset()
    taking = replace(TIMING, hook_forges={"github"})
    assert taking.knowing_hooks(sources, store.hooks).hooked == {REPOSITORIES[0].key}


def test_a_poll_by_hand_asks_for_every_tag_of_all(store: Store) -> None:
    polled(store)
    assert {asked.look for asked in complete(REPOSITORIES, store.tags, TIMING, MONDAY + MINUTE)} == {PollDepth.COMPLETE}
    assert {asked.look for asked in complete(REPOSITORIES, store.tags, TIMING, MONDAY + days(2))} == {PollDepth.FULL}


def test_what_is_due_is_asked_with_the_clock_that_polls_are_recorded_by(store: Store) -> None:
    day_ahead = replace(TIMING, clocks={"github": days(1)})
    polled(store, MONDAY + days(1))
    assert looks(store, MONDAY, day_ahead) == []
    assert len(looks(store, MONDAY + 10 * MINUTE, day_ahead)) == 60
    assert {asked.look for asked in complete(REPOSITORIES, store.tags, day_ahead, MONDAY + MINUTE)} == {
        PollDepth.COMPLETE
    }
    [record] = store.tags.records([REPOSITORIES[0].key])
    told = next_poll(REPOSITORIES[0], record, day_ahead, MONDAY)
    assert told is not None
    assert MONDAY < told <= MONDAY + 10 * MINUTE
