"""What lies ahead of a certification and what fell into a period."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.certification.certification import Certification
from bot.domain.certification.milestones import KINDS, Milestone
from bot.domain.certification.outlook import Goal, course, outlook, remaining, within
from bot.domain.periods.period import Period, midnight
from tests.builders import PARIS

TODAY = date(2021, 2, 22)
days = st.none() | st.dates(date(2020, 12, 1), date(2021, 4, 30))
milestones = st.lists(
    st.builds(Milestone, st.sampled_from(KINDS), st.just("step"), days, days, dropped=st.booleans()), max_size=6
).map(tuple)


def certification(held: tuple[Milestone, ...]) -> Certification:
    return Certification("github:DIRACGrid/DIRAC", "v7r2", TODAY, held, (), (), None)


def period(first: date, after: date) -> Period:
    return Period(midnight(first, PARIS), midnight(after, PARIS), PARIS)


@given(milestones, st.integers(1, 100))
def test_adjoining_periods_divide_the_milestones_of_the_whole(held: tuple[Milestone, ...], width: int) -> None:
    first, after = date(2020, 12, 1), date(2021, 5, 1)
    middle = first + timedelta(days=width)
    parts = (*within(held, period(first, middle)), *within(held, period(middle, after)))
    assert parts == within(held, period(first, after))


@given(milestones, st.sampled_from(Goal))
def test_the_milestone_of_a_goal_is_still_to_do_and_dated_where_any_is(held: tuple[Milestone, ...], goal: Goal) -> None:
    ahead = outlook(certification(held), goal)
    if ahead.milestone is not None:
        assert ahead.milestone in remaining(certification(held))
        assert ahead.done is None
    if goal is Goal.STEP:
        assert (ahead.milestone is None) is (not remaining(certification(held)))


@given(milestones)
def test_a_certification_never_took_less_than_no_time(held: tuple[Milestone, ...]) -> None:
    took = course(certification(held))
    assert took is None or took.days >= 0
