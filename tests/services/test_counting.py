"""Counting by number alone, and the newest of each series, give what reading every release gives."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.composing import newest_by_series
from bot.domain.counts import GroupBy
from bot.domain.periods import AsOf, Period
from bot.domain.repositories import Counts
from bot.domain.selection import KindWord
from bot.services.counting import Question, count_releases, latest_releases, list_releases
from bot.store.sql import SqlStore
from tests.builders import PARIS, a_repository, a_tag, as_of, paris
from tests.histories import write_history, write_tags

DIRAC = a_repository()
COMDIRAC = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)


@pytest.fixture(scope="module")
def history() -> Iterator[SqlStore]:
    with SqlStore.open("sqlite://") as store:
        for repository in (DIRAC, COMDIRAC):
            write_history(store, repository)
        yield store


moments = st.datetimes(datetime(2009, 1, 1), datetime(2026, 1, 1)).map(lambda moment: moment.replace(tzinfo=PARIS))
some_units = st.lists(st.sampled_from(GroupBy), unique=True, max_size=2)
some_kinds = st.lists(st.sampled_from(KindWord), unique=True, max_size=2)
some_series = st.sampled_from([None, None, "v7r0", "7.1", "v0r19"])


@settings(max_examples=60)
@given(st.data(), moments, moments, moments, some_kinds, some_series, some_units)
def test_the_number_alone_is_that_of_the_releases(
    history: SqlStore,
    data: st.DataObject,
    one: datetime,
    other: datetime,
    until: datetime,
    kinds: list[KindWord],
    series: str | None,
    units: list[GroupBy],
) -> None:
    start, end = sorted((one, other))
    repositories = data.draw(st.sampled_from([[DIRAC], [COMDIRAC], [COMDIRAC, DIRAC]]))
    question = Question(repositories, Period(start, end, PARIS), AsOf.at(until, PARIS), kinds, series)
    listed, number = (count_releases(question, history, units, listed=listed) for listed in (True, False))
    assert (number.total, number.groups) == (len(listed.releases), listed.groups)
    assert listed.total == len(listed.releases)
    assert not number.releases


@pytest.mark.parametrize("known_at", [None, as_of("2021-02-22T14:00").end])
@pytest.mark.parametrize("kinds", [(), (KindWord.PRE_RELEASE,)])
def test_releases_without_a_date_are_told_of_where_their_kind_and_series_are_counted(
    store: SqlStore, known_at: datetime | None, kinds: Sequence[KindWord]
) -> None:
    undated = [a_tag(name, dated=False) for name in ("v7r1p1", "v7r0p1", "v7r0p2", "v7r1-pre1")]
    write_tags(store, DIRAC, [*undated, a_tag("grep")])
    everything = Period(None, as_of("2021-02-22").end, PARIS)
    found = []
    for series in (None, "v7r1"):
        question = Question([DIRAC], everything, as_of("2021-02-22T14:00"), kinds, series, known_at)
        found += [count_releases(question, store, listed=listed).undated for listed in (True, False)]
    assert found == ([1, 1, 1, 1] if kinds else [3, 3, 1, 1])


@pytest.mark.parametrize("listed", [True, False])
def test_months_without_a_release_are_counted_as_zero(store: SqlStore, *, listed: bool) -> None:
    tags = [a_tag("v7r1p1", paris("2020-11-03T10:00")), a_tag("v7r1p2", paris("2021-02-03T10:00"))]
    write_tags(store, DIRAC, tags)
    now = as_of("2021-02-22T14:00")
    for start, months in (
        (None, ["2020-11", "2020-12", "2021-01", "2021-02"]),
        (paris("2021-01-01T00:00"), ["2021-01", "2021-02"]),
    ):
        question = Question([DIRAC], Period(start, paris("2021-04-01T00:00"), PARIS), now)
        groups = count_releases(question, store, [GroupBy.MONTH], listed=listed).groups
        assert [group.keys[0][1] for group in groups] == months


def test_what_was_known_then_is_counted_without_the_list_too(store: SqlStore) -> None:
    write_history(store, COMDIRAC, seen=as_of("2021-02-22T14:00").end)
    earlier, later = as_of("2021-02-21T14:00"), as_of("2021-02-23T14:00")
    totals = []
    for known_at in (earlier, later):
        question = Question([COMDIRAC], Period(None, later.end, PARIS), later, known_at=known_at.end)
        totals.append(count_releases(question, store, listed=False).total)
    assert totals[0] == 0
    assert totals[1] > 0


@given(moments, some_series)
@settings(max_examples=30)
def test_the_newest_of_each_series_are_those_of_every_release(
    history: SqlStore, until: datetime, series: str | None
) -> None:
    moment = AsOf.at(until, PARIS)
    everything = Question([COMDIRAC, DIRAC], Period(None, moment.end, PARIS), moment, (KindWord.FINAL,), series)
    expected = newest_by_series(list_releases(everything, history))
    assert latest_releases([COMDIRAC, DIRAC], history, moment, series) == expected
