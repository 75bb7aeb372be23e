"""When repositories are due: each at moments of its own, and never later than was promised."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.polling.schedule import is_due, next_due, rhythm_of

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2021, 2, 22, 9, 0, tzinfo=UTC)
KEYS = [f"github:site/extension{number}" for number in range(1_000)]


def test_what_was_never_done_is_due() -> None:
    assert is_due("github:a/b", HOUR, None, START)


def test_nothing_is_due_twice_at_once() -> None:
    assert not any(is_due(key, HOUR, START, START) for key in KEYS)


def test_a_thousand_repositories_are_spread_over_the_hour() -> None:
    each_minute = Counter(
        minute
        for key in KEYS
        for minute in range(60)
        if is_due(key, HOUR, START + minute * MINUTE, START + (minute + 1) * MINUTE)
    )
    assert sum(each_minute.values()) == len(KEYS)
    assert max(each_minute.values()) < 40


@given(st.sampled_from(KEYS), st.integers(60, 3_600), st.integers(20, 600), st.integers(0, 10**6))
def test_done_at_the_first_look_after_it_is_due_it_is_done_in_time(key: str, every: int, tick: int, begin: int) -> None:
    last = at = START + timedelta(seconds=begin)
    for _ in range(4):
        while not is_due(key, timedelta(seconds=every), last, at):
            at += timedelta(seconds=tick)
        assert at - last <= timedelta(seconds=every + tick)
        last = at


@given(st.sampled_from(KEYS), st.integers(60, 86_400), st.integers(0, 10**8))
def test_once_every_has_passed_it_is_due(key: str, every: int, begin: int) -> None:
    last = START + timedelta(seconds=begin)
    assert is_due(key, timedelta(seconds=every), last, last + timedelta(seconds=every))


@pytest.mark.parametrize(
    ("quiet", "full"), [(timedelta(), DAY), (30 * DAY, DAY), (90 * DAY, 3 * DAY), (3_650 * DAY, 7 * DAY)]
)
def test_dates_are_asked_for_again_daily_and_where_nothing_happens_weekly(quiet: timedelta, full: timedelta) -> None:
    assert rhythm_of(10 * MINUTE, HOUR, quiet=quiet, in_certification=False).full_every == full


def test_every_tag_is_seen_within_the_time_promised() -> None:
    rhythm = rhythm_of(10 * MINUTE, HOUR, quiet=DAY, in_certification=False)
    assert rhythm.complete_every + rhythm.every <= HOUR


def test_in_certification_every_poll_is_complete() -> None:
    rhythm = rhythm_of(10 * MINUTE, HOUR, quiet=DAY, in_certification=True)
    assert rhythm.complete_every == rhythm.every == 10 * MINUTE


def test_nothing_full_is_asked_more_often_than_what_is_complete() -> None:
    assert rhythm_of(HOUR, 2 * DAY, quiet=timedelta(), in_certification=False).full_every == 2 * DAY


@given(st.sampled_from(KEYS), st.integers(60, 86_400), st.integers(0, 10**8))
def test_the_next_moment_is_the_first_at_which_it_is_due(key: str, every: int, begin: int) -> None:
    last = START + timedelta(seconds=begin)
    following = next_due(key, timedelta(seconds=every), last)
    assert last < following <= last + timedelta(seconds=every + 1)
    assert is_due(key, timedelta(seconds=every), last, following)
    assert not is_due(key, timedelta(seconds=every), last, following - timedelta(seconds=1))
