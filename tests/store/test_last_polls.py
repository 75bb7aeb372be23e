"""What an answer rests on is what the rules say of every last poll, though few of these are read one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.clocks import believed
from bot.domain.gaps import Gap, gap_of
from bot.domain.periods.period import Period
from bot.domain.polling.record import PollState
from bot.domain.releases import is_mostly_unread
from bot.domain.repositories import Repository, one_of_each_source
from bot.services.basis import Unread, basis_of
from bot.store.schema import repositories
from bot.store.store import Store
from tests.builders import a_repository, a_tag
from tests.examples import part_of
from tests.histories import write_tags
from tests.statements import asked_of

PARIS = ZoneInfo("Europe/Paris")
UNTIL = datetime(2021, 2, 22, 14, tzinfo=PARIS)
WATCHED = [
    a_repository("lab/A"),
    *(replace(a_repository("lab/B"), product=product) for product in ("one", "two")),
    a_repository("lab/C"),
]

moments = st.sampled_from([timedelta(days=-400), timedelta(hours=-3), timedelta(hours=-2), timedelta(), timedelta(1)])
polled = st.none() | moments.map(lambda off: UNTIL + off) | st.just(datetime(2200, 1, 1, tzinfo=UTC))
numbers = st.integers(0, 12)
states = st.builds(PollState, polled, st.none() | st.just("GitHub is not responding"), numbers, numbers)
held = st.dictionaries(st.sampled_from(sorted({each.source for each in WATCHED})), states)
untils = st.sampled_from([UNTIL, datetime(1, 1, 3, tzinfo=UTC), datetime(2200, 6, 1, tzinfo=UTC)])
some_watched = st.lists(st.sampled_from(WATCHED), unique=True)
ages = st.sampled_from([timedelta(hours=2), timedelta(days=500), timedelta.max])


@settings(max_examples=part_of(400), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held, some_watched, untils, ages)
def test_the_basis_of_an_answer_is_what_the_rules_say_of_every_last_poll(
    store: Store, held: dict[str, PollState], watched: list[Repository], until: datetime, stale_after: timedelta
) -> None:
    write(store, held)
    basis = basis_of(watched, store, Period(None, until, PARIS), stale_after)
    now = store.clock.read()
    polls = [held.get(each.source) or PollState() for each in watched]
    gaps = [
        gap_of(each, state.polled_at, state.error, until=until, stale_after=stale_after, now=now)
        for each, state in zip(watched, polls, strict=True)
    ]
    assert told(basis.gaps) == told(gap for gap in gaps if gap is not None)
    known = [None if state.polled_at is None else believed(state.polled_at, now) for state in polls]
    assert basis.complete_until == (None if None in known else min((each for each in known if each), default=None))
    assert list(basis.unread) == [
        Unread(each, state.considered_count, state.unclassified_count)
        for each in one_of_each_source(watched)
        if (state := held.get(each.source)) and is_mostly_unread(state.considered_count, state.unclassified_count)
    ]


def told(gaps: Iterable[Gap]) -> list[tuple[Repository, str | None, datetime | None]]:
    """Return what gaps say; one may begin now, which is a little later when it is said again."""
    return [(gap.repository, gap.error, gap.since and min(gap.since, UNTIL + timedelta(days=2))) for gap in gaps]


def write(store: Store, held: dict[str, PollState]) -> None:
    with store.database.writing() as connection:
        connection.execute(sa.delete(repositories))
        for key, state in held.items():
            connection.execute(sa.insert(repositories).values(key=key, revision=1, rules="", **state._asdict()))


@pytest.mark.parametrize(("late", "number"), [((), 0), (("github:lab/A",), 1)])
def test_only_polls_that_have_to_be_mentioned_are_read(store: Store, late: Sequence[str], number: int) -> None:
    keys = [f"github:lab/{name}" for name in "ABC"]
    write(store, {key: PollState(UNTIL - timedelta(days=key in late), considered_count=9) for key in keys})
    polls = store.tags.last_polls(keys, UNTIL, timedelta(hours=2))
    assert (len(polls.noted), polls.earliest) == (number, UNTIL)


def test_unclassified_tags_are_counted_where_any_are_held(store: Store) -> None:
    [first, *_, last] = WATCHED
    for repository, names in ((first, ["v1r0"]), (last, ["v1r0", "nightly", "weekly"])):
        write_tags(store, repository, [a_tag(name, UNTIL) for name in names])
    whole = Period(None, UNTIL + timedelta(days=1), PARIS)
    for asked, number in (([first], 0), ([first, last], 2)):
        keys = [each.source for each in asked]
        assert store.tags.last_polls(keys, whole.end, timedelta(days=1)).unclassified_count == number
        with asked_of(store) as statements:
            assert basis_of(asked, store, whole, timedelta(days=1)).unclassified == number
        assert len([each for each in statements.statements if "unclassified_tags" in each]) == (number > 0)
