"""Clocks that are wrong: how far they are off, in words."""

from datetime import timedelta

import pytest

from bot.domain.clocks import rounded


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(minutes=3), "3 min"),
        (timedelta(minutes=-119), "119 min"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=-47), "47 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(minutes=3_030_685), "2,105 days"),
    ],
)
def test_a_difference_is_told_in_the_unit_that_fits(off: timedelta, words: str) -> None:
    assert rounded(off) == words
