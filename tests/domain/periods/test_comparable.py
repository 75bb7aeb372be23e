"""The unit of the calendar before this one, and the part of it that this one has reached."""

import pytest

from bot.domain.periods.comparable import is_present, present, same_part, unit_before
from bot.domain.periods.days import Unit
from bot.domain.periods.period import AsOf, Period
from tests.builders import PARIS, as_of, paris


def period(start: str, end: str) -> Period:
    return Period(paris(start), paris(end), PARIS)


@pytest.mark.parametrize(
    ("unit", "at", "start", "end"),
    [
        (Unit.YEAR, "2021-02-22T14:00", "2020-01-01T00:00", "2020-02-22T14:00"),
        (Unit.QUARTER, "2021-02-22T14:00", "2020-10-01T00:00", "2020-11-22T14:00"),
        (Unit.MONTH, "2021-02-22T14:00", "2021-01-01T00:00", "2021-01-22T14:00"),
        (Unit.MONTH, "2021-03-31T14:00", "2021-02-01T00:00", "2021-02-28T14:00"),
        (Unit.WEEK, "2021-02-24T14:00", "2021-02-15T00:00", "2021-02-17T14:00"),
        (Unit.DAY, "2021-02-22T14:00", "2021-02-21T00:00", "2021-02-21T14:00"),
        (Unit.YEAR, "2020-02-29T14:00", "2019-01-01T00:00", "2019-02-28T14:00"),
    ],
)
def test_the_same_part_ends_on_the_same_day_and_hour(unit: Unit, at: str, start: str, end: str) -> None:
    assert same_part(unit, as_of(at)) == period(start, end)


def test_of_a_whole_day_the_same_part_ends_with_the_day() -> None:
    last_day = AsOf(paris("2021-03-01T00:00"), paris("2021-02-28T00:00").date(), PARIS)
    assert same_part(Unit.MONTH, last_day) == period("2021-01-01T00:00", "2021-02-01T00:00")
    assert present(Unit.MONTH, last_day) == period("2021-02-01T00:00", "2021-03-01T00:00")


def test_the_unit_before_is_found_by_its_ends() -> None:
    at = as_of("2021-02-22T14:00")
    assert unit_before(period("2020-01-01T00:00", "2021-01-01T00:00"), at) is Unit.YEAR
    assert unit_before(period("2021-02-15T00:00", "2021-02-22T00:00"), at) is Unit.WEEK
    assert unit_before(period("2019-01-01T00:00", "2020-01-01T00:00"), at) is None
    assert unit_before(Period(None, paris("2021-01-01T00:00"), PARIS), at) is None
    assert is_present(period("2021-01-01T00:00", "2022-01-01T00:00"), Unit.YEAR, at)
    assert not is_present(period("2021-01-01T00:00", "2021-02-22T14:00"), Unit.YEAR, at)
