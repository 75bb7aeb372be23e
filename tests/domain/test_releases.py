"""Releases from tags: twins, dates, states."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.package_index import IndexListing, IndexVersion
from bot.domain.patterns import Pattern
from bot.domain.releases import (
    ReleaseState,
    _seen_alone,
    _seen_together,
    coverage_of,
    is_unclassified,
    releases_of,
)
from bot.domain.repositories import NotesFile, Repository
from bot.domain.tags import DateSource, Tag, TagDetails, TagState
from bot.domain.versions.semver import SemverScheme
from bot.domain.versions.version import ReleaseKind
from tests.builders import MONDAY, a_commit, a_repository, a_tag, days, paris

DIRAC = a_repository()
NOON = datetime(2021, 2, 15, 12, tzinfo=UTC)


def test_twins_are_one_release_even_on_different_commits() -> None:
    legacy = a_tag("v7r2", paris("2021-03-17T09:30"), commit="1" * 40)
    dotted = a_tag("v7.2.0", paris("2021-03-17T09:40"), commit="2" * 40)
    [release] = releases_of(DIRAC, [dotted, legacy])
    assert release.version == "v7r2"
    assert release.tags == ("v7.2.0", "v7r2")
    assert (release.date, release.commit) == (paris("2021-03-17T09:30"), "1" * 40)


def test_two_patches_on_one_commit_are_two_releases() -> None:
    tags = [a_tag("v6r3p7", NOON, commit="1" * 40), a_tag("v6r3p8", NOON, commit="1" * 40)]
    assert [release.version for release in releases_of(DIRAC, tags)] == ["v6r3p7", "v6r3p8"]


def test_a_backfilled_tag_whose_dates_were_not_asked_for_has_none() -> None:
    [release] = releases_of(DIRAC, [a_tag("v7r0p1", dated=False)])
    assert release.date is None
    assert release.date_source is None


def test_a_tag_that_came_while_watching_has_at_least_the_time_it_was_seen() -> None:
    [release] = releases_of(DIRAC, [a_tag("v7r0p1", dated=False, backfilled=False)])
    assert (release.date, release.date_source) == (MONDAY, DateSource.FIRST_SEEN)


def test_a_twin_without_a_date_does_not_hide_the_other_twins_date() -> None:
    [release] = releases_of(DIRAC, [a_tag("v7r2p1", dated=False), a_tag("v7.2.1", NOON)])
    assert release.date == NOON


def test_a_release_all_of_whose_tags_vanished_is_withdrawn() -> None:
    [release] = releases_of(DIRAC, [a_tag("v8.1.0a1", NOON, state=TagState.DELETED)])
    assert release.state is ReleaseState.WITHDRAWN
    assert not release.is_counted
    assert release.tags == ("v8.1.0a1",)


def test_a_release_that_keeps_one_tag_goes_by_that_tag() -> None:
    gone, kept = a_tag("v7r2", NOON, state=TagState.DELETED), a_tag("v7.2.0", NOON + days(1))
    [release] = releases_of(DIRAC, [gone, kept])
    assert (release.state, release.tags, release.date) == (ReleaseState.CURRENT, ("v7.2.0",), NOON + days(1))


def test_a_release_with_a_moved_tag_says_so() -> None:
    [release] = releases_of(DIRAC, [a_tag("v7r2p3", NOON, state=TagState.MOVED)])
    assert release.state is ReleaseState.MOVED


def test_patterns_leave_tags_out_without_making_them_unclassified() -> None:
    repository = a_repository(include="^v", exclude="-pre")
    tags = [a_tag("v7r2", NOON), a_tag("v7r2-pre1", NOON), a_tag("7.2a28", NOON), a_tag("vim", NOON)]
    assert [release.version for release in releases_of(repository, tags)] == ["v7r2"]
    assert [tag.name for tag in tags if is_unclassified(repository, tag.name)] == ["vim"]


def test_releases_tell_which_tags_are_read_as_the_scheme_does() -> None:
    repository = replace(a_repository(), exclude=Pattern("-old$"))
    tags = [a_tag(name) for name in ("v7r2p1", "v7.2.1", "nightly", "v7r2p2-old")]
    tags.append(a_tag("v7r3", state=TagState.DELETED))
    assert coverage_of(repository, tags, releases_of(repository, tags)) == coverage_of(repository, tags)


def test_a_release_is_linked_to_the_tag_it_is_shown_by() -> None:
    [release] = releases_of(DIRAC, [a_tag("v7.2.0", NOON), a_tag("v7r2", NOON)])
    assert release.url == "https://github.example/DIRACGrid/DIRAC/releases/tag/v7r2"
    [odd] = releases_of(a_repository(exclude="v"), [a_tag("7.2.0", NOON)])
    assert odd.url == "https://github.example/DIRACGrid/DIRAC/releases/tag/7.2.0"


@given(st.permutations(["v7r1p9", "v7r1p29", "v7r2", "v7r2-pre4", "v7.2.0", "v7r10", "grep"]))
def test_releases_come_in_the_order_of_versions_whatever_the_order_of_tags(names: list[str]) -> None:
    made = releases_of(DIRAC, [a_tag(name, NOON) for name in names])
    assert [release.version for release in made] == ["v7r1p9", "v7r1p29", "v7r2-pre4", "v7r2", "v7r10"]


SEMVER = a_repository(scheme=SemverScheme())
RENUMBERED = replace(SEMVER, numbering=(Pattern(r"^v?20[0-9][0-9]\."), Pattern(".")))
_NUMBERS = st.builds(
    "{}.{}.{}".format, st.sampled_from([0, 1, 2, 33, 2014, 2015]), st.integers(0, 11), st.integers(0, 3)
)


@given(st.sets(_NUMBERS, min_size=2, max_size=8))
def test_a_numbering_comes_first_in_the_order_and_within_it_the_version(names: set[str]) -> None:
    tags = [a_tag(name, NOON) for name in names]
    plain = [release.version for release in releases_of(SEMVER, tags)]
    by_numbering = sorted(plain, key=lambda name: not name.startswith("20"))
    assert [release.version for release in releases_of(RENUMBERED, tags)] == by_numbering


def test_a_version_of_no_numbering_is_among_the_newest() -> None:
    repository = replace(SEMVER, numbering=(Pattern("^20"), Pattern("^3")))
    made = releases_of(repository, [a_tag(name, NOON) for name in ("1.0.0", "33.0.2", "2015.1.4")])
    assert [release.version for release in made] == ["2015.1.4", "33.0.2", "1.0.0"]


@pytest.mark.parametrize(
    ("name", "trusts", "kind"),
    [
        ("v1.2.0", False, ReleaseKind.MINOR),
        ("v1.2.0", True, ReleaseKind.PRE_RELEASE),
        ("v1.2.0-rc.1", False, ReleaseKind.PRE_RELEASE),
    ],
)
def test_the_forges_mark_of_a_pre_release_is_kept_and_decides_where_it_is_trusted(
    name: str, kind: ReleaseKind, *, trusts: bool
) -> None:
    marked = replace(a_tag(name, MONDAY), details=TagDetails(a_commit(name), committed=MONDAY, is_flagged=True))
    repository = replace(a_repository(scheme=SemverScheme()), trusts_flag=trusts)
    [release] = releases_of(repository, [marked])
    assert (release.is_flagged, release.kind) == (True, kind)
    assert [each.is_flagged for each in releases_of(repository, [a_tag(name, MONDAY)])] == [False]


@pytest.mark.parametrize(
    ("tag", "bounds"),
    [
        ({"backfilled": False}, (NOON, MONDAY)),
        ({"backfilled": False, "tagger": NOON + days(1)}, (NOON + days(1), MONDAY)),
        ({"backfilled": False, "published": NOON + days(1)}, None),
        ({"backfilled": False, "dated": False}, None),
        ({}, None),
        ({"backfilled": False, "first_seen": NOON - days(1), "moved_at": MONDAY, "state": TagState.MOVED}, None),
    ],
)
def test_a_commits_date_under_a_tag_that_was_watched_live_is_the_earliest_moment(
    tag: dict[str, Any], bounds: tuple[datetime, datetime] | None
) -> None:
    [release] = releases_of(DIRAC, [a_tag("v7r1p1", NOON, **tag)])
    assert release.bounds == bounds


@pytest.mark.parametrize(
    ("edge", "crosses"), [(NOON, False), (NOON + days(0.1), True), (MONDAY, True), (MONDAY + days(0.1), False)]
)
def test_a_release_may_have_come_out_after_its_commit_until_its_tag_was_seen(edge: datetime, *, crosses: bool) -> None:
    [release] = releases_of(DIRAC, [a_tag("v7r1p1", NOON, backfilled=False)])
    assert release.may_cross(edge) is crosses


INDEXED = a_repository(index="pypi:DIRAC")
_VERSIONS = IndexListing("pypi:DIRAC").updated(
    [IndexVersion("7.2.14", NOON + days(1), "Minor bugs found"), IndexVersion("7.2.15", NOON + days(2))], MONDAY
)
LISTING = {"pypi:DIRAC": _VERSIONS}
TAGS = [a_tag("v7r2p14", NOON), a_tag("v7.2.14", NOON - days(1)), a_tag("v7r2p15", NOON), a_tag("v7r2p16", NOON)]


def test_releases_have_the_date_and_the_yank_of_their_version_on_the_package_index() -> None:
    yanked, uploaded, unlisted = releases_of(INDEXED, TAGS, LISTING)
    assert (yanked.date, yanked.date_source) == (NOON + days(1), DateSource.INDEX)
    assert (yanked.state, yanked.yanked) == (ReleaseState.YANKED, "Minor bugs found")
    assert (uploaded.date, uploaded.state, uploaded.yanked) == (NOON + days(2), ReleaseState.CURRENT, None)
    assert (unlisted.date, unlisted.date_source) == (NOON, DateSource.COMMIT)


@pytest.mark.parametrize("counts", [True, False])
def test_a_yanked_release_is_counted_as_configured_and_never_recommended(*, counts: bool) -> None:
    repository = a_repository(index="pypi:DIRAC", counts_yanked=counts)
    yanked, *others = releases_of(repository, TAGS, LISTING)
    assert (yanked.is_counted, yanked.is_recommended) == (counts, False)
    assert all(each.is_counted and each.is_recommended for each in others)


def test_a_yanked_release_without_tags_is_withdrawn() -> None:
    [release] = releases_of(INDEXED, [a_tag("v7r2p14", NOON, state=TagState.DELETED)], LISTING)
    assert release.state is ReleaseState.WITHDRAWN


@pytest.mark.parametrize("repository", [DIRAC, a_repository(index="pypi:DIRACX")])
def test_another_projects_listing_says_nothing(repository: Repository) -> None:
    assert releases_of(repository, TAGS, LISTING) == releases_of(repository, TAGS)


def test_the_page_with_the_notes_is_the_file_at_the_tag_or_the_forges_release() -> None:
    file = NotesFile("release.notes", "dirac", "https://forge.example/blob/{tag}/release.notes")
    named = replace(a_repository(), notes=file)
    plain = replace(a_repository(), tag_url="https://forge.example/tag/{tag}")
    tags = [a_tag("v7r1", MONDAY), a_tag("v7r2", MONDAY, published=MONDAY)]
    assert [each.notes_url for each in releases_of(named, tags)] == [
        "https://forge.example/blob/v7r1/release.notes",
        "https://forge.example/blob/v7r2/release.notes",
    ]
    assert [each.notes_url for each in releases_of(plain, tags)] == [None, "https://forge.example/tag/v7r2"]


_MOMENTS = st.none() | st.datetimes(datetime(1969, 6, 1), datetime(2022, 1, 1), timezones=st.just(UTC))


@given(
    state=st.sampled_from(TagState),
    details=st.none() | st.builds(TagDetails, st.none() | st.just("c"), *[_MOMENTS] * 3, is_flagged=st.booleans()),
    backfilled=st.booleans(),
    moved_at=_MOMENTS,
    fixed=st.none() | st.sampled_from(DateSource),
    uploaded=_MOMENTS,
)
def test_a_tag_alone_shows_what_it_shows_together_with_no_other(
    details: TagDetails | None, fixed: DateSource | None, uploaded: datetime | None, **of_tag: Any
) -> None:
    at = datetime(2021, 2, 22, tzinfo=UTC)
    tag = Tag("v7r2", "c", annotated=False, details=details, first_seen=at, last_seen=at, **of_tag)
    assert _seen_alone([tag], fixed, uploaded) == _seen_together([tag], fixed, uploaded)
