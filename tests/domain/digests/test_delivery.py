"""How long to wait before a delivery is tried again."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.digests.delivery import pause


@given(st.text(), st.integers(min_value=0, max_value=10**6))
def test_a_pause_is_between_three_quarters_of_a_minute_and_five_of_an_hour(key: str, attempts: int) -> None:
    assert timedelta(seconds=45) <= pause(key, attempts) <= timedelta(minutes=75)


@given(st.text(), st.integers(min_value=1, max_value=4))
def test_a_pause_grows_and_is_always_the_same(key: str, attempts: int) -> None:
    assert pause(key, attempts) < pause(key, attempts + 1) == pause(key, attempts + 1)


def test_different_deliveries_do_not_come_back_at_once() -> None:
    assert len({pause(str(number), 1) for number in range(100)}) == 100
