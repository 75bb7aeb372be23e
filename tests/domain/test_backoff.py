"""How long to wait before something that failed is tried again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backoff import is_time, pause


@given(st.text(), st.integers(min_value=0, max_value=10**6))
def test_a_pause_is_between_three_quarters_of_a_minute_and_five_of_an_hour(key: str, attempts: int) -> None:
    assert timedelta(seconds=45) <= pause(key, attempts) <= timedelta(minutes=75)


@given(st.text(), st.integers(min_value=1, max_value=4))
def test_a_pause_grows_and_is_always_the_same(key: str, attempts: int) -> None:
    assert pause(key, attempts) < pause(key, attempts + 1) == pause(key, attempts + 1)


def test_different_deliveries_do_not_come_back_at_once() -> None:
    assert len({pause(str(number), 1) for number in range(100)}) == 100


def test_it_is_time_once_a_wait_is_over_and_where_it_is_longer_than_any() -> None:
    now = datetime(2021, 2, 22, tzinfo=UTC)
    waits = [None, timedelta(0), timedelta(minutes=1), timedelta(minutes=75), timedelta(minutes=76)]
    assert [is_time(None if wait is None else now + wait, now) for wait in waits] == [True, True, False, False, True]
