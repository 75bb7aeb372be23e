"""When a digest is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digests.schedule import check_schedule, last_due, next_due
from bot.domain.errors import UsageError
from tests.builders import PARIS, paris

MONDAYS = "0 9 * * mon"


def test_monday_is_monday() -> None:
    assert next_due(MONDAYS, PARIS, paris("2021-02-16T12:00")) == paris("2021-02-22T09:00")
    assert last_due(MONDAYS, PARIS, paris("2021-02-24T12:00")) == paris("2021-02-22T09:00")


def test_the_very_minute_is_due() -> None:
    assert last_due(MONDAYS, PARIS, paris("2021-02-22T09:00")) == paris("2021-02-22T09:00")
    assert next_due(MONDAYS, PARIS, paris("2021-02-22T09:00")) == paris("2021-03-01T09:00")


def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change() -> None:
    assert next_due(MONDAYS, PARIS, paris("2021-03-22T09:00")).isoformat() == "2021-03-29T09:00:00+02:00"
    assert next_due(MONDAYS, PARIS, paris("2021-10-25T09:00")).isoformat() == "2021-11-01T09:00:00+01:00"


def test_a_time_that_comes_twice_in_autumn_is_due_once() -> None:
    first = next_due("30 2 * * *", PARIS, paris("2021-10-30T12:00"))
    assert first.isoformat() == "2021-10-31T02:30:00+02:00"
    assert next_due("30 2 * * *", PARIS, first).isoformat() == "2021-11-01T02:30:00+01:00"
    assert last_due("30 2 * * *", PARIS, paris("2021-10-31T12:00")) == first


def test_a_time_that_spring_leaves_out_is_due_at_the_next_that_exists() -> None:
    assert next_due("30 2 * * *", PARIS, paris("2021-03-27T12:00")).isoformat() == "2021-03-28T03:00:00+02:00"


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),
    st.sampled_from([MONDAYS, "30 2 * * *", "0 0 1 * *", "15 6 * * mon-fri"]),
    st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Tokyo"]),
)
def test_what_was_last_due_is_what_the_schedule_gives_next_from_before_it(at: datetime, text: str, zone: str) -> None:
    now, place = at.replace(tzinfo=UTC), ZoneInfo(zone)
    due = last_due(text, place, now)
    assert due <= now < next_due(text, place, due)
    assert next_due(text, place, due.astimezone(UTC) - timedelta(seconds=1)) == due


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0 9 * * 1", "gives the weekday by number"),
        ("0 9 * * mon,3", "gives the weekday by number"),
        ("0 9 * *", "has 4 fields"),
        ("@weekly", "has 1 field,"),
        ("61 9 * * mon", "invalid schedule"),
        ("0 0 30 2 *", "invalid schedule"),
        ("nine o clock on monday", "invalid schedule"),
    ],
)
def test_a_schedule_that_is_none_is_refused(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        check_schedule(text)


@pytest.mark.parametrize(
    "text", [MONDAYS, "*/5 * * * *", "0 9 1 * *", "0 9 * * MON-FRI", "0 9 * * mon#1", "0 9 * * */2"]
)
def test_a_good_schedule_passes(text: str) -> None:
    check_schedule(text)
