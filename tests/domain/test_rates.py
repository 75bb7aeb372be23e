"""How long an interval is in units of the calendar."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.periods.days import Unit
from bot.domain.periods.period import Period
from bot.domain.rates import lengths, suitable_unit
from tests.builders import PARIS, paris

MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC))


def length(unit: Unit, start: datetime, end: datetime) -> Fraction:
    return lengths(Period(start, end, PARIS), start)[unit]


@pytest.mark.parametrize(
    ("unit", "start", "end", "expected"),
    [
        (Unit.MONTH, "2020-01-01T00:00", "2021-01-01T00:00", 12),
        (Unit.DAY, "2020-01-01T00:00", "2021-01-01T00:00", 366),
        (Unit.WEEK, "2021-02-15T00:00", "2021-03-01T00:00", 2),
        (Unit.QUARTER, "2020-10-01T00:00", "2021-04-01T00:00", 2),
        (Unit.YEAR, "2020-01-01T00:00", "2020-02-01T00:00", Fraction(31, 366)),
        (Unit.MONTH, "2021-01-16T12:00", "2021-02-15T00:00", 1),
        # The clocks go forward on this day: it has 23 hours, and is one day.
        (Unit.DAY, "2021-03-28T00:00", "2021-03-29T00:00", 1),
    ],
)
def test_a_whole_unit_counts_as_one_and_a_part_as_its_share(
    unit: Unit, start: str, end: str, expected: Fraction
) -> None:
    assert length(unit, paris(start), paris(end)) == expected


@settings(max_examples=30)
@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted), st.sampled_from(Unit))
def test_the_parts_of_an_interval_are_together_as_long_as_the_whole(moments: list[datetime], unit: Unit) -> None:
    start, between, end = moments
    assert length(unit, start, between) + length(unit, between, end) == length(unit, start, end)


@pytest.mark.parametrize(
    ("count", "start", "end", "unit"),
    [
        (74, "2020-01-01T00:00", "2021-01-01T00:00", Unit.WEEK),
        (23, "2020-01-01T00:00", "2021-01-01T00:00", Unit.MONTH),
        (5, "2020-01-01T00:00", "2021-01-01T00:00", Unit.QUARTER),
        (0, "2020-01-01T00:00", "2021-01-01T00:00", Unit.YEAR),
        (0, "2021-02-01T00:00", "2021-03-01T00:00", Unit.MONTH),
        (2, "2021-02-01T00:00", "2021-02-03T00:00", Unit.DAY),
    ],
)
def test_the_unit_that_suits_has_one_or_more_and_is_no_longer_than_the_interval(
    count: int, start: str, end: str, unit: Unit
) -> None:
    assert suitable_unit(count, lengths(Period(paris(start), paris(end), PARIS), paris(start))) is unit
