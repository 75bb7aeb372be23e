"""The longest and the shortest pauses between releases, on the recorded histories."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.errors import UsageError
from bot.queries.base import QueryContext, run
from bot.queries.extreme_pauses import ExtremePause

Say = Callable[[str], str]
Data = Callable[[str], Any]


def test_the_longest_pause_names_the_releases_at_its_ends(say: Say, data: Data) -> None:
    question = "longest pause between DIRAC releases in 2020"
    assert say(question).startswith(
        "27 days 22 hours (3.9 weeks) is the longest pause between patch releases of DIRAC, 1 Jan to 31 Dec 2020 "
        "(Europe/Paris): from v7r1p11 (14 Aug 2020 17:12) to v7r0p34 (11 Sep 2020 15:48)\n"
    )
    [pause] = data(question)["pauses"]
    assert [each["version"] for each in (*pause["before"], *pause["after"])] == ["v7r1p11", "v7r0p34"]


def test_releases_at_one_moment_have_no_time_between(say: Say) -> None:
    told = say("shortest pause between WebAppDIRAC releases in 2020")
    assert told.startswith("0 seconds is the shortest pause between patch releases of WebAppDIRAC, 1 Jan to 31 Dec 20")
    assert ": v4r1p16 and v4r1p15 on 8 Apr 2020 18:56" in told


def test_a_longer_time_since_the_last_release_is_said(say: Say) -> None:
    assert "from the last release to the end of the interval it is longer: 131 days" in say("longest pause of v6r22")


def test_too_few_or_too_many_releases_have_none(say: Say, on_slide_day: QueryContext) -> None:
    assert say("longest pause of COMDIRAC in 2019").startswith("1 release, too few for a pause between two final")
    with pytest.raises(UsageError, match=r"at most 10 releases are compared, not \d+; name a repository"):
        run(ExtremePause(most=10), on_slide_day)
