"""The times between releases."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.pauses import Pause, delays_between, extreme_pauses, pauses_between
from tests.builders import paris

DAYS = [paris(f"2021-02-{day:02d}T00:00") for day in (1, 2, 3, 10, 17)]


def test_the_mean_and_the_median_of_the_times_between() -> None:
    delays = delays_between(DAYS)
    assert delays is not None
    assert (delays.mean, delays.median) == (timedelta(days=4), timedelta(days=4))
    assert delays_between(DAYS[:1]) is None
    assert delays_between([]) is None


def test_pauses_that_are_equally_long_are_all_named() -> None:
    assert extreme_pauses(DAYS, is_longest=True) == [Pause(DAYS[2], DAYS[3]), Pause(DAYS[3], DAYS[4])]
    assert extreme_pauses(DAYS, is_longest=False) == [Pause(DAYS[0], DAYS[1]), Pause(DAYS[1], DAYS[2])]
    assert extreme_pauses(DAYS[:1], is_longest=True) == []


@settings(max_examples=20)
@given(st.lists(st.sampled_from([DAYS[0] + timedelta(hours=hour) for hour in range(50)]), min_size=2).map(sorted))
def test_pauses_fill_the_time_from_the_first_to_the_last_and_lie_between_the_extremes(moments: list[datetime]) -> None:
    pauses, delays = pauses_between(moments), delays_between(moments)
    assert delays is not None
    assert sum((pause.length for pause in pauses), timedelta()) == moments[-1] - moments[0]
    [longest, *_], [shortest, *_] = (extreme_pauses(moments, is_longest=longest) for longest in (True, False))
    assert shortest.length <= delays.median <= longest.length
