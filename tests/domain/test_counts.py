"""Counting releases by what they are and when they came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.counts import GroupBy, calendar_unit, count_by, is_calendar, pieces, without_gaps
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord, choose_one, choose_repositories, kinds_told, series_by_repository
from bot.domain.periods.options import read_period
from bot.domain.periods.period import Period
from bot.domain.repositories import Counts, Repository
from bot.domain.versions.dirac import DiracScheme
from tests.builders import PARIS, UTC_ZONE, a_repository, as_of, paris, releases, selected

DIRAC = a_repository()
JANUARY_2021 = {
    "v7r0p46": paris("2021-01-20T19:07:57"),
    "v7r1p26": paris("2021-01-20T19:19:23"),
    "v7r0p47": paris("2021-02-03T10:54"),
    "v7r1p27": paris("2021-02-03T16:10"),
    "v7r2-pre32": paris("2021-02-04T01:08"),
    "v7.2.0a32": paris("2021-02-04T01:08"),
    "v7r0p48": paris("2021-02-08T11:13"),
    "v7r1p28": paris("2021-02-08T11:45"),
    "v7r0p49": paris("2021-02-15T20:19:54"),
    "v7r1p29": paris("2021-02-15T20:48:10"),
    "v7r1p30": paris("2021-02-24T17:00"),
}
RELEASES = releases(DIRAC, JANUARY_2021)
SLIDE_DAY = as_of("2021-02-22T14:00")


def chosen(period: str, kinds: Sequence[KindWord] = (), series: str | None = None) -> list[str]:
    seen = read_period(period, SLIDE_DAY).until(SLIDE_DAY.end)
    found = selected(RELEASES, [DIRAC], seen, kinds, () if series is None else (series,))
    return [release.version for release in found]


def groups(units: list[GroupBy]) -> list[tuple[str, ...]]:
    counted = count_by(RELEASES, units, PARIS)
    return [(*(value for _, value in group.keys), str(group.count)) for group in counted]


def test_the_slide_of_22_february_2021_has_six_patch_releases() -> None:
    assert chosen("1m") == ["v7r0p47", "v7r0p48", "v7r0p49", "v7r1p27", "v7r1p28", "v7r1p29"]


def test_what_had_not_happened_yet_is_not_in_a_period_that_lies_partly_ahead() -> None:
    assert "v7r1p30" not in chosen("2021-02")


def test_a_series_is_asked_for_in_any_spelling() -> None:
    assert chosen("1m", series="7.1") == chosen("1m", series="V7R1") == ["v7r1p27", "v7r1p28", "v7r1p29"]


def test_kinds_replace_the_ordinary_ones_and_add_up() -> None:
    assert chosen("1m", kinds=[KindWord.PRE_RELEASE]) == ["v7r2-pre32"]
    assert len(chosen("1m", kinds=[KindWord.PATCH, KindWord.PRE_RELEASE])) == len(chosen("1m", kinds=[KindWord.ALL]))


def test_a_repository_that_counts_final_releases_counts_them() -> None:
    comdirac = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)
    made = releases(comdirac, {"v0r16": paris("2021-02-01T10:00"), "v0r16p1": paris("2021-02-02T10:00")})
    found = selected(made, [comdirac], read_period("1m", SLIDE_DAY))
    assert [release.version for release in found] == ["v0r16", "v0r16p1"]
    assert kinds_told([], [DIRAC, comdirac]) == ["patch", "final"]


def test_groups_by_series_go_by_version_and_leave_none_empty() -> None:
    assert groups([GroupBy.SERIES]) == [("v7r0", "4"), ("v7r1", "5"), ("v7r2", "1")]


def test_groups_by_calendar_unit() -> None:
    assert groups([GroupBy.MONTH]) == [("2021-01", "2"), ("2021-02", "8")]
    assert groups([GroupBy.WEEK])[:2] == [("2021-W03", "2"), ("2021-W05", "3")]
    assert groups([GroupBy.QUARTER]) == [("2021-Q1", "10")]
    assert groups([GroupBy.YEAR]) == [("2021", "10")]
    assert groups([GroupBy.DAY])[0] == ("2021-01-20", "2")


def test_a_day_is_a_day_of_the_zone_asked_in() -> None:
    after_midnight = releases(DIRAC, {"v7r2p1": paris("2021-03-30T00:30")})
    [in_paris], [in_utc] = (count_by(after_midnight, [GroupBy.DAY], zone) for zone in (PARIS, UTC_ZONE))
    assert (in_paris.keys[0][1], in_utc.keys[0][1]) == ("2021-03-30", "2021-03-29")


def test_groups_by_two_units_nest() -> None:
    assert groups([GroupBy.MONTH, GroupBy.SERIES])[:3] == [
        ("2021-01", "v7r0", "1"),
        ("2021-01", "v7r1", "1"),
        ("2021-02", "v7r0", "3"),
    ]
    assert groups([GroupBy.KIND, GroupBy.REPOSITORY])[0] == ("patch", DIRAC.key, "9")


def test_an_undated_release_cannot_be_counted_by_date() -> None:
    [undated] = releases(DIRAC, {"v7r0p1": paris("2021-01-01T00:00")}, dated=False)
    with pytest.raises(ValueError, match="has no date"):
        count_by([undated], [GroupBy.DAY], PARIS)


names = st.sampled_from([f"v7r{minor}{rest}" for minor in range(3) for rest in ("", "p1", "p2", "p10", "-pre1")])
histories = st.dictionaries(names, st.datetimes(datetime(2019, 1, 1), datetime(2022, 1, 1)), max_size=12)


@given(histories, st.sampled_from(list(GroupBy)))
def test_groups_add_up_to_the_whole(history: dict[str, datetime], unit: GroupBy) -> None:
    made = releases(DIRAC, {name: date.replace(tzinfo=PARIS) for name, date in history.items()})
    assert sum(group.count for group in count_by(made, [unit], PARIS)) == len(made)


@given(histories, st.datetimes(datetime(2019, 1, 1), datetime(2022, 1, 1)))
def test_the_counts_of_a_split_period_add_up(history: dict[str, datetime], split: datetime) -> None:
    made = releases(DIRAC, {name: date.replace(tzinfo=PARIS) for name, date in history.items()})
    middle, end = split.replace(tzinfo=UTC_ZONE), as_of("2023-01-01T00:00")
    first, second = Period(None, middle, UTC_ZONE), Period(middle, end.end, UTC_ZONE)
    whole = Period(None, end.end, UTC_ZONE)

    def count(period: Period) -> int:
        return len(selected(made, [DIRAC], period, [KindWord.ALL]))

    assert count(first) + count(second) == count(whole) == len(made)


@given(st.permutations(RELEASES))
def test_counting_does_not_depend_on_order(shuffled: list[object]) -> None:
    assert count_by(shuffled, [GroupBy.SERIES, GroupBy.MONTH], PARIS) == count_by(  # type: ignore[arg-type]
        RELEASES, [GroupBy.SERIES, GroupBy.MONTH], PARIS
    )


def test_a_repository_is_meant_by_key_path_or_name_in_any_case() -> None:
    watched = [DIRAC, a_repository("DIRACGrid/WebAppDIRAC")]
    for word in ("github:DIRACGrid/DIRAC", "diracgrid/dirac", "DIRAC"):
        assert choose_repositories([word], watched) == [DIRAC]
    assert choose_repositories([], watched) == choose_repositories(["*"], watched) == watched


def test_a_repository_that_is_not_watched_or_not_clear_is_refused() -> None:
    watched = [DIRAC, a_repository("ic-hep/DIRAC")]
    with pytest.raises(UsageError, match="not watched; watched: github:DIRACGrid/DIRAC, github:ic-hep"):
        choose_repositories(["Pilot"], watched)
    with pytest.raises(UsageError, match="matches 2 repositories"):
        choose_repositories(["DIRAC"], watched)


def test_a_series_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match='series "latest"'):
        series_by_repository("latest", [DIRAC])


def test_a_series_is_read_once_for_each_scheme() -> None:
    read: list[str] = []

    class NotedScheme(DiracScheme):
        def read_series(self, text: str) -> str | None:
            read.append(text)
            return DiracScheme.read_series(self, text)

    many = [replace(a_repository(f"many/R{number}"), scheme=NotedScheme()) for number in range(40)]
    assert series_by_repository("7.1", many) == {each.key: "v7r1" for each in many}
    assert read == ["7.1"]


zones = st.sampled_from(
    [PARIS, UTC_ZONE, ZoneInfo("America/St_Johns"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("Pacific/Apia")]
)
moments = st.datetimes(datetime(2009, 10, 1), datetime(2012, 2, 1), timezones=st.just(UTC))
calendar_units = st.lists(st.sampled_from([unit for unit in GroupBy if is_calendar(unit)]), min_size=1, max_size=2)


@given(zones, moments, moments, calendar_units, st.floats(0, 1))
def test_a_piece_of_the_calendar_is_in_one_unit_throughout(
    zone: ZoneInfo, one: datetime, other: datetime, units: list[GroupBy], share: float
) -> None:
    start, end = sorted((one, other))
    starts = pieces(units, Period(start, end, zone))
    assert starts == sorted(set(starts))
    assert starts[:1] == ([start] if start < end else [])
    for begin, after in pairwise([*starts, end]):
        inside = begin + (after - begin) * share
        for moment in (inside, after - timedelta(microseconds=1)):
            if begin <= moment < after:
                assert [calendar_unit(moment.astimezone(zone), unit) for unit in units] == [
                    calendar_unit(begin.astimezone(zone), unit) for unit in units
                ]


def test_a_midnight_that_comes_twice_is_cut_three_times() -> None:
    st_johns = ZoneInfo("America/St_Johns")
    night = Period(datetime(2010, 11, 7, 1, tzinfo=UTC), datetime(2010, 11, 7, 12, tzinfo=UTC), st_johns)
    local = [start.astimezone(st_johns).strftime("%d %H:%M") for start in pieces([GroupBy.DAY], night)]
    assert local == ["06 22:30", "07 00:00", "06 23:01", "07 00:00"]


def test_months_are_as_few_pieces_as_there_are_months() -> None:
    year = Period(paris("2020-01-01T00:00"), paris("2021-01-01T00:00"), PARIS)
    assert len(pieces([GroupBy.MONTH, GroupBy.SERIES], year)) == 12
    assert len(pieces([GroupBy.SERIES], year)) == 1


def test_units_without_releases_are_listed_with_none() -> None:
    groups = count_by(RELEASES[:1], [GroupBy.MONTH], PARIS)
    period = Period(paris("2020-12-15T00:00"), paris("2021-03-01T00:00"), PARIS)
    listed = [(group.keys[0][1], group.count) for group in without_gaps(groups, GroupBy.MONTH, period)]
    assert listed == [("2020-12", 0), ("2021-01", 1), ("2021-02", 0)]


def test_without_a_beginning_the_list_of_units_begins_with_the_first_release() -> None:
    groups = count_by(RELEASES[:1], [GroupBy.MONTH], PARIS)
    period = Period(None, paris("2021-03-01T00:01"), PARIS)
    listed = [group.keys[0][1] for group in without_gaps(groups, GroupBy.MONTH, period)]
    assert listed == ["2021-01", "2021-02", "2021-03"]
    assert [group.count for group in without_gaps((), GroupBy.MONTH, period)] == [0]


@pytest.mark.parametrize(
    "address",
    [
        "https://github.example/DIRACGrid/DIRAC",
        "http://github.example/diracgrid/dirac/",
        "https://github.example/DIRACGrid/DIRAC.git",
        "https://github.example/DIRACGrid/DIRAC/releases/tag/v7r1p29",
        "https://github.example/DIRACGrid/DIRAC?tab=readme",
    ],
)
def test_a_repository_is_named_by_the_address_of_its_page(address: str) -> None:
    both = [DIRAC, a_repository("DIRACGrid/DIRACOS")]
    assert choose_repositories([address], both) == [DIRAC]


@pytest.mark.parametrize("address", ["https://elsewhere.example/DIRACGrid/DIRAC", "https://github.example/DIRACGrid"])
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="not watched"):
        choose_repositories([address], [DIRAC])


ETCD = a_repository("etcd-io/etcd")
API = replace(ETCD, product="api", name="etcd api")
CLIENT = replace(ETCD, product="client", name="etcd client")


@pytest.mark.parametrize("word", ["github:etcd-io/etcd", "etcd-io/etcd", "etcd", "https://github.example/etcd-io/etcd"])
@pytest.mark.parametrize("watched", [[ETCD, API, CLIENT], [API, CLIENT]])
def test_a_repository_as_a_filter_takes_all_of_its_products(word: str, watched: list[Repository]) -> None:
    assert choose_repositories([word], [DIRAC, *watched]) == watched


@pytest.mark.parametrize("word", ["github:etcd-io/etcd#api", "GitHub:etcd-io/etcd#API", "etcd-io/etcd#api", "etcd api"])
def test_a_product_is_named_alone(word: str) -> None:
    assert choose_repositories([word], [DIRAC, ETCD, API, CLIENT]) == [API]
    assert choose_one(word, [DIRAC, ETCD, API, CLIENT]) == API


def test_a_key_is_that_of_one_entry() -> None:
    assert choose_one("github:etcd-io/etcd", [API, ETCD, CLIENT]) == ETCD
    with pytest.raises(UsageError, match=r'repository "github:etcd-io/etcd": not watched'):
        choose_one("github:etcd-io/etcd", [API, CLIENT])
