"""Charts: no mark hides another, and every release and every count is drawn."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.periods.period import Period
from bot.web.charts import Lanes, bars_of, lanes_of
from tests.builders import MONDAY, PARIS, a_repository, releases
from tests.examples import part_of

REPOSITORY = a_repository()
YEAR = Period(MONDAY - timedelta(days=365), MONDAY, PARIS)


def drawn(minutes: list[int]) -> Lanes:
    dates = {f"v7r{at % 2}p{at}": MONDAY - timedelta(minutes=ago) for at, ago in enumerate(minutes, 1)}
    return lanes_of(releases(REPOSITORY, dates), YEAR, {}, [REPOSITORY.key])


@settings(max_examples=part_of(80))
@given(st.lists(st.one_of(st.integers(0, 525_000), st.integers(0, 3_000)), max_size=40))
def test_no_mark_hides_another(minutes: list[int]) -> None:
    lanes = drawn(minutes)
    marks = [mark for lane in lanes.lanes for mark in lane.marks]
    assert all(abs(one.x - two.x) >= 7 or abs(one.y - two.y) >= 9 for one, two in combinations(marks, 2))
    assert all(0 < mark.x < lanes.width and 0 < mark.y < lanes.height for mark in marks)
    assert sum(1 + len(mark.others) for mark in marks) == len(minutes)


def test_the_highest_series_is_above() -> None:
    assert [lane.line[1] for lane in drawn([5, 6, 7]).lanes] == ["v7r1", "v7r0"]


def test_ticks_have_room() -> None:
    for days in (1, 7, 30, 200, 700, 4_000):
        period = Period(MONDAY - timedelta(days=days), MONDAY, PARIS)
        xs = [tick.x for tick in lanes_of([], period, {}, []).axis.ticks()]
        assert all(later - earlier >= 40 for earlier, later in pairwise(xs))


def test_the_axis_of_all_history_ends_soon_after_the_newest() -> None:
    dates = {f"v7r0p{at}": MONDAY - timedelta(days=900 + at) for at in range(1, 101)}
    [lane] = lanes_of(releases(REPOSITORY, dates), replace(YEAR, start=None), {}, [REPOSITORY.key]).lanes
    assert (lane.start < 30, lane.end > 750) == (True, True)


def test_a_bar_is_as_high_as_its_parts() -> None:
    totals = [("2021-01", YEAR, True, 3), ("2021-02", YEAR, False, 0)]
    found = bars_of(totals, {"2021-01": [("v7r0", 1, ("a", "v7r0"), 1), ("v7r1", 2, ("a", "v7r1"), 2)]})
    first, second = found.bars
    assert [part.count for part in first.segments] == [1, 2]
    assert first.segments[-1].y + sum(part.height for part in first.segments) == found.base
    assert second.segments[0].height == 0
