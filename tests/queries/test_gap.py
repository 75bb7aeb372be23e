"""The time between two releases, or since one, on the recorded histories."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.errors import UsageError
from bot.queries.base import QueryContext, Watched, run
from bot.queries.gap import Gap
from bot.queries.selection import Filters
from bot.render.markup import TEXT
from bot.store.store import Store
from tests.builders import a_repository, a_tag, as_of, paris
from tests.histories import write_tags

Say = Callable[[str], str]
Data = Callable[[str], Any]


def test_the_time_between_two_releases_with_both_dates(say: Say, data: Data) -> None:
    question = "how many days between v7r0p48 and v7r0p49?"
    assert (
        say(question)
        == """\
7 days 9 hours between v7r0p48 and v7r0p49 of DIRAC: from 8 Feb 2021 11:13 (date of the commit) \
to 15 Feb 2021 20:19 (date of the commit) (Europe/Paris)
  (data as of 22 Feb 2021 13:55)"""
    )
    assert say("days between v7r0p49 and 7.0.48") == say(question)
    assert data(question)["calendar_days"] == 7


def test_the_age_of_a_release_in_hours_and_by_the_calendar(say: Say) -> None:
    told = say("how old is v7r1p29")
    assert told.startswith("6 days 17 hours since v7r1p29 of DIRAC: from 15 Feb 2021 20:48 (date of the commit) to 22")
    assert "; by the calendar 7 days" in told


def test_the_time_since_the_last_release_names_it(say: Say) -> None:
    told = say("how long since the last patch release of v6r22")
    assert told.startswith("131 days 4 hours (18.7 weeks) since v6r22p35 of DIRAC, the last patch release of v6r22: ")
    assert "since v7r1p29, the last final release of DIRAC: " in say("how long since the last DIRAC release?")
    assert "since v4r0p33 of WebAppDIRAC, the last final release of" in say("how long since the last release?")


def test_without_any_release_that_is_said(say: Say, data: Data) -> None:
    question = "how long since the last final release of v7r2"
    assert say(question).startswith("No final release of v7r2 by 22 Feb 2021 14:00 (Europe/Paris)")
    assert data(question)["seconds"] is None


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ("how old is v7r1p30", 'release "v7r1p30": not released yet on 2021-02-22'),
        ("how old is v9r9p9", 'release "v9r9p9": not found in'),
        (
            "how many days between v7r0p48 and v4r0p33",
            'release "v7r0p48": found in github:DIRACGrid/DIRAC, but v4r0p33 in github:DIRACGrid/WebAppDIRAC; name two',
        ),
        ("how many days between v7r0p48 and v9r9p9", 'release "v9r9p9": not found in'),
        ("how old is v7r1p29 of WebAppDIRAC", 'release "v7r1p29": not found in github:DIRACGrid/WebAppDIRAC, but in'),
    ],
)
def test_a_release_that_is_unknown_or_of_another_repository_is_an_error(say: Say, question: str, error: str) -> None:
    assert error in say(question)


def test_a_release_of_several_repositories_has_to_be_named_with_its_own_unless_the_other_tells(store: Store) -> None:
    one, other = a_repository("lab/one"), a_repository("lab/other")
    write_tags(store, one, [a_tag("v1r0p1", paris("2021-02-01T12:00")), a_tag("v1r0p2", paris("2021-02-03T12:00"))])
    write_tags(store, other, [a_tag("v1r0p1", paris("2021-02-02T12:00"))])
    context = QueryContext(store, Watched((one, other)), as_of("2021-02-22T14:00"), timedelta(hours=2))
    with pytest.raises(UsageError, match="exists in github:lab/one and github:lab/other; name the repository"):
        run(Gap(("v1r0p1",)), context)
    of_one = run(Gap(("v1r0p1", "v1r0p2")), context).answer(TEXT).sentence
    assert of_one.startswith("2 days between v1r0p1 and v1r0p2 of one: from 1 Feb 2021 12:00")
    of_other = run(Gap(("v1r0p1",), Filters(("other",))), context).answer(TEXT).sentence
    assert of_other.startswith("20 days 2 hours (2.9 weeks) since v1r0p1 of other: from 2 Feb 2021 12:00")
