"""The periods before that of a digest."""

from itertools import pairwise

import pytest

from bot.domain.digests.trend import before_words, periods_before
from bot.domain.periods.options import read_period
from bot.domain.periods.period import Period
from tests.builders import PARIS, as_of, paris

NOW = as_of("2021-02-22T14:00")


@pytest.mark.parametrize("asked", ["1m", "7d", "4w", "last-month", "last-week", "last-year"])
def test_eleven_periods_follow_each_other_up_to_its_own(asked: str) -> None:
    period = read_period(asked, NOW)
    before = [*periods_before(period), period]
    assert len(before) == 12
    assert all(each.end == following.start for each, following in pairwise(before))
    assert before[-2].start == read_period(asked, as_of(f"{period.start:%Y-%m-%dT%H:%M}")).start


@pytest.mark.parametrize("asked", ["2021-02", "2020", "this-month"])
def test_a_period_that_is_not_repeated_has_none_before(asked: str) -> None:
    assert periods_before(read_period(asked, NOW)) == []


def test_all_of_history_and_the_time_since_a_digest_have_none_before() -> None:
    assert periods_before(Period(None, NOW.end, PARIS)) == []
    assert periods_before(Period(paris("2021-02-15T09:00"), NOW.end, PARIS, "since-last")) == []


def test_the_one_before_is_named_after_its_own() -> None:
    words = {asked: before_words(read_period(asked, NOW)) for asked in ("1m", "7d", "last-month")}
    assert words == {"1m": "in the month before", "7d": "in the 7 days before", "last-month": "in the period before"}
