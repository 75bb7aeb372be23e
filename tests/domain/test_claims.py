"""Which readings of a count give a number: the nearest first, none with a change that it does not need."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.claims import Readings
from bot.domain.filters import KindWord
from bot.domain.periods.period import Period
from bot.domain.readings import Distance, PlainCount, Reading
from bot.domain.releases import Release
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import DateSource
from tests.builders import PARIS, a_repository, paris, releases

DIRAC, WEB = a_repository(), a_repository("DIRACGrid/WebAppDIRAC")
DIRACOS = a_repository("DIRACGrid/DIRACOS", counts=Counts.FINAL)
PILOT = a_repository("DIRACGrid/Pilot", counts=Counts.FINAL)
FEBRUARY = Period(paris("2021-02-01T00:00"), paris("2021-03-01T00:00"), PARIS)
_NONE: Mapping[DateSource, Sequence[Release]] = {}


def on(day: str) -> datetime:
    return paris(f"2021-{day}T12:00")


def readings(
    found: Sequence[Release],
    *repositories: Repository,
    others: Sequence[Repository] = (),
    kinds: tuple[KindWord, ...] = (),
    latest: str = "2021-03-31T00:00",
    by_source: Mapping[DateSource, Sequence[Release]] = _NONE,
) -> Readings:
    """Return the readings of a count of February."""
    asked = PlainCount(repositories or (DIRAC,), tuple(others), kinds, (), FEBRUARY, paris(latest))
    return Readings(asked, found, by_source)


def changed(reading: Reading) -> tuple[object, ...]:
    """Return what a reading changes."""
    return (
        *(each.name for each in reading.added),
        *(f"-{each.name}" for each in reading.left_out),
        *([reading.kind.value] if reading.kind else []),
        *([reading.source.value] if reading.source else []),
        *([("start", reading.start.days)] if reading.start.days else []),
        *([("end", reading.end.days)] if reading.end.days else []),
    )


def changes(found: Readings, claim: int) -> list[tuple[object, ...]]:
    return [changed(each) for each in found.giving(claim)]


THREE = releases(DIRAC, {"v7r0p1": on("02-03"), "v7r0p2": on("02-08"), "v7r0p3": on("02-15")})


def test_the_number_that_was_counted_needs_no_change() -> None:
    found = readings([*THREE, *releases(DIRACOS, {"v1r1": on("02-02")})], others=[DIRACOS])
    assert changes(found, 3) == [()]
    assert [release.version for release in found.usual] == ["v7r0p1", "v7r0p2", "v7r0p3"]


def test_a_repository_is_added_with_its_own_ordinary_releases() -> None:
    found = readings([*THREE, *releases(DIRACOS, {"v1r1": on("02-02"), "v1r2-pre1": on("02-02")})], others=[DIRACOS])
    [reading] = found.giving(4)
    assert changed(reading) == ("DIRACOS",)
    assert [release.version for release in reading.adds] == ["v1r1"]
    assert reading.leaves_out == ()


def test_at_most_three_repositories_are_added() -> None:
    others = [a_repository(f"DIRACGrid/R{number}") for number in range(5)]
    found = readings(
        [*THREE, *(each for other in others for each in releases(other, {"v1r0p1": on("02-05")}))], others=others
    )
    assert {len(reading.added) for reading in found.giving(6)} == {3}
    assert found.giving(7) == []
    assert [count for count, _ in found.nearest(8)] == [6]


def test_one_of_several_repositories_is_left_out() -> None:
    found = readings([*THREE, *releases(WEB, {"v4r0p1": on("02-05")})], DIRAC, WEB)
    reading = found.giving(3)[0]
    assert changed(reading) == ("-WebAppDIRAC",)
    assert [release.version for release in reading.leaves_out] == ["v4r0p1"]


def test_one_kind_is_added() -> None:
    found = readings([*THREE, *releases(DIRAC, {"v7r1-pre1": on("02-10"), "v7r1-pre2": on("02-11")})])
    assert changes(found, 5) == [("pre-release",)]
    assert found.giving(5)[0].kinds == (KindWord.PATCH, KindWord.PRE_RELEASE)


def test_no_kind_is_added_where_ordinary_releases_differ() -> None:
    pre = releases(DIRAC, {"v7r1-pre1": on("02-10")})
    assert readings([*THREE, *pre], DIRAC, DIRACOS).giving(4) == []


def test_an_edge_is_moved_by_whole_days_within_a_week() -> None:
    for day, start in (("01-31", -1), ("01-25", -7)):
        found = readings([*THREE, *releases(DIRAC, {"v7r0p9": on(day)})])
        assert changes(found, 4) == [(("start", start),)]
    assert readings([*THREE, *releases(DIRAC, {"v7r0p9": on("01-24")})]).giving(4) == []


def test_an_edge_lies_after_a_release_where_no_whole_day_gives_the_number() -> None:
    twins = {"v7r0p8": paris("2021-01-30T10:00"), "v7r1p8": paris("2021-01-30T10:12")}
    [reading] = readings([*THREE, *releases(DIRAC, twins)]).giving(4)
    assert reading.start.release is not None
    assert (reading.start.release.version, reading.start.days) == ("v7r0p8", -2)
    assert [release.version for release in reading.adds] == ["v7r1p8"]


def test_no_end_is_later_than_what_may_be_known() -> None:
    later = releases(DIRAC, {"v7r0p9": on("03-02")})
    assert changes(readings([*THREE, *later]), 4) == [(("end", 2),)]
    assert readings([*THREE, *later], latest="2021-03-01T00:00").giving(4) == []


def test_dates_from_another_source_are_a_reading() -> None:
    tagged = [*THREE, *releases(DIRAC, {"v7r0p4": on("02-20")})]
    found = readings(THREE, by_source={DateSource.TAGGER: tagged, DateSource.COMMIT: THREE})
    assert changes(found, 4) == [("tagger",)]


def test_the_fewest_changes_are_nearest_then_days_then_releases() -> None:
    assert sorted([Distance(1, 5, 9), Distance(2, 0, 1), Distance(1, 0, 2), Distance(1, 0, 1), Distance(1, 5, 1)]) == [
        Distance(1, 0, 1),
        Distance(1, 0, 2),
        Distance(1, 5, 1),
        Distance(1, 5, 9),
        Distance(2, 0, 1),
    ]
    more = [*releases(DIRAC, {"v7r0p9": on("01-31")}), *releases(WEB, {"v4r0p1": on("02-05")})]
    pilot = releases(PILOT, {"v1r0": on("01-30")})
    found = readings([*THREE, *more, *pilot], others=[WEB, PILOT])
    assert changes(found, 4) == [("WebAppDIRAC",), (("start", -1),)]


def test_what_gives_the_same_releases_is_listed_once() -> None:
    web = releases(WEB, {"v4r0p1": paris("2021-02-28T12:00")})
    found = readings([*THREE, *web], DIRAC, WEB)
    assert changes(found, 3) == [("-WebAppDIRAC",), (("start", 3),)]


def test_at_most_ten_are_listed() -> None:
    others = [a_repository(f"DIRACGrid/R{number}") for number in range(12)]
    web = [each for other in others for each in releases(other, {"v1r0p1": on("02-05")})]
    assert len(readings([*THREE, *web], others=others).giving(4)) == 10


def test_without_a_reading_the_nearest_counts_are_known() -> None:
    found = readings([*THREE, *releases(DIRACOS, {"v1r1": on("02-02"), "v1r2": on("02-02")})], others=[DIRACOS])
    assert found.giving(4) == []
    assert [(count, changed(reading)) for count, reading in found.nearest(4)] == [(3, ()), (5, ("DIRACOS",))]


def test_releases_dated_by_their_commit_only_are_uncertain() -> None:
    tagged = releases(DIRACOS, {"v1r1": on("02-02")}, tagger=on("02-02"))
    [reading] = readings([*THREE, *tagged], others=[DIRACOS]).giving(4)
    assert [release.version for release in reading.uncertain] == ["v7r0p1", "v7r0p2", "v7r0p3"]
