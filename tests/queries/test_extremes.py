"""What has the most or the fewest releases, on the recorded histories."""

from collections.abc import Callable
from typing import Any

Say = Callable[[str], str]
Data = Callable[[str], Any]


def test_all_months_of_a_tie_are_named(say: Say) -> None:
    assert (
        say("which month of 2020 had most DIRAC releases?")
        == """\
Oct 2020 and Nov 2020 have the most patch releases of DIRAC, 1 Jan to 31 Dec 2020 (Europe/Paris): 9 each of 74
  (data as of 22 Feb 2021 13:55)"""
    )


def test_months_and_repositories_without_a_release_have_the_fewest(say: Say, data: Data) -> None:
    months = data("which month of 2019 had the fewest COMDIRAC releases")["extreme"]
    assert len(months) == 11
    assert {month["count"] for month in months} == {0}
    told = say("which repository had the fewest releases in 2020")
    assert told.startswith("COMDIRAC has the fewest releases of DIRAC, WebAppDIRAC and COMDIRAC, 1 Jan to 31 Dec 2020")


def test_series_are_named_with_their_repository_where_there_are_several(say: Say) -> None:
    assert say("which series had most releases in 2020?").startswith("DIRAC v7r0 has the most releases of DIRAC, Web")
    assert say("which series of DIRAC had most releases in 2020?").startswith("v7r0 has the most patch releases of")
    assert "series without a release in the interval are left out" in say("which series had fewest releases in 2020")


def test_a_month_that_is_not_over_is_marked(say: Say) -> None:
    told = say("which month had the fewest releases of DIRAC this year")
    assert told.startswith("Jan 2021 and Feb 2021 (in part) have the fewest patch releases of DIRAC, 1 Jan to 22 Feb")
    assert "(in part only: Feb 2021)" in told


def test_without_any_release_nothing_is_ahead(say: Say) -> None:
    assert say("busiest month of COMDIRAC in 2020").startswith("0 final releases of COMDIRAC, 1 Jan to 31 Dec 2020")
