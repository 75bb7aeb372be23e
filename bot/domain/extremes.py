"""Extremes: which groups have the most, or the fewest."""

from collections.abc import Sequence

from bot.domain.counts import Group


def extreme_groups(groups: Sequence[Group], *, is_most: bool) -> list[Group]:
    """Return the groups with the most, or the fewest: all that have as many, in their order."""
    counts = [group.count for group in groups]
    extreme = (max if is_most else min)(counts, default=0)
    return [group for group in groups if group.count == extreme]
