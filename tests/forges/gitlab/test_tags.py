"""When the newest page says as much as the whole list, and when it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tags import TagRef
from bot.forges.gitlab.tags import ListedTag, NewestTags, merged

START = datetime(2021, 1, 1, tzinfo=UTC)


def light(name: str, day: int, target: int = 0) -> ListedTag:
    oid = f"{target or day:040x}"
    return ListedTag(TagRef(name, oid, annotated=False), oid, None, START + timedelta(days=day), has_release=False)


def annotated(name: str, day: int | None, committed: int) -> ListedTag:
    made = None if day is None else START + timedelta(days=day)
    ref = TagRef(name, f"{committed + 1000:040x}", annotated=True)
    return ListedTag(ref, f"{committed:040x}", made, START + timedelta(days=committed), has_release=False)


def known(*tags: ListedTag) -> dict[str, TagRef]:
    return {tag.ref.name: tag.ref for tag in tags}


OLD = [light(f"v{day}", day) for day in range(150)]


def newest_of(tags: list[ListedTag], total: int | None = None) -> NewestTags:
    """Page as GitLab does."""
    ordered = sorted(tags, key=lambda tag: tag.tagger or tag.committed or START, reverse=True)
    return NewestTags(ordered[:100], len(tags) if total is None else total)


def test_nothing_new_is_what_was_known() -> None:
    assert merged(known(*OLD), newest_of(OLD)) == known(*OLD)


def test_new_tags_come_before_the_first_that_is_known() -> None:
    new = [*OLD, light("v150", 150), annotated("v151", 151, 150)]
    assert merged(known(*OLD), newest_of(new)) == known(*new)


def test_a_list_of_one_page_tells_of_moved_and_deleted_tags_too() -> None:
    now = [light("v1", 1), light("v2", 2, target=9)]
    assert merged(known(light("v1", 1), light("v2", 2), light("v3", 3)), newest_of(now)) == known(*now)
    assert merged(known(*now), NewestTags([], 0)) == {}


@pytest.mark.parametrize(
    "now",
    [
        [tag for tag in OLD if tag.ref.name != "v3"],  # an old tag was deleted
        [tag for tag in OLD if tag.ref.name != "v149"],  # the newest tag was deleted
        [*OLD, light("old", -1)],  # a new tag on an old commit
        [*OLD, *(light(f"w{day}", day) for day in range(200, 320))],  # more new tags than a page holds
    ],
    ids=["old-deleted", "new-deleted", "on-old-commit", "many-new"],
)
def test_what_does_not_fit_asks_for_the_whole_list(now: list[ListedTag]) -> None:
    assert merged(known(*OLD), newest_of(now)) is None


def test_a_list_that_is_not_newest_first_is_not_believed() -> None:
    assert merged(known(*OLD), NewestTags(OLD[:100], 150)) is None


def test_a_page_with_a_tag_twice_is_not_believed() -> None:
    assert merged(known(*OLD), NewestTags([OLD[5], OLD[5]], 150)) is None
    assert merged(known(OLD[5]), NewestTags([OLD[5], OLD[5]], 1)) is None


def test_without_a_total_only_a_list_too_long_for_one_is_believed() -> None:
    many = [light(f"v{day}", day) for day in range(10_001)]
    page = newest_of(many).tags
    assert merged(known(*many), NewestTags(page, None)) == known(*many)
    assert merged(known(*many[1:]), NewestTags(page, None)) is None


def test_a_tag_without_a_date_does_not_disturb_the_order() -> None:
    odd = [annotated("odd", None, 3), *OLD[::-1][:99]]
    assert merged(known(*OLD), NewestTags(odd, 151)) == known(*OLD, odd[0])


repositories = st.dictionaries(
    st.integers(0, 300).map(lambda number: f"v{number}"), st.integers(0, 2000), max_size=130
).map(lambda days: [light(name, day) for name, day in days.items()])


@given(repositories, st.data())
def test_what_only_came_is_found_or_the_whole_list_is_asked_for(before: list[ListedTag], data: st.DataObject) -> None:
    came = data.draw(st.lists(st.integers(-50, 3000), max_size=30, unique=True))
    now = before + [light(f"new{day}", day) for day in came]
    answer = merged(known(*before), newest_of(now))
    assert answer is None or answer == known(*now)


@given(repositories, st.sets(st.integers(0, 129), max_size=5))
def test_what_only_went_is_found_or_the_whole_list_is_asked_for(before: list[ListedTag], gone: set[int]) -> None:
    now = [tag for number, tag in enumerate(before) if number not in gone]
    answer = merged(known(*before), newest_of(now))
    assert answer is None or answer == known(*now)
