"""Two numbers beside each other, on the recorded histories."""

from collections.abc import Callable
from typing import Any

Say = Callable[[str], str]
Data = Callable[[str], Any]


def first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def test_two_series_in_one_interval(say: Say, data: Data) -> None:
    assert (
        first_line(say("compare v7r0 and v7r1 in 2020"))
        == "34 releases of v7r0 and 23 of v7r1, 1 Jan to 31 Dec 2020 (Europe/Paris): 11 more of v7r0 than of v7r1"
    )
    found = data("compare v7r0 and v7r1 in 2020")
    assert ([side["count"] for side in found["sides"]], found["difference"], found["beside"]) == ([34, 23], 11, None)


def test_two_repositories_and_two_kinds(say: Say) -> None:
    assert first_line(say("DIRAC versus WebAppDIRAC in 2020")).endswith(": 54 more of DIRAC than of WebAppDIRAC")
    assert first_line(say("DIRAC versus COMDIRAC in 2020")).startswith(
        "74 patch releases of DIRAC and 0 final releases"
    )
    told = first_line(say("compare patches and pre-releases of DIRAC in 2020"))
    assert told.endswith(": 55 more patch releases than pre-releases")


def test_two_years_are_two_intervals_where_they_are_compared_and_one_where_they_are_not(say: Say) -> None:
    assert first_line(say("compare DIRAC in 2019 and 2020")) == (
        "46 patch releases of DIRAC, 1 Jan to 31 Dec 2019, and 74, 1 Jan to 31 Dec 2020 (Europe/Paris): "
        "28 more in 2020 than in 2019"
    )
    assert "(the intervals are not equally long: 365 days and 366 days)" in say("compare DIRAC in 2019 and 2020")
    one = say("how many releases of DIRAC in 2019 and 2020")
    assert one.startswith("120 patch releases of DIRAC, 1 Jan 2019 to 31 Dec 2020 (Europe/Paris)")


def test_a_year_that_is_not_over_is_told_with_the_same_part_of_the_one_before(say: Say) -> None:
    told = say("compare 2020 and 2021 for DIRAC")
    assert (
        "74 patch releases of DIRAC, 1 Jan to 31 Dec 2020, and 12, 1 Jan to 22 Feb 2021 14:00 (Europe/Paris): " in told
    )
    assert "in the same part of 2020: 7 patch releases of DIRAC, 1 Jan to 22 Feb 2020 14:00 (Europe/Paris)" in told
    assert "(in 2021: only so far, up to 22 Feb 2021 14:00)" in told


def test_more_than_last_year_compares_the_same_part_and_gives_the_whole(say: Say, data: Data) -> None:
    told = say("more DIRAC releases than last year?")
    assert first_line(told) == (
        "12 patch releases of DIRAC, 1 Jan to 22 Feb 2021 14:00, and 7, 1 Jan to 22 Feb 2020 14:00 (Europe/Paris): "
        "5 more this year so far than in the same part of last year"
    )
    assert "in the whole of last year: 74 patch releases of DIRAC, 1 Jan to 31 Dec 2020" in told
    assert data("more DIRAC releases than last year?")["beside"]["count"] == 74


def test_equal_numbers_are_the_same(say: Say) -> None:
    assert first_line(say("more DIRAC releases than last month?")).endswith(": the same number")
