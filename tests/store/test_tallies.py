"""Counting in the database gives what counting the releases gives."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.counts import GroupBy, count_by, sum_by
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord, wanted
from bot.domain.periods.period import AsOf, Period
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark
from bot.domain.releases import coverage_of
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import TagDetails, TagState
from bot.services.rebuild import refresh_releases
from bot.store.store import Store
from tests.builders import PARIS, a_repository, a_tag, paris, selected
from tests.examples import part_of
from tests.histories import write_history, write_tags

DIRAC = a_repository()
COMDIRAC = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)
UNTIL = paris("2021-02-22T14:00")


@pytest.fixture(scope="module")
def history() -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        for repository in (DIRAC, COMDIRAC):
            write_history(store, repository)
        yield store


moments = st.datetimes(datetime(2011, 1, 1), datetime(2025, 1, 1)).map(lambda moment: moment.replace(tzinfo=PARIS))
some_repositories = st.sampled_from([[DIRAC], [COMDIRAC], [DIRAC, COMDIRAC], [COMDIRAC, DIRAC]])
some_kinds = st.lists(st.sampled_from(KindWord), unique=True, max_size=2)
some_series = st.lists(st.sampled_from(["v7r0", "7.1", "v0r19", "v9r9"]), unique=True, max_size=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=part_of(80))
@given(some_repositories, some_kinds, some_series, moments, moments)
def test_the_database_counts_as_the_rules_do(
    history: Store,
    repositories: list[Repository],
    kinds: list[KindWord],
    series: list[str],
    one: datetime,
    other: datetime,
) -> None:
    start, end = sorted((one, other))
    choice = wanted(repositories, kinds, series, since=start, until=end)
    period, as_of = Period(start, end, PARIS), AsOf.at(end, PARIS)
    held = history.releases.of([repository.key for repository in repositories])
    names: Sequence[str | None] = series or [None]
    expected = [
        release
        for release in held
        for name in names
        if release in selected([release], repositories, period.until(as_of.end), kinds, () if name is None else (name,))
    ]
    for units in (
        [],
        [GroupBy.REPOSITORY, GroupBy.SERIES],
        [GroupBy.SERIES],
        [GroupBy.KIND],
        [GroupBy.REPOSITORY],
        [GroupBy.MONTH],
        [GroupBy.SERIES, GroupBy.YEAR],
    ):
        tallies = history.releases.tally(choice, units, PARIS)
        assert sum(tally.count for tally in tallies) == len(expected)
        assert sum_by(tallies, units, PARIS) == count_by(expected, units, PARIS)
    dates = sorted(each.date for each in expected if each.date)
    # Of more repositories than releases the first and the newest are found in another way.
    for most in (1, 5):
        newest, earliest = history.releases.newest(choice, most), history.releases.earliest(choice, most)
        assert {each.version for each in (*newest, *earliest)} <= {each.version for each in expected}
        assert [each.date for each in newest] == dates[::-1][:most]
        assert [each.date for each in earliest] == dates[:most]


@pytest.mark.parametrize(
    "units", [[], [GroupBy.SERIES], [GroupBy.MONTH], [GroupBy.DAY, GroupBy.REPOSITORY], [GroupBy.WEEK, GroupBy.YEAR]]
)
@pytest.mark.parametrize("since", [None, paris("2016-10-30T02:30")])
def test_both_databases_count_alike(store: Store, units: list[GroupBy], since: datetime | None) -> None:
    write_history(store, COMDIRAC)
    choice = wanted([COMDIRAC], [], ["v0r19", "v0r17"], since=since, until=UNTIL)
    held = [each for each in store.releases.of([COMDIRAC.key], since=since, until=UNTIL) if each.kind.is_final]
    expected = [each for each in held if each.series in {"v0r19", "v0r17"}]
    tallies = store.releases.tally(choice, units, PARIS)
    assert expected
    assert sum(tally.count for tally in tallies) == len(expected)
    assert sum_by(tallies, units, PARIS) == count_by(expected, units, PARIS)
    leading = {each.series: each for each in sorted(expected, key=lambda each: each.order)}
    assert store.releases.leading(choice) == sorted(leading.values(), key=lambda each: each.order)


# Offsets of quarters of an hour, changes of half an hour, at midnight, and over the date line.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Paris",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Africa/Casablanca",
        "America/Havana",
    )
]
MANY = [a_repository(f"many/R{number}") for number in range(40)]


@pytest.fixture(scope="module")
def many() -> Iterator[Store]:
    """Forty repositories with releases about the midnights at which clocks are changed, or a year is over."""
    drawn = random.Random(40)
    with Store.open("sqlite://") as store:
        for repository in MANY:
            dates = [drawn.choice(EDGES) + timedelta(minutes=drawn.randrange(-900, 900)) for _ in range(30)]
            names = [f"v{drawn.randrange(2)}r{number}p{drawn.randrange(2)}" for number in range(30)]
            write_tags(store, repository, [a_tag(name, date) for name, date in zip(names, dates, strict=True)])
        yield store


EDGES = [
    datetime(year, month, day, tzinfo=UTC)
    for year in (2009, 2011, 2014)
    for month, day in ((1, 1), (1, 7), (3, 28), (4, 1), (10, 31), (11, 1), (12, 30), (12, 31))
]
calendar = st.sampled_from([GroupBy.DAY, GroupBy.WEEK, GroupBy.MONTH, GroupBy.QUARTER, GroupBy.YEAR])
others = st.sampled_from([GroupBy.SERIES, GroupBy.KIND, GroupBy.REPOSITORY])
some_units = st.tuples(st.lists(calendar, min_size=1, max_size=2), st.lists(others, max_size=1)).map(
    lambda units: list(dict.fromkeys([*units[1], *units[0]]))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=part_of(60))
@given(
    some_units,
    st.sampled_from(ZONES),
    st.sampled_from([1, 12, 40]),
    st.none() | st.sampled_from(EDGES),
    st.sampled_from([[], ["v1r7", "v0r3"]]),
)
def test_calendar_units_are_counted_as_one_by_one_in_every_zone_and_over_all_time(
    many: Store, units: list[GroupBy], zone: ZoneInfo, number: int, since: datetime | None, series: list[str]
) -> None:
    repositories = MANY[:number]
    choice = wanted(repositories, [KindWord.ALL], series, since=since, until=EDGES[-1])
    held = many.releases.of([each.key for each in repositories], since=since, until=EDGES[-1])
    expected = [each for each in held if not series or each.series in series]
    assert sum_by(many.releases.tally(choice, units, zone), units, zone) == count_by(expected, units, zone)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=part_of(80))
@given(
    st.integers(1, 40),
    st.integers(1, 45),
    st.sampled_from([[KindWord.ALL], [KindWord.MINOR], [KindWord.MAJOR]]),
    st.none() | st.sampled_from(EDGES),
    st.sampled_from([[], ["v1r7"], ["v1r7", "v0r3"], ["v9r9"]]),
)
def test_the_newest_of_many_repositories_are_the_first_of_all(
    many: Store, number: int, most: int, kinds: list[KindWord], since: datetime | None, series: list[str]
) -> None:
    choice = wanted(MANY[:number], kinds, series, since=since, until=EDGES[-1])
    assert many.releases.newest(choice, most) == many.releases.newest(choice)[:most]


@pytest.mark.parametrize("series", [[], ["v1r7", "v0r3"], ["v9r9"]])
@pytest.mark.parametrize("since", [None, EDGES[3]])
def test_both_databases_have_the_same_newest(
    store: Store, many: Store, series: list[str], since: datetime | None
) -> None:
    for repository in MANY[:15]:
        write_tags(store, repository, [tag for _, tag in many.tags.of([repository.key])])
    choice = wanted(MANY[:15], [KindWord.ALL], series, since=since, until=UNTIL)
    assert store.releases.newest(choice, 10) == many.releases.newest(choice)[:10]


@pytest.mark.parametrize("units", [[GroupBy.MONTH], [GroupBy.DAY], [GroupBy.REPOSITORY, GroupBy.WEEK]])
@pytest.mark.parametrize("number", [3, 40])
def test_both_databases_count_many_repositories_alike(
    store: Store, many: Store, units: list[GroupBy], number: int
) -> None:
    for repository in MANY[:number]:
        write_tags(store, repository, [tag for _, tag in many.tags.of([repository.key])])
    choice = wanted(MANY[:number], [KindWord.ALL], [], since=None, until=UNTIL)
    assert sum_by(store.releases.tally(choice, units, PARIS), units, PARIS) == sum_by(
        many.releases.tally(choice, units, PARIS), units, PARIS
    )


def test_a_time_in_which_nothing_can_be_counts_nothing(store: Store) -> None:
    write_history(store, COMDIRAC)
    choice = wanted([COMDIRAC], [], [], since=UNTIL, until=UNTIL)
    assert store.releases.tally(choice, [GroupBy.MONTH], PARIS) == []


def test_a_series_is_known_by_any_release_of_its_repository(store: Store) -> None:
    write_tags(store, DIRAC, [a_tag("v7r1p1", dated=False), a_tag("v7r0p1", UNTIL, state=TagState.DELETED)])
    write_tags(store, COMDIRAC, [a_tag("v1r0", UNTIL)])
    asked = {(DIRAC.key, "v7r1"), (DIRAC.key, "v7r0"), (DIRAC.key, "v1r0"), (COMDIRAC.key, "v1r0")}
    assert store.releases.known_series(asked) == {
        (DIRAC.key, "v7r1"): None,
        (DIRAC.key, "v7r0"): UNTIL,
        (COMDIRAC.key, "v1r0"): UNTIL,
    }
    assert store.releases.known_series([]) == {}
    assert store.releases.series([DIRAC.key]) == [(DIRAC.key, "v7r0"), (DIRAC.key, "v7r1")]


def test_of_many_series_that_had_begun_by_a_moment_any_date_before_it_is_enough(store: Store) -> None:
    days = [UNTIL - timedelta(days=number) for number in range(4)]
    tags = [a_tag("v7r1p1", days[2]), a_tag("v7r1p2", days[1]), a_tag("v7r0p1", days[3], state=TagState.DELETED)]
    write_tags(store, DIRAC, [*tags, a_tag("v7r2p1", dated=False)])
    lines = [(DIRAC.key, series) for series in ("v7r0", "v7r1", "v7r2", *(f"v8r{number}" for number in range(100)))]
    deleted, undated = {lines[0]: days[3]}, {lines[2]: None}
    assert store.releases.known_series(lines, UNTIL) == deleted | undated | {lines[1]: days[1]}
    assert store.releases.known_series(lines, days[1]) == deleted | undated | {lines[1]: days[2]}


@pytest.mark.parametrize("units", [[GroupBy.REPOSITORY], [GroupBy.KIND], [GroupBy.REPOSITORY, GroupBy.KIND]])
@pytest.mark.parametrize("others", [0, 5])
def test_both_databases_count_a_month_of_most_and_of_few_repositories_alike(
    store: Store, units: list[GroupBy], others: int
) -> None:
    counted = [a_repository(f"few/R{number}") for number in range(2)]
    names = ["v7r1", "v7r1p1", "v7r1p2", "v7r2-pre1"]
    for place, repository in enumerate([*counted, *(a_repository(f"many/R{number}") for number in range(others))]):
        dated = [a_tag(name, UNTIL - timedelta(days=13 * (at + place))) for at, name in enumerate(names)]
        write_tags(store, repository, [*dated, a_tag("v7r1p9", UNTIL, state=TagState.DELETED), a_tag("other")])
    since = UNTIL - timedelta(days=30)
    choice = wanted(counted, [KindWord.ALL], [], since=since, until=UNTIL)
    held = store.releases.of([each.key for each in counted], since=since, until=UNTIL)
    expected = [each for each in held if each.is_counted]
    assert len(expected) == 4
    assert sum_by(store.releases.tally(choice, units, PARIS), units, PARIS) == count_by(expected, units, PARIS)


def test_unclassified_tags_are_counted_by_their_date(store: Store) -> None:
    excluding = a_repository("x/excluding", exclude="^nightly")
    tags = [
        a_tag("grep", UNTIL - timedelta(days=3)),
        a_tag("old", UNTIL - timedelta(days=300)),
        a_tag("undated", dated=False),
        a_tag("gone", UNTIL - timedelta(days=3), state=TagState.DELETED),
        a_tag("nightly", UNTIL - timedelta(days=3)),
        a_tag("v7r1p1", UNTIL - timedelta(days=3)),
    ]
    for repository in (DIRAC, excluding):
        write_tags(store, repository, tags)
    keys = [DIRAC.key, excluding.key, COMDIRAC.key]
    week = UNTIL - timedelta(days=7)
    assert store.releases.unclassified(keys, week, UNTIL) == {DIRAC.key: 3, excluding.key: 2}
    assert store.releases.unclassified(keys, None, UNTIL) == {DIRAC.key: 4, excluding.key: 3}
    assert store.releases.unclassified(keys, None, week) == {DIRAC.key: 2, excluding.key: 2}
    assert store.releases.unclassified([COMDIRAC.key], None, UNTIL) == {}
    [record] = store.tags.records([excluding.key])
    assert (record.considered_count, record.unclassified_count) == (4, 3)


def test_unclassified_tags_follow_the_rules_and_the_polls(store: Store) -> None:
    write_tags(store, DIRAC, [a_tag("grep", UNTIL - timedelta(days=3)), a_tag("v7r1p1", UNTIL)])
    excluding = a_repository(exclude="grep")
    refresh_releases([excluding], store)
    assert store.releases.unclassified([DIRAC.key], None, UNTIL) == {}
    refresh_releases([DIRAC], store)
    record = store.tags.record(DIRAC.key)
    assert store.releases.unclassified([DIRAC.key], UNTIL - timedelta(days=7), UNTIL) == {DIRAC.key: 1}
    moved = replace(record.tags["grep"], details=TagDetails(None, committed=UNTIL - timedelta(days=300)))
    changes = PollChanges(changed=(moved,))
    mark = PollMark(UNTIL, None, PollDepth.FULL, record.rules)
    store.polls.write(record, mark, changes, [], coverage_of(DIRAC, [moved]))
    assert store.releases.unclassified([DIRAC.key], UNTIL - timedelta(days=7), UNTIL) == {}
    assert store.releases.unclassified([DIRAC.key], None, UNTIL) == {DIRAC.key: 1}


def test_the_highest_of_each_series_comes_by_repository_and_version(history: Store) -> None:
    choice = wanted([COMDIRAC, DIRAC], [KindWord.FINAL], [], since=None, until=UNTIL)
    leading = [release for release in history.releases.leading(choice) if release.repository == DIRAC.key]
    assert [release.version for release in leading][-3:] == ["v6r22p35", "v7r0p49", "v7r1p29"]
    assert history.releases.leading(choice)[0].repository == COMDIRAC.key


def test_releases_are_found_by_their_versions(history: Store) -> None:
    found = history.releases.versions([(DIRAC.key, "7.0.49"), (DIRAC.key, "9.9.9"), (COMDIRAC.key, "7.0.49")])
    assert [release.version for release in found] == ["v7r0p49"]
    assert history.releases.versions([]) == []


def test_withdrawn_releases_are_in_no_count(history: Store) -> None:
    choice = wanted([DIRAC], [KindWord.ALL], [], since=None, until=UNTIL)
    number = sum(tally.count for tally in history.releases.tally(choice, [], PARIS))
    listed = history.releases.newest(replace(choice, with_withdrawn=True))
    assert number == len(history.releases.newest(choice)) == sum(release.is_counted for release in listed)
    assert history.releases.undated(choice) == 0


def test_a_series_that_no_scheme_reads_is_refused() -> None:
    with pytest.raises(UsageError, match="not a series name"):
        wanted([DIRAC], [], ["sixth"], since=None, until=UNTIL)
