"""Which date of a tag counts: the order of the sources, what is believable, and what is left where nothing is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.releases import Release, next_publication, releases_of
from bot.domain.tag_dates import (
    Doubt,
    date_of,
    doubts_of,
    first_date_of,
    first_date_when_new,
    is_published_by,
    upcoming_of,
)
from bot.domain.tags import DateSource, Tag, TagDetails, TagState
from tests.builders import MONDAY, a_repository, a_tag, days

DIRAC = a_repository()
NOON = datetime(2021, 2, 15, 12, tzinfo=UTC)
SEEN = MONDAY.astimezone(UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = datetime(1971, 1, 1, tzinfo=UTC)
YEAR_2099 = datetime(2099, 3, 26, tzinfo=UTC)


def live(
    committed: datetime | None = None, *, published: datetime | None = None, tagger: datetime | None = None
) -> Tag:
    """Make a tag that came on Monday while its repository was watched."""
    return a_tag("v7r0p1", committed, published=published, tagger=tagger, first_seen=SEEN, backfilled=False)


def test_the_date_is_the_first_known_of_published_tagger_commit_first_seen() -> None:
    tag = live(NOON, published=NOON + days(2), tagger=NOON + days(1))
    assert date_of(tag) == (NOON + days(2), DateSource.PUBLISHED)
    assert date_of(live(NOON, tagger=NOON + days(1))) == (NOON + days(1), DateSource.TAGGER)
    assert date_of(live(NOON)) == (NOON, DateSource.COMMIT)
    assert date_of(live()) == (SEEN, DateSource.FIRST_SEEN)


def test_an_upload_to_the_package_index_counts_after_the_forges_own_date() -> None:
    tag = live(NOON, published=NOON + days(2), tagger=NOON + days(1))
    assert date_of(tag, None, NOON + days(3)) == (NOON + days(2), DateSource.PUBLISHED)
    assert date_of(live(NOON, tagger=NOON), None, NOON + days(3)) == (NOON + days(3), DateSource.INDEX)


def test_an_upload_is_believed_until_an_hour_after_the_newest_poll() -> None:
    tag = replace(live(NOON), last_seen=SEEN + days(1))
    assert date_of(tag, None, SEEN + days(1) + HOUR) == (SEEN + days(1) + HOUR, DateSource.INDEX)
    late = SEEN + days(1) + HOUR + SECOND
    assert date_of(tag, None, late) == (NOON, DateSource.COMMIT)
    assert doubts_of(tag, late) == {DateSource.INDEX: Doubt.FUTURE}


@pytest.mark.parametrize("source", list(DateSource))
def test_a_repository_may_fix_the_date_it_goes_by(source: DateSource) -> None:
    dated = date_of(live(NOON, published=NOON + days(2), tagger=NOON + days(1)), source, NOON + days(1))
    assert dated is not None
    assert dated[1] is source


def test_a_fixed_date_that_a_tag_lacks_gives_way_to_the_usual_order() -> None:
    assert date_of(live(NOON), DateSource.TAGGER) == (NOON, DateSource.COMMIT)


@pytest.mark.parametrize("impossible", [EPOCH, YEAR_2099, EPOCH - days(4000), FIRST - SECOND, SEEN + HOUR + SECOND])
@pytest.mark.parametrize("fixed", [None, DateSource.TAGGER])
def test_an_impossible_tagger_gives_way_to_the_commit(impossible: datetime, fixed: DateSource | None) -> None:
    assert date_of(live(NOON, tagger=impossible), fixed) == (NOON, DateSource.COMMIT)


@pytest.mark.parametrize("impossible", [EPOCH, YEAR_2099])
def test_where_nothing_is_believable_a_tag_that_came_later_is_dated_by_when_it_was_seen(impossible: datetime) -> None:
    assert date_of(live(impossible, tagger=impossible)) == (SEEN, DateSource.FIRST_SEEN)


@pytest.mark.parametrize("fixed", [None, *DateSource])
@pytest.mark.parametrize("dates", [(), (EPOCH,), (YEAR_2099,)])
def test_where_nothing_is_believable_a_tag_of_the_first_poll_has_no_date(
    dates: tuple[datetime, ...], fixed: DateSource | None
) -> None:
    tag = a_tag("v7r0p1", *dates, first_seen=SEEN, backfilled=True)
    assert date_of(tag, fixed) is None
    [release] = releases_of(DIRAC, [tag])
    assert (release.date, release.date_source, release.is_counted) == (None, None, True)


def test_the_first_poll_says_nothing_of_when_its_tags_were_made_even_where_that_is_the_date_to_go_by() -> None:
    tag = a_tag("v7r0p1", NOON, first_seen=SEEN, backfilled=True)
    assert date_of(tag, DateSource.FIRST_SEEN) == (NOON, DateSource.COMMIT)


@pytest.mark.parametrize("date", [FIRST, SEEN, SEEN + HOUR])
def test_the_first_and_the_last_moment_that_are_believed(date: datetime) -> None:
    assert date_of(live(NOON, tagger=date)) == (date, DateSource.TAGGER)
    assert date_of(live(date)) == (date, DateSource.COMMIT)
    assert date_of(live(NOON, published=date)) == (date, DateSource.PUBLISHED)


def test_a_release_that_is_published_days_after_its_tag_is_believed_once_a_poll_saw_that_day() -> None:
    tag = live(NOON, published=SEEN + days(7))
    before, after = (replace(tag, last_seen=SEEN + days(n)) for n in (6, 7))
    assert (date_of(before), upcoming_of(before)) == ((NOON, DateSource.COMMIT), SEEN + days(7))
    assert (date_of(after), upcoming_of(after)) == ((SEEN + days(7), DateSource.PUBLISHED), None)


def test_a_commit_of_the_week_after_is_believed_of_a_tag_that_moved_there() -> None:
    moved = replace(live(SEEN + days(7)), moved_at=SEEN + days(7))
    assert date_of(moved) == (SEEN + days(7), DateSource.COMMIT)
    assert date_of(replace(moved, moved_at=SEEN + days(7) - HOUR - SECOND)) == (SEEN, DateSource.FIRST_SEEN)


def test_what_is_not_believed_is_told_with_the_reason() -> None:
    tag = live(EPOCH, tagger=YEAR_2099, published=YEAR_2099)
    assert doubts_of(tag) == {
        DateSource.PUBLISHED: Doubt.UPCOMING,
        DateSource.TAGGER: Doubt.AHEAD,
        DateSource.COMMIT: Doubt.EPOCH,
    }
    assert doubts_of(live(NOON, tagger=NOON, published=NOON)) == {}
    assert doubts_of(live()) == {}


def test_a_twin_with_an_impossible_date_does_not_hide_the_other() -> None:
    sane = a_tag("v7.0.1", NOON, first_seen=SEEN, backfilled=True)
    for odd in (EPOCH, YEAR_2099):
        twin = a_tag("v7r0p1", odd, first_seen=SEEN, backfilled=True)
        [release] = releases_of(DIRAC, [twin, sane])
        assert (release.date, release.date_source, release.commit) == (NOON, DateSource.COMMIT, sane.commit)


def test_a_release_that_is_announced_is_dated_by_its_tag_and_names_its_day() -> None:
    [release] = releases_of(DIRAC, [live(NOON, published=SEEN + days(30))])
    assert (release.date, release.date_source, release.upcoming) == (NOON, DateSource.COMMIT, SEEN + days(30))
    assert next_publication([release]) == SEEN + days(30)
    [gone] = releases_of(DIRAC, [replace(live(NOON, published=SEEN + days(30)), state=TagState.DELETED)])
    assert next_publication([gone]) is None


moments = st.integers(-400_000, 1_200_000).map(lambda number: EPOCH + timedelta(hours=number))
dates = st.none() | moments
polls = st.integers(0, 1_000).map(lambda number: SEEN + timedelta(hours=number))


@st.composite
def twins(draw: st.DrawFn) -> list[Tag]:
    """Draw the tags of one release, some of the first poll, with whatever dates."""
    newest = draw(polls)
    made = []
    for name in draw(st.lists(st.sampled_from(["v7r0p1", "v7.0.1", "7.0.1"]), min_size=1, unique=True)):
        seen = SEEN + (newest - SEEN) * draw(st.sampled_from([0, 0.5, 1]))
        made.append(
            a_tag(
                name,
                draw(dates),
                tagger=draw(dates),
                published=draw(dates),
                first_seen=seen,
                backfilled=seen == SEEN,
                moved_at=draw(st.sampled_from([None, newest])),
                last_seen=newest,
            )
        )
    return made


def release_of(tags: list[Tag], fixed: DateSource | None = None) -> Release:
    [release] = releases_of(a_repository(date=fixed), tags)
    return release


sources = st.sampled_from([None, *DateSource])


@given(twins(), sources)
def test_no_release_is_dated_later_than_an_hour_after_the_newest_poll_nor_in_1970(
    tags: list[Tag], fixed: DateSource | None
) -> None:
    release = release_of(tags, fixed)
    assert release.date is None or FIRST <= release.date <= tags[0].last_seen + HOUR


@given(twins(), sources)
def test_only_what_was_there_at_the_first_poll_can_be_without_a_date(tags: list[Tag], fixed: DateSource | None) -> None:
    if release_of(tags, fixed).date is None:
        assert all(tag.backfilled for tag in tags)


@given(twins(), sources, st.randoms())
def test_the_order_of_twins_changes_nothing(tags: list[Tag], fixed: DateSource | None, random: object) -> None:
    shuffled = list(tags)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert release_of(shuffled, fixed) == release_of(tags, fixed)


@given(twins(), st.data())
def test_one_more_date_whatever_it_is_takes_no_release_out_of_the_record(tags: list[Tag], data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(["published", "tagger", "committed"]))
    known = tags[0].details
    assert known is not None
    without: dict[str, Any] = {source: None}
    bare = replace(tags[0], details=replace(known, **without))
    before, after = release_of([bare, *tags[1:]]), release_of(tags)
    assert before.date is None or after.date is not None


@given(twins(), sources)
def test_each_date_that_is_known_is_believed_or_has_a_reason(tags: list[Tag], fixed: DateSource | None) -> None:
    for tag in tags:
        dated = date_of(tag, fixed)
        assert dated is None or dated[1] not in doubts_of(tag)


@given(twins(), polls)
def test_what_is_upcoming_is_published_at_the_first_poll_from_that_day_on(tags: list[Tag], at: datetime) -> None:
    release = release_of(tags)
    if release.upcoming is not None:
        later = release_of([replace(tag, last_seen=max(at, tag.last_seen)) for tag in tags])
        is_due = is_published_by(release.upcoming, max(at, tags[0].last_seen))
        assert (later.upcoming != release.upcoming) is is_due


@pytest.mark.parametrize("backfilled", [True, False])
@pytest.mark.parametrize(
    "details",
    [
        None,
        TagDetails("c"),
        TagDetails("c", committed=NOON),
        TagDetails("c", committed=SEEN + HOUR + SECOND),
        TagDetails("c", SEEN + days(1), NOON, NOON - days(1)),
        TagDetails("c", EPOCH, EPOCH, EPOCH),
    ],
)
def test_the_first_date_of_a_new_tag_is_the_one_that_counts_for_it(
    details: TagDetails | None, *, backfilled: bool
) -> None:
    tag = Tag(
        "v7r2",
        "c",
        annotated=False,
        details=details,
        first_seen=SEEN,
        last_seen=SEEN,
        backfilled=backfilled,
        state=TagState.CURRENT,
    )
    assert first_date_when_new(details, SEEN, backfilled=backfilled) == first_date_of(tag)
