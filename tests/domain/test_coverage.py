"""Periods that overlap or leave gaps, by the schedule of their digest."""

from datetime import timedelta

import pytest

from bot.domain.coverage import coverage_of
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
        ("last-week", "0 9 * * *", NONE, NONE),
        ("yesterday", "0 9 * * mon-fri", NONE, days(2)),
        ("1d", "0 0 * * mon", NONE, days(6)),
    ],
)
def test_periods_follow_each_other_or_not(period: str, schedule: str, overlap: timedelta, gap: timedelta) -> None:
    found = coverage_of(period, schedule, PARIS, paris("2021-01-01"))
    assert (found.overlap, found.gap) == (overlap, gap)
    assert bool(found.fault) == bool(overlap or gap)
