"""How often releases come, on DIRAC's recorded history."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.errors import UsageError
from bot.domain.periods.spans import Span
from bot.queries.base import QueryContext, run
from bot.queries.rate import Rate
from bot.queries.selection import Filters
from bot.render.markup import TEXT

Say = Callable[[str], str]
Data = Callable[[str], Any]


def test_the_average_over_a_calendar_year_is_the_count_by_twelve_months(say: Say) -> None:
    assert (
        say("average number of DIRAC patch releases per month in 2020")
        == """\
6.2 patch releases a month of DIRAC, 1 Jan to 31 Dec 2020 (Europe/Paris): 74 in 12 months; \
4.6 days between any two patch releases in a row on average, median 0.8 days
  v6r22: 1.4 a month (17)
  v7r0: 2.8 a month (34)
  v7r1: 1.9 a month (23)
  (data as of 22 Feb 2021 13:55)"""
    )


def test_without_an_interval_the_last_twelve_months_are_meant_and_that_is_said(say: Say) -> None:
    told = say("how often does v7r1 come out?")
    assert told.startswith("2.4 releases a month of v7r1, 22 Feb 2020 to 22 Feb 2021 14:00 (Europe/Paris): 29 in 12")
    assert "no interval was named: the last 12 months are meant" in told
    assert "a part of a month counts as its share of that month" in told


def test_the_times_between_come_first_where_they_are_asked_for(say: Say, data: Data) -> None:
    question = "what is the median delay between v7r0 patches in 2020"
    assert say(question).startswith("Median 8.5 days, mean 10.2 days from one patch release to the next of v7r0, 1 Jan")
    assert say("how long between v7r0 patches in 2020") == say(question)
    found = data(question)
    assert (found["total"], found["unit"], found["length"], found["rate"]) == (34, "month", 12, 2.833333)
    assert (round(found["median_days"], 1), round(found["mean_days"], 1)) == (8.5, 10.2)


def test_without_a_beginning_the_interval_begins_with_the_first_release(say: Say) -> None:
    told = say("how often did v7r1 come out, ever")
    assert "releases a month of v7r1, 8 May 2020 21:42 to 22 Feb 2021 14:00 (Europe/Paris): 29 in 9.5 months; " in told


def test_of_one_release_or_none_there_is_no_time_between(say: Say, data: Data) -> None:
    assert "too few for a time between two" in say("how often did COMDIRAC come out in 2019")
    none = data("how often did COMDIRAC come out in 2020")
    assert (none["total"], none["rate"], none["median_days"]) == (0, 0, None)
    assert say("how often did COMDIRAC come out in 2020").startswith("0 final releases a year of COMDIRAC, 1 Jan")


def test_of_too_many_the_times_between_are_not_compared(on_slide_day: QueryContext) -> None:
    found = run(Rate(Filters(series=("v7r0",)), most=10), on_slide_day)
    assert "; the times between more than 10 releases are not compared" in found.answer(TEXT).sentence
    with pytest.raises(UsageError, match="too many to find the first of; name an interval"):
        run(Rate(Filters(series=("v7r0",), span=Span(text="ever")), most=10), on_slide_day)


def test_a_present_year_counts_as_long_as_it_is_old(data: Data) -> None:
    found = data("average patches of DIRAC per month this year")
    assert (found["total"], found["length"]) == (12, pytest.approx(1 + (21 + 14 / 24) / 28))
