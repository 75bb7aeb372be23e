"""Periods that overlap or leave gaps, by the schedule of their digest."""

from datetime import timedelta

import pytest

from bot.domain.digests.coverage import coverage_of
from tests.builders import PARIS, days, paris

NONE = timedelta()


@pytest.mark.parametrize(
    ("period", "schedule", "overlap", "gap"),
    [
        ("since-last", "0 9 * * mon", NONE, NONE),
        ("last-week", "0 9 * * mon", NONE, NONE),
        ("last-month", "0 9 1 * *", NONE, NONE),
        ("yesterday", "0 9 * * *", NONE, NONE),
        ("7d", "0 9 * * mon", timedelta(hours=9), NONE),
        ("7d", "0 9 * * *", days(6) + timedelta(hours=9), NONE),
        ("1m", "0 0 1 * *", NONE, NONE),
        ("this-week", "0 9 * * *", days(7), NONE),
        # October in Paris has an hour more.
        ("this-month", "0 9 * * mon", days(31) + timedelta(hours=1), NONE),
        ("2021", "0 9 1 * *", days(365), NONE),
        ("yesterday", "0 9 * * mon-fri", NONE, days(2)),
        ("1d", "0 0 * * mon", NONE, days(6)),
    ],
)
def test_periods_follow_each_other_or_not(period: str, schedule: str, overlap: timedelta, gap: timedelta) -> None:
    found = coverage_of(period, schedule, PARIS, paris("2021-01-01"))
    assert (found.overlap, found.gap) == (overlap, gap)
    assert bool(found.fault) == bool(overlap or gap)


@pytest.mark.parametrize(
    ("period", "schedule"),
    [("last-week", "0 9 * * *"), ("last-month", "0 9 * * mon"), ("2020-W02", "0 9 * * mon")],
)
def test_moments_that_share_a_period_which_is_over_are_named(period: str, schedule: str) -> None:
    found = coverage_of(period, schedule, PARIS, paris("2021-01-01"))
    assert found.fault == "several moments of its schedule have the same period: only the first of them is posted"
