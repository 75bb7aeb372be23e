"""The stored moments of looks: with any history they say what the rule says, however many workers share them."""

from collections import UserDict
from collections.abc import Callable, ItemsView, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.polling.budget import Price
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.look import AT_ONCE, ForgeAccount, Look
from bot.domain.polling.record import PollDepth, PollMark, Unchanged
from bot.domain.repositories import Repository
from bot.domain.watchlist import WatchChange, WatchKind
from bot.services.leases import LENGTH, Holder, Leases
from bot.services.looks import LookSchedule
from bot.services.poll import Asked
from bot.services.poll_schedule import Timing, due
from bot.store.clock import read_clock
from bot.store.schema import hooks, leases, look_rounds, looks, repositories
from bot.store.store import Store
from tests.builders import MONDAY, a_repository
from tests.databases import database_url, postgresql, store
from tests.examples import part_of
from tests.fakes import FakeForge

__all__ = ["database_url", "postgresql", "store"]

OF = ForgeAccount("github", "api.github.com 0f0f")
REPOSITORIES = [a_repository(f"site/extension{number}") for number in range(12)]
TIMING = Timing(timedelta(minutes=10), timedelta(hours=1))
NO_SPACING = timedelta(0)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Plenty(FakeForge):
    """A forge without limits."""

    def prices(self) -> Sequence[Price]:
        return []


SCARCE, PLENTY = FakeForge(), Plenty()


def looks_of(store: Store, watched: list[Repository] = REPOSITORIES) -> LookSchedule:
    return LookSchedule(OF, watched, store)


def worker(store: Store, who: str = "A") -> Leases:
    return Leases(store.leases, Holder(f"id of {who}", who))


def polled(store: Store, asked: Sequence[Asked], at: datetime, *, fails: bool = False) -> None:
    """Record polls without news, the first ones of some repositories among them, or failures."""
    records = store.tags.records(each.repository.source for each in asked)
    for record in records:
        if fails:
            store.polls.write_failure(record.repository, at, "no answer")
        elif record.backfilled_at is None:
            store.polls.write(record, PollMark(at, None, PollDepth.FULL, "r"), PollChanges(), None)
    if not fails:
        store.polls.write_unchanged([Unchanged(each.repository.source, at, each.look) for each in asked])


def looked(
    store: Store,
    at: datetime,
    timing: Timing = TIMING,
    watched: list[Repository] = REPOSITORIES,
    spacing: timedelta = NO_SPACING,
    forge: FakeForge = PLENTY,
) -> list[Asked]:
    """Do what a worker does when it wakes, without asking a forge: give what it would ask for."""
    own = looks_of(store, watched)
    ahead, timing = own.ahead({"github": forge}, timing, at)
    if not ahead.is_due(timing.there("github", at)):
        return []
    until = own.open_round(timing, at, spacing)
    with own.batch(until, timing, lambda: at, worker(store), Event()) as batch:
        polled(store, batch.asked, timing.there("github", at))
        return list(batch.asked)


def names(asked: list[Asked]) -> list[tuple[str, PollDepth]]:
    return sorted((each.repository.key, each.look) for each in asked)


@dataclass
class Happening:
    """What happens before a tick: time goes by, and something changes."""

    seconds: int
    every: int | None = None
    watched: frozenset[int] | None = None
    by_hand: frozenset[int] = frozenset()
    failing: frozenset[int] = frozenset()
    ahead: int | None = None
    certified: frozenset[int] | None = None
    hooked: frozenset[int] = frozenset()


some = st.frozensets(st.integers(0, len(REPOSITORIES) - 1), max_size=3)
passing = st.integers(0, 2000) | st.sampled_from([-90, -7200, -86400])
# Mostly one thing at a time: what is made anew for one reason must not hide another.
happenings = st.one_of(
    st.builds(Happening, passing),
    st.builds(Happening, passing, every=st.sampled_from([60, 90, 601, 3600])),
    st.builds(Happening, passing, watched=st.frozensets(st.integers(0, 11))),
    st.builds(Happening, passing, by_hand=some, failing=some),
    st.builds(Happening, passing, ahead=st.sampled_from([-86400, -90, 90, 7200, 86400])),
    st.builds(Happening, passing, certified=some),
    st.builds(Happening, passing, hooked=some),
)


@pytest.fixture
def memory() -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        yield store


def forget(store: Store) -> None:
    with store.database.writing() as connection:
        for table in (hooks, looks, look_rounds, leases, repositories):
            connection.execute(sa.delete(table))


@pytest.mark.long
@pytest.mark.timeout(300)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=part_of(60))
@given(st.lists(happenings, max_size=8), st.sampled_from([SCARCE, PLENTY]))
def test_what_is_polled_is_what_the_rule_says_whatever_happens(
    memory: Store, history: list[Happening], forge: FakeForge
) -> None:
    """Time, intervals, the watchlist, polls by hand, failures, certifications, webhooks, and clocks of forges."""
    store = memory
    forget(store)
    at, timing, watched = MONDAY, replace(TIMING, hook_forges={"github"}), REPOSITORIES
    for each in history:
        for number in each.hooked:
            store.hooks.arrived("github", REPOSITORIES[number].key)
        at += timedelta(seconds=each.seconds)
        if each.every is not None:
            timing = replace(timing, every=timedelta(seconds=each.every))
        if each.watched is not None:
            watched = [REPOSITORIES[number] for number in sorted(each.watched)]
        if each.certified is not None:
            timing = replace(timing, in_certification={REPOSITORIES[number].key for number in each.certified})
        if each.ahead is not None:
            timing = replace(timing, clocks={"github": timedelta(seconds=each.ahead)})
        for numbers, fails in ((each.by_hand, False), (each.failing, True)):
            some = [Asked(REPOSITORIES[number], PollDepth.COMPLETE) for number in numbers]
            polled(store, some, timing.there("github", at), fails=fails)
        slower = looks_of(store, watched).ahead({"github": forge}, timing, at)[1].slower
        knowing = timing.knowing_hooks([repository.key for repository in watched], store.hooks)
        expected = due(watched, store.tags, replace(knowing, slower=slower), at)
        assert names(looked(store, at, timing, watched, forge=forge)) == names(expected)
        assert looked(store, at, timing, watched, forge=forge) == []


def test_a_tick_with_nothing_due_writes_nothing_and_reads_no_record(store: Store) -> None:
    looked(store, MONDAY)
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, _parameters: object, _context: object, _many: bool) -> None:  # noqa: FBT001
        statements.append(statement)

    own = looks_of(store)
    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    ahead, _ = own.ahead({"github": PLENTY}, TIMING, MONDAY)
    assert not ahead.is_due(MONDAY)
    sa.event.remove(store.database.engine, "before_cursor_execute", note)
    asked = [each for each in statements if not each.startswith("BEGIN")]
    assert len(asked) == 2
    assert not any("repositories" in each or "UPDATE" in each for each in asked)


def test_in_one_round_workers_share_what_is_due_and_what_comes_later_waits_for_the_next(store: Store) -> None:
    looked(store, MONDAY)
    hour = timedelta(hours=1)
    first = looked(store, MONDAY + 4 * MINUTE)
    assert 0 < len(first) < 12
    # By the database's clock it is the same round.
    assert looked(store, MONDAY + 10 * MINUTE, spacing=hour) == []
    with store.database.writing() as connection:
        connection.execute(sa.update(look_rounds).values(opened_at=MONDAY))
    assert len(looked(store, MONDAY + 10 * MINUTE, spacing=hour)) >= 12 - len(first)


@contextmanager
def claiming(store: Store, who: str, at: datetime = MONDAY) -> Iterator[list[str]]:
    own = looks_of(store)
    _, timing = own.ahead({"github": PLENTY}, TIMING, at)
    with own.batch(own.open_round(timing, at, NO_SPACING), timing, lambda: at, worker(store, who), Event()) as batch:
        yield [each.repository.key for each in batch.asked]


@pytest.fixture
def file_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Leases are renewed in a thread of their own."""
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('looks')}/bot.db") as store:
        yield store


def test_what_one_claims_no_other_does_and_what_was_not_polled_stays_due(file_store: Store) -> None:
    with claiming(file_store, "A") as first, claiming(file_store, "B") as second:
        assert (len(first), second) == (12, [])
        held = file_store.looks.in_flight(OF, LENGTH)
        assert held is not None
        assert held.who == "A"
    assert file_store.looks.in_flight(OF, LENGTH) is None
    with claiming(file_store, "B") as again:
        assert len(again) == 12


def claimed(store: Store, who: str, most: int = 500) -> list[str]:
    return store.looks.claim(OF, f"claim of {who}", until=MONDAY, now=MONDAY, most=most, longest=LENGTH)


def test_what_a_worker_that_died_had_claimed_is_free_when_its_lease_is_over(store: Store) -> None:
    looks_of(store).ahead({"github": PLENTY}, TIMING, MONDAY)
    store.leases.take("claim of A", "id of A", "A", LENGTH)
    assert len(claimed(store, "A")) == 12
    assert claimed(store, "B") == []
    store.leases.release("claim of A", "id of A")
    assert len(claimed(store, "B")) == 12
    # What the first still says of them is not heard any more.
    later = Look(MONDAY + DAY, None)
    store.looks.settle("claim of A", {each.key: later for each in REPOSITORIES}, ())
    assert store.looks.ahead(OF).next_at == AT_ONCE


def test_a_lease_that_is_renewed_after_the_clock_was_read_is_still_its_holders(store: Store) -> None:
    looks_of(store).ahead({"github": PLENTY}, TIMING, MONDAY)
    store.leases.take("claim of A", "id of A", "A", LENGTH)
    assert len(claimed(store, "A")) == 12
    with store.database.writing() as connection:
        connection.execute(sa.update(leases).values(ends_at=read_clock(connection) + LENGTH + timedelta(seconds=1)))
    assert claimed(store, "B") == []
    assert store.looks.in_flight(OF, LENGTH) is not None


def test_three_workers_at_most_look_at_a_forge_at_once(store: Store) -> None:
    looks_of(store).ahead({"github": PLENTY}, TIMING, MONDAY)
    for who in "ABCD":
        store.leases.take(f"claim of {who}", f"id of {who}", who, LENGTH)
    assert [len(claimed(store, who, 2)) for who in "ABCD"] == [2, 2, 2, 0]
    store.leases.release("claim of A", "id of A")
    assert len(claimed(store, "D", 2)) == 2


def test_while_all_are_polled_nothing_is_claimed(store: Store) -> None:
    looks_of(store).ahead({"github": PLENTY}, TIMING, MONDAY)
    store.leases.take(OF.account, "id of A", "A", LENGTH)
    assert claimed(store, "B") == []
    store.leases.release(OF.account, "id of A")
    assert len(claimed(store, "B")) == 12


def test_one_whose_history_ends_is_due_at_once(store: Store) -> None:
    looked(store, MONDAY)
    key = REPOSITORIES[3].key
    store.polls.write_failure(key, MONDAY, "another repository", rival="2")
    assert looked(store, MONDAY) == []
    change = WatchChange(0, MONDAY, "somebody", WatchKind.ACCEPT, key)
    store.histories.accept_rival(store.tags.record(key), change)
    assert [each.repository.key for each in looked(store, MONDAY)] == [key]


def test_what_is_not_watched_any_more_is_left_alone_and_removed(store: Store) -> None:
    looked(store, MONDAY)
    some = REPOSITORIES[:4]
    assert len(looked(store, MONDAY + 10 * MINUTE, watched=some)) == 4
    with store.database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(looks)) == 4


def test_one_that_another_worker_does_not_know_yet_is_polled_by_one_that_does(store: Store) -> None:
    looked(store, MONDAY, watched=REPOSITORIES[1:])
    behind = looks_of(store, REPOSITORIES[1:])
    looks_of(store).ahead({"github": PLENTY}, TIMING, MONDAY)
    with behind.batch(MONDAY, TIMING, lambda: MONDAY, worker(store, "B"), Event()) as batch:
        assert (list(batch.claimed), list(batch.asked)) == ([REPOSITORIES[0].key], [])
    assert [each.repository for each in looked(store, MONDAY)] == [REPOSITORIES[0]]


def test_one_that_was_left_out_with_another_token_is_polled_with_the_first_again(store: Store) -> None:
    looked(store, MONDAY)
    other = LookSchedule(ForgeAccount("github", "api.github.com 1e1e"), REPOSITORIES[1:], store)
    other.ahead({"github": PLENTY}, TIMING, MONDAY)
    assert len(looked(store, MONDAY + 10 * MINUTE)) == 12


def test_workers_with_two_tokens_and_one_configuration_leave_each_others_looks(store: Store) -> None:
    looked(store, MONDAY)
    other = LookSchedule(ForgeAccount("github", "api.github.com 1e1e"), REPOSITORIES, store)
    other.ahead({"github": PLENTY}, TIMING, MONDAY)
    assert store.looks.ahead(OF).basis


class Meanwhile(UserDict[str, Look]):
    """Looks to be stored; something happens once what is there was read."""

    def __init__(self, looks: dict[str, Look], then: Callable[[], None]) -> None:
        super().__init__(looks)
        self._then = then

    def items(self) -> ItemsView[str, Look]:
        self._then()
        self._then = lambda: None
        return super().items()


def test_of_two_that_store_looks_at_once_the_last_one_leaves_its_own(store: Store) -> None:
    mine, others = ({each.key: Look(MONDAY, None) for each in some} for some in (REPOSITORIES[:4], REPOSITORIES[2:6]))
    store.looks.arrange(OF, "mine", 100, mine)
    store.looks.arrange(OF, "mine", 100, Meanwhile(mine, lambda: store.looks.arrange(OF, "others'", 100, others)))
    assert store.looks.ahead(OF).basis == "mine"
    assert sorted(claimed(store, "A")) == sorted(mine)


def requests_of(asked: Sequence[Asked]) -> int:
    """Count the requests of a forge that answers fifty quick looks at once."""
    quick = sum(each.look is PollDepth.QUICK for each in asked)
    return len(asked) - quick + -(-quick // 50)


@pytest.mark.long
def test_three_workers_make_as_many_requests_as_one_and_no_more_in_any_minute(memory: Store) -> None:
    many = [a_repository(f"site/extension{number}") for number in range(200)]
    made: dict[int, list[int]] = {}
    for workers in (1, 3):
        forget(memory)
        made[workers] = []
        for minute in range(15):
            with memory.database.writing() as connection:
                connection.execute(sa.update(look_rounds).values(opened_at=MONDAY))
            wakes = [MONDAY + minute * MINUTE + timedelta(seconds=20 * number) for number in range(workers)]
            rounds = [looked(memory, at, watched=many, spacing=timedelta(hours=1)) for at in wakes]
            made[workers].append(sum(map(requests_of, rounds)))
    assert sum(made[3]) <= 1.05 * sum(made[1])
    assert max(made[3]) <= max(made[1])
    assert sum(made[1]) > 200


def test_workers_that_claim_at_once_share_what_is_due(store: Store) -> None:
    looks_of(store).ahead({"github": PLENTY}, TIMING, MONDAY)
    begin, found = Barrier(3), dict[str, list[str]]()

    def claim(who: str) -> None:
        store.leases.take(f"claim of {who}", f"id of {who}", who, LENGTH)
        begin.wait(60)
        found[who] = claimed(store, who, 4)

    threads = [Thread(target=claim, args=(who,)) for who in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(each) for each in found.values()] == [4, 4, 4]
    assert sorted(source for each in found.values() for source in each) == sorted(each.key for each in REPOSITORIES)


def test_a_poll_by_hand_after_the_clock_was_set_back_a_little_is_what_the_next_look_is_made_of(store: Store) -> None:
    looked(store, MONDAY)
    back = MONDAY - 2 * MINUTE
    polled(store, [Asked(each, PollDepth.COMPLETE) for each in REPOSITORIES], back)
    for seconds in range(0, 600, 60):
        at = back + timedelta(seconds=seconds)
        expected = names(due(REPOSITORIES, store.tags, TIMING, at))
        assert names(looked(store, at)) == expected
