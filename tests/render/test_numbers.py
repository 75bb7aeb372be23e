"""Numbers in words."""

from datetime import timedelta
from fractions import Fraction

import pytest

from bot.domain.periods.days import Unit
from bot.render.numbers import as_days, decimal, duration, in_units


@pytest.mark.parametrize(
    ("number", "words"),
    [(Fraction(74, 12), "6.2"), (6, "6"), (Fraction(1, 12), "0.083"), (123.4, "123"), (1234.5, "1,234"), (0, "0")],
)
def test_a_number_has_as_many_digits_as_it_is_worth(number: Fraction, words: str) -> None:
    assert decimal(number) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=9, hours=3, minutes=59), "9 days 3 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=3, minutes=1), "3 hours 1 minute"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(seconds=57), "57 seconds"),
        (timedelta(0), "0 seconds"),
        (timedelta(days=46, hours=3), "46 days 3 hours (6.6 weeks)"),
    ],
)
def test_a_time_is_said_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert duration(length) == words


def test_lengths_and_means() -> None:
    assert (in_units(Fraction(12), Unit.MONTH), in_units(Fraction(1), Unit.YEAR)) == ("12 months", "1 year")
    assert (as_days(timedelta(days=1)), as_days(timedelta(hours=6))) == ("1 day", "0.25 days")
