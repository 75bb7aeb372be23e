"""Readings that give a number: on DIRAC's recorded history as of the slide, and counted again by the ordinary count."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import ask
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.periods.period import AsOf
from bot.domain.periods.spans import Span
from bot.domain.readings import Reading
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import Tag
from bot.queries.base import QueryContext, Watched, answer_of, answer_text, run
from bot.queries.claim import Claim, ClaimReadings
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.release_list import ReleaseList
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.render.markup import TEXT
from bot.store.store import Store
from tests.builders import MONDAY, PARIS, a_repository, a_tag, as_of, paris
from tests.databases import database_url, postgresql
from tests.examples import part_of
from tests.histories import write_history, write_tags
from tests.memory import store_in_memory

__all__ = ["database_url", "postgresql"]

DIRAC, WEB = a_repository(), a_repository("DIRACGrid/WebAppDIRAC")
DIRACOS = a_repository("DIRACGrid/DIRACOS", counts=Counts.FINAL)
FAMILY = (DIRAC, WEB, DIRACOS)
SLIDE = AsOf(paris("2021-02-23T00:00"), paris("2021-02-22T00:00").date(), PARIS)
MONTH = Span(paris("2021-01-22T00:00"), text="1m")


def a_context(store: Store, *repositories: Repository, at: AsOf = SLIDE) -> QueryContext:
    return QueryContext(store, Watched(repositories or FAMILY), at, timedelta(hours=2))


@pytest.fixture(scope="module")
def context() -> Iterator[QueryContext]:
    with store_in_memory() as store:
        for repository in FAMILY:
            write_history(store, repository)
        yield a_context(store)


def claimed(context: QueryContext, number: int, filters: Filters) -> ClaimReadings:
    found = run(Claim(filters, number), context)
    assert isinstance(found, ClaimReadings)
    return found


def text_of(found: ClaimReadings) -> str:
    return answer_text(answer_of(found, TEXT))


def test_three_readings_give_the_seven_of_the_slide(context: QueryContext) -> None:
    found = claimed(context, 7, Filters(("DIRAC",), span=MONTH))
    assert (
        text_of(found)
        == """\
6 patch releases of DIRAC, 22 Jan to 22 Feb 2021 (Europe/Paris): v7r0: 3, v7r1: 3; 3 other readings give 7
  DIRAC with WebAppDIRAC: adds WebAppDIRAC v4r0p33 (22 Feb, dated by its commit only)
  DIRAC with DIRACOS: adds DIRACOS v1r17 (2 Feb)
  DIRAC, since v7r0p46 (20 Jan): adds v7r1p26 (20 Jan, dated by its commit only)
  (The count does not prove any of these.)
  (dated by their commit only, of the count as asked: all 6)
  (possibly incomplete: DIRAC not checked since 22 Feb 2021 13:55)"""
    )


def test_a_reading_is_json_with_what_it_adds_and_which_dates_are_uncertain(context: QueryContext) -> None:
    data = claimed(context, 7, Filters(("DIRAC",), span=MONTH)).data()
    assert (data["claim"], data["count"], data["nearest"]) == (7, 6, [])
    _, diracos, since = data["readings"]
    assert diracos["repositories"] == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/DIRACOS"]
    assert [each["version"] for each in diracos["adds"]] == ["v1r17"]
    assert len(diracos["uncertain"]) == 6
    assert since["distance"] == {"changes": 1, "days": 2, "releases": 1}
    assert since["start"] == "2021-01-20T19:07:58+01:00"
    assert len(since["uncertain"]) == 7


def test_ordinary_kinds_that_are_named_are_still_the_ordinary_ones(context: QueryContext) -> None:
    unnamed = claimed(context, 7, Filters(("DIRAC",), span=MONTH))
    named = claimed(context, 7, Filters(("DIRAC",), kinds=(KindWord.PATCH,), span=MONTH))
    assert named.data()["readings"] == unnamed.data()["readings"]


def test_without_a_reading_the_nearest_counts_are_given(context: QueryContext) -> None:
    found = claimed(context, 500, Filters(("DIRAC",), span=MONTH))
    assert found.readings == []
    assert "; no reading gives 500\n" in text_of(found)
    [nearest] = found.data()["nearest"]
    assert nearest["count"] == len([*nearest["adds"]]) + 6


def test_the_question_in_words_is_about_the_last_month(context: QueryContext) -> None:
    vocabulary = Vocabulary(FAMILY)
    for text in ("which reading gives seven for DIRAC?", "why not seven in DIRAC?", "how could it be 7 for DIRAC"):
        found = ask(text, context, vocabulary, None).result
        assert isinstance(found, ClaimReadings), text
        assert (found.plain.total, len(found.readings)) == (6, 3)


def test_two_numbers_or_a_breakdown_are_refused(context: QueryContext) -> None:
    for text in ("why not seven, how could it be eight", "which reading gives seven by month"):
        said = answer_text(ask(text, context, Vocabulary(FAMILY), None).answer(TEXT))
        assert "one number at a time, please, and no breakdown" in said


def test_of_many_watched_repositories_those_of_the_same_organisation_may_be_added(context: QueryContext) -> None:
    others = [a_repository(f"site/extension{number}") for number in range(60)]
    many = replace(context, watched=Watched((*FAMILY, *others)))
    found = claimed(many, 7, Filters(("DIRAC",), span=MONTH))
    assert len(found.readings) == 3
    assert "(not considered: 60 watched repositories outside the organisations asked for)" in text_of(found)
    with pytest.raises(UsageError, match="at most 50 repositories can be compared, not 63"):
        claimed(many, 7, Filters(span=MONTH))


def test_dates_from_another_source_give_a_number_on_both_databases(database_url: str) -> None:
    committed, tagged = paris("2021-02-01T12:00"), paris("2021-01-12T12:00")
    with Store.open(database_url) as store:
        write_tags(store, DIRAC, [a_tag("v7r0p1", committed), a_tag("v7r0p2", committed, tagger=tagged)])
        found = claimed(a_context(store, DIRAC), 2, Filters(("DIRAC",), span=MONTH))
        [reading] = found.readings
        assert found.data()["readings"][0]["date_source"] == reading.source == "commit"
        assert "\n  DIRAC, by commit dates: adds v7r0p2 (1 Feb, dated by its commit only)\n" in text_of(found)


def test_dates_from_another_source_are_not_compared_for_many_repositories(context: QueryContext) -> None:
    many = tuple(a_repository(f"DIRACGrid/R{number}") for number in range(6))
    found = claimed(replace(context, watched=Watched(many)), 0, Filters(span=MONTH))
    assert "(other dates are compared for at most 5 repositories)" in text_of(found)


_NAMES = [f"v7r{minor}{patch}" for minor in (0, 1) for patch in ("", "p1", "p2", "p3", "-pre1")]
_MOMENTS = st.integers(0, 30 * 24).map(lambda hours: MONDAY.astimezone(UTC) - timedelta(hours=hours))


@st.composite
def tags(draw: st.DrawFn) -> list[Tag]:
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True, max_size=6))
    dates = {name: (draw(_MOMENTS), draw(st.none() | _MOMENTS)) for name in names}
    return [a_tag(name, committed, tagger=tagger) for name, (committed, tagger) in dates.items()]


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    start, end = sorted([draw(_MOMENTS), draw(_MOMENTS)])
    return Filters(
        tuple(draw(st.lists(st.sampled_from([each.key for each in FAMILY]), min_size=1, max_size=2, unique=True))),
        kinds=tuple(draw(st.lists(st.sampled_from(KindWord), max_size=2, unique=True))),
        span=Span(draw(st.sampled_from([None, start])), draw(st.sampled_from([None, end]))),
    )


@settings(max_examples=part_of(50), deadline=None)
@given(st.tuples(tags(), tags(), tags()), filters(), st.integers(0, 12))
def test_each_reading_gives_the_number_when_it_is_counted(
    recorded: Sequence[list[Tag]], asked: Filters, number: int
) -> None:
    at = as_of("2021-02-22T14:00")
    with store_in_memory() as store:
        write_all(store, FAMILY, recorded)
        found = claimed(a_context(store, at=at), number, asked)
        for claim, reading in [*((number, each) for each in found.readings), *found.nearest]:
            assert counted(reading, store, recorded, at) == claim
    distances = [reading.distance for reading in found.readings]
    assert sorted(distances) == distances
    assert not any(one.spares(other) for one in found.readings for other in found.readings if one is not other)


def write_all(store: Store, repositories: Sequence[Repository], recorded: Sequence[list[Tag]]) -> None:
    for repository, each in zip(repositories, recorded, strict=True):
        write_tags(store, repository, each)


def counted(reading: Reading, store: Store, recorded: Sequence[list[Tag]], at: AsOf) -> int:
    """Count a reading as a person would, who configured its source of dates."""
    keys = tuple(each.key for each in reading.repositories)
    query = Count(Filters(keys, kinds=reading.kinds, span=Span(reading.start.moment, reading.end.moment)))
    if reading.source is None:
        return total(query, a_context(store, at=at))
    family = [replace(each, date=reading.source) for each in FAMILY]
    with store_in_memory() as configured:
        write_all(configured, family, recorded)
        return total(query, a_context(configured, *family, at=at))


def total(query: Count, context: QueryContext) -> int:
    found = run(query, context)
    assert isinstance(found, ReleaseList)
    return found.total
