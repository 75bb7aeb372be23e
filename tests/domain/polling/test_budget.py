"""What polling costs of a limit, and how much slower it becomes for that."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.polling.budget import Cost, Limit, Price, budget_of, cost_a_day, looks_a_day
from bot.domain.polling.schedule import Rhythm

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
USUAL = Rhythm(10 * MINUTE, HOUR, DAY)
PUBLIC = Price("core", 60, HOUR, quick=Cost(1), complete=Cost(1), full=Cost(2))

rhythms = st.tuples(st.integers(10, 3_600), st.integers(1, 100), st.integers(1, 100)).map(
    lambda numbers: Rhythm(
        timedelta(seconds=numbers[0]),
        timedelta(seconds=numbers[0] * numbers[1]),
        timedelta(seconds=numbers[0] * numbers[1] * numbers[2]),
    )
)


def test_a_day_has_so_many_looks_of_each_kind() -> None:
    assert looks_a_day(USUAL) == (144 - 24, 23, 1)


def test_the_pages_of_a_list_count() -> None:
    assert [Cost(1, a_page=1).of(tags) for tags in (0, 1, 100, 101, 1_114)] == [2, 2, 2, 3, 13]


def test_a_handful_without_a_token_takes_more_than_half_of_the_public_limit() -> None:
    budget = budget_of(PUBLIC, cost_a_day(PUBLIC, [(100, USUAL)] * 7), 0.5, None)
    assert (budget.a_day, budget.allowed) == (7 * 145, 1_440)
    assert 1.4 < budget.slower < 1.42


def test_a_thousand_with_a_token_take_a_fraction() -> None:
    price = Price("graphql", 5_000, HOUR, quick=Cost(0.02), full=Cost(a_page=1))
    budget = budget_of(price, cost_a_day(price, [(100, USUAL)] * 1_000), 0.5, None)
    assert round(budget.a_day, 6) == 120 * 20 + 1_000
    assert budget.slower == 1


def test_the_limit_that_the_forge_told_counts() -> None:
    told = Limit("core", 15_000, 14_000, HOUR, None, datetime(2021, 2, 22, tzinfo=UTC))
    assert budget_of(PUBLIC, 1_000, 0.5, told).allowed == 15_000 * 24
    assert budget_of(PUBLIC, 1_000, 0.5, Limit("core", 0, 0, HOUR, None, told.seen_at)).slower == 1


@given(st.lists(st.tuples(st.integers(0, 5_000), rhythms), max_size=30), st.floats(0.01, 1))
def test_slowed_down_it_keeps_to_the_share(repositories: list[tuple[int, Rhythm]], share: float) -> None:
    budget = budget_of(PUBLIC, cost_a_day(PUBLIC, repositories), share, None)
    slowed = [(tags, rhythm.stretched(budget.slower)) for tags, rhythm in repositories]
    assert cost_a_day(PUBLIC, slowed) <= budget.allowed * share * 1.000_001 or budget.slower == 1


@given(rhythms)
def test_the_looks_of_a_day_are_as_many_as_the_polls(rhythm: Rhythm) -> None:
    assert abs(sum(looks_a_day(rhythm)) - DAY / rhythm.every) < 1e-6
