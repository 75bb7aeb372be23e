"""Which groups have the most or the fewest."""

from bot.domain.counts import Group, GroupBy
from bot.domain.extremes import extreme_groups

GROUPS = [Group(((GroupBy.MONTH, f"2020-{month:02d}"),), count) for month, count in enumerate((3, 0, 3, 0, 1), 1)]


def test_all_of_a_tie_are_named_in_their_order() -> None:
    assert extreme_groups(GROUPS, is_most=True) == [GROUPS[0], GROUPS[2]]
    assert extreme_groups(GROUPS, is_most=False) == [GROUPS[1], GROUPS[3]]
    assert extreme_groups([], is_most=True) == []
