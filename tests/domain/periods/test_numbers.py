"""Numbers in words: each stands for its own."""

from bot.domain.periods.numbers import MONTHS, NUMBERS, ORDINALS, WEEKDAYS, number_in

_TENS = "ten twenty thirty forty fifty sixty seventy eighty ninety hundred"
_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"


def test_every_number_is_read_as_it_is_counted() -> None:
    assert [NUMBERS[word] for word in _ONES.split()] == list(range(1, 21))
    assert [NUMBERS[word] for word in _TENS.split()] == list(range(10, 101, 10))
    assert [ORDINALS[word] for word in _ORDINALS.split()] == list(range(1, 13))


def test_digits_are_a_number_up_to_five_of_them() -> None:
    assert (number_in("99999"), number_in("100000"), number_in("seven"), number_in("v7")) == (99999, None, 7, None)


def test_short_names_are_those_of_the_same_month_and_day() -> None:
    assert (MONTHS["sept"], MONTHS["sep"], MONTHS["september"], MONTHS["may"]) == (9, 9, 9, 5)
    assert [WEEKDAYS[day] for day in ("mon", "tues", "wed", "thur", "thurs", "fri", "sat", "sun")] == [
        0, 1, 2, 3, 3, 4, 5, 6,
    ]  # fmt: skip
