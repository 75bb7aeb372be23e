"""The words for periods and moments, and the intervals they mean."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UsageError
from bot.domain.periods.options import check_period, read_as_of, read_bounds, read_moment, read_period
from bot.domain.periods.period import AsOf
from tests.builders import PARIS, as_of, paris

SLIDE_DAY = as_of("2021-02-22T14:00")
zones = st.sampled_from(
    ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo"]
)
some_days = st.dates(date(1980, 1, 1), date(2100, 1, 1))


def interval(words: str, looking_from: AsOf = SLIDE_DAY) -> tuple[str, str]:
    period = read_period(words, looking_from)
    assert period.start is not None
    return period.start.isoformat(), period.end.isoformat()


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("7d", "2021-02-15T00:00:00+01:00", "2021-02-22T14:00:00+01:00"),
        ("30d", "2021-01-23T00:00:00+01:00", "2021-02-22T14:00:00+01:00"),
        ("4w", "2021-01-25T00:00:00+01:00", "2021-02-22T14:00:00+01:00"),
        ("1m", "2021-01-22T00:00:00+01:00", "2021-02-22T14:00:00+01:00"),
        ("1y", "2020-02-22T00:00:00+01:00", "2021-02-22T14:00:00+01:00"),
        ("0d", "2021-02-22T00:00:00+01:00", "2021-02-22T14:00:00+01:00"),
        ("2021-02-15", "2021-02-15T00:00:00+01:00", "2021-02-16T00:00:00+01:00"),
        ("2021-W07", "2021-02-15T00:00:00+01:00", "2021-02-22T00:00:00+01:00"),
        ("2020-W53", "2020-12-28T00:00:00+01:00", "2021-01-04T00:00:00+01:00"),
        ("2021-02", "2021-02-01T00:00:00+01:00", "2021-03-01T00:00:00+01:00"),
        ("2021-12", "2021-12-01T00:00:00+01:00", "2022-01-01T00:00:00+01:00"),
        ("2021-Q1", "2021-01-01T00:00:00+01:00", "2021-04-01T00:00:00+02:00"),
        ("2021", "2021-01-01T00:00:00+01:00", "2022-01-01T00:00:00+01:00"),
        ("today", "2021-02-22T00:00:00+01:00", "2021-02-23T00:00:00+01:00"),
        ("yesterday", "2021-02-21T00:00:00+01:00", "2021-02-22T00:00:00+01:00"),
        ("this-week", "2021-02-22T00:00:00+01:00", "2021-03-01T00:00:00+01:00"),
        ("last-week", "2021-02-15T00:00:00+01:00", "2021-02-22T00:00:00+01:00"),
        ("Last Week", "2021-02-15T00:00:00+01:00", "2021-02-22T00:00:00+01:00"),
        ("this-month", "2021-02-01T00:00:00+01:00", "2021-03-01T00:00:00+01:00"),
        ("last-month", "2021-01-01T00:00:00+01:00", "2021-02-01T00:00:00+01:00"),
        ("last-quarter", "2020-10-01T00:00:00+02:00", "2021-01-01T00:00:00+01:00"),
        ("this-year", "2021-01-01T00:00:00+01:00", "2022-01-01T00:00:00+01:00"),
        ("last-year", "2020-01-01T00:00:00+01:00", "2021-01-01T00:00:00+01:00"),
    ],
)
def test_each_word_for_a_period_means_one_interval(words: str, start: str, end: str) -> None:
    assert interval(words) == (start, end)


def test_as_of_a_date_a_trailing_period_ends_with_that_day_and_begins_as_at_any_hour_of_it() -> None:
    assert interval("1m", read_as_of("2021-02-22", PARIS)) == ("2021-01-22T00:00:00+01:00", "2021-02-23T00:00:00+01:00")


def test_a_month_before_a_day_that_month_has_not_is_its_last_day() -> None:
    assert interval("1m", as_of("2021-03-31T10:00"))[0] == "2021-02-28T00:00:00+01:00"
    assert interval("1y", as_of("2020-02-29T10:00"))[0] == "2019-02-28T00:00:00+01:00"


def test_a_day_of_23_hours_is_a_whole_day() -> None:
    period = read_period("2021-03-28", SLIDE_DAY)
    assert period.start is not None
    assert period.end.astimezone(UTC) - period.start.astimezone(UTC) == timedelta(hours=23)


def test_the_doubled_hour_of_autumn_lies_in_its_day_twice() -> None:
    period = read_period("2021-10-31", SLIDE_DAY)
    assert datetime(2021, 10, 31, 0, 30, tzinfo=UTC) in period
    assert datetime(2021, 10, 31, 1, 30, tzinfo=UTC) in period
    assert datetime(2021, 10, 31, 23, 0, tzinfo=UTC) not in period


@pytest.mark.parametrize(
    "words",
    ["", "x", "2021-13", "2021-02-30", "2021-W54", "2021-Q5", "0001", "9999", "99999y", "-7d", "7 parrots", "2021-2"],
)
def test_what_is_no_period_is_refused_with_examples(words: str) -> None:
    with pytest.raises(UsageError, match="examples: 7d, 4w, 1m"):
        check_period(words)


@given(st.text(max_size=20))
def test_any_text_is_a_period_or_a_usage_error(words: str) -> None:
    try:
        period = read_period(words, SLIDE_DAY)
    except UsageError:
        return
    assert period.start is None or period.start <= period.end


@given(some_days, zones, st.sampled_from(["week", "month", "quarter", "year"]))
def test_the_last_unit_touches_this_one_without_gap(day: date, zone: str, unit: str) -> None:
    looking_from = AsOf.at(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)), ZoneInfo(zone))
    last, this = read_period(f"last-{unit}", looking_from), read_period(f"this-{unit}", looking_from)
    assert last.end == this.start
    assert looking_from.end in this
    assert looking_from.end not in last


@given(st.integers(1975, 2090), zones)
def test_a_years_months_and_quarters_and_days_make_it_up(year: int, zone: str) -> None:
    looking_from = AsOf.at(datetime(2021, 1, 1, tzinfo=UTC), ZoneInfo(zone))
    whole = read_period(f"{year}", looking_from)
    for parts in ([f"{year}-{month:02d}" for month in range(1, 13)], [f"{year}-Q{n}" for n in range(1, 5)]):
        periods = [read_period(part, looking_from) for part in parts]
        assert (periods[0].start, periods[-1].end) == (whole.start, whole.end)
        assert all(one.end == other.start for one, other in pairwise(periods))


@given(some_days, st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)), zones)
def test_a_moment_lies_in_exactly_one_of_two_touching_days(day: date, moment: datetime, zone: str) -> None:
    looking_from = AsOf.at(datetime(2021, 1, 1, tzinfo=UTC), ZoneInfo(zone))
    one = read_period(day.isoformat(), looking_from)
    other = read_period((day + timedelta(days=1)).isoformat(), looking_from)
    assert one.end == other.start
    aware = moment.replace(tzinfo=UTC)
    assert not (aware in one and aware in other)


def test_a_date_is_inclusive_as_an_end_and_midnight_as_a_beginning() -> None:
    period = read_bounds("2021-01-22", "2021-02-22", SLIDE_DAY).period(SLIDE_DAY, no_release)
    assert (period.start, period.end) == (paris("2021-01-22T00:00"), paris("2021-02-23T00:00"))


def test_a_date_and_time_is_local_unless_it_names_an_offset() -> None:
    period = read_bounds("2021-01-22T10:00", "2021-02-22T10:00Z", SLIDE_DAY).period(SLIDE_DAY, no_release)
    assert (period.start, period.end) == (paris("2021-01-22T10:00"), paris("2021-02-22T11:00"))


def test_since_a_release_leaves_it_out_and_until_a_release_takes_it_in() -> None:
    released = paris("2021-01-20T19:19:23")
    period = read_bounds("v7r1p26", "v7r1p26", SLIDE_DAY).period(SLIDE_DAY, lambda _: released)
    assert period.start == period.end
    assert released not in read_bounds("v7r1p26", None, SLIDE_DAY).period(SLIDE_DAY, lambda _: released)
    assert released in read_bounds(None, "v7r1p26", SLIDE_DAY).period(SLIDE_DAY, lambda _: released)


def test_without_bounds_the_period_is_all_history_to_the_moment_looked_from() -> None:
    period = read_bounds(None, None, SLIDE_DAY).period(SLIDE_DAY, no_release)
    assert (period.start, period.end) == (None, SLIDE_DAY.end)


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(UsageError, match="before it begins"):
        read_bounds("2021-02-22", "2021-01-22", SLIDE_DAY).period(SLIDE_DAY, no_release)


def test_a_bound_that_is_nothing_known_is_refused() -> None:
    with pytest.raises(UsageError, match='--since: "soon" is not a date or a release'):
        read_bounds("soon", None, SLIDE_DAY).period(SLIDE_DAY, no_release)


@pytest.mark.parametrize("text", ["2021-02-30", "1066-10-14", "9999-12-31", "2021-02-22T25:00"])
def test_a_date_that_does_not_exist_or_is_far_away_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="invalid date"):
        read_moment(text, PARIS)


def test_as_of_must_be_a_date() -> None:
    with pytest.raises(UsageError, match='--as-of: invalid date "v7r1"'):
        read_as_of("v7r1", PARIS)


def no_release(text: str) -> datetime:
    raise AssertionError(text)
