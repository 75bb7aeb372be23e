"""Counts and lists: what the store counts is what reading every tag gives, and what lacks is said."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import ask
from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.patterns import Pattern
from bot.domain.periods.period import AsOf
from bot.domain.periods.spans import Span
from bot.domain.releases import Release
from bot.domain.repositories import Counts, Repository
from bot.domain.versions.regex import RegexScheme
from bot.domain.versions.semver import SemverScheme
from bot.queries.base import QueryContext, Watched, answer_text
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.latest import Latest, LatestReleases
from bot.queries.release import WhenReleased
from bot.queries.release_list import ReleaseList, find_releases
from bot.queries.releases import Count, Releases
from bot.queries.selection import Filters
from bot.render.markup import TEXT, Markup
from bot.services.basis import Basis
from bot.store.store import Store
from tests.builders import PARIS, a_repository, a_tag, as_of, paris, releases
from tests.examples import part_of
from tests.histories import write_history, write_tags
from tests.memory import store_in_memory

DIRAC = a_repository()
COMDIRAC = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)
LAST = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> Iterator[Store]:
    with store_in_memory() as store:
        for repository in (DIRAC, COMDIRAC):
            write_history(store, repository)
        yield store


def context_at(store: Store, moment: AsOf) -> QueryContext:
    return QueryContext(store, Watched((COMDIRAC, DIRAC)), moment, timedelta(hours=2))


def find(store: Store, filters: Filters, moment: AsOf, units: Sequence[GroupBy] = ()) -> ReleaseList:
    return find_releases(filters, context_at(store, moment), units=units, most=None)


moments = st.datetimes(datetime(2009, 1, 1), datetime(2026, 1, 1)).map(lambda moment: moment.replace(tzinfo=PARIS))
some_filters = st.builds(
    Filters,
    repositories=st.sampled_from([(), ("DIRAC",), ("COMDIRAC",)]),
    series=st.sampled_from([(), (), ("0.19",)]),
    kinds=st.lists(st.sampled_from(KindWord), unique=True, max_size=2).map(tuple),
    span=st.tuples(moments, moments).map(lambda ends: Span(min(ends), max(ends))) | st.none(),
)
some_units = st.lists(st.sampled_from(GroupBy), unique=True, max_size=2)


@pytest.mark.long
@settings(max_examples=part_of(80), deadline=None)
@given(some_filters, moments, some_units)
def test_what_the_store_counts_is_what_every_tag_gives(
    history: Store, filters: Filters, until: datetime, units: list[GroupBy]
) -> None:
    moment = AsOf.at(until, PARIS)
    filters = replace(filters, series=() if filters.repositories == ("DIRAC",) else filters.series)
    now = find(history, filters, moment, units)
    then = find(history, replace(filters, known_at=LAST), moment, units)
    assert (now.total, now.groups, now.series, now.undated) == (then.total, then.groups, then.series, then.undated)
    assert now.total == len(now.releases) == sum(group.count for group in now.series)
    assert [release.version for release in now.releases] == [release.version for release in then.releases]
    assert now.basis == then.basis
    newest = [
        [(release["version"], release["mark"]) for release in Latest(each).run(context_at(history, moment)).data()]
        for each in (filters, replace(filters, known_at=LAST))
    ]
    assert newest[0] == newest[1]


@pytest.mark.parametrize("known_at", [None, as_of("2021-02-22T14:00").end])
@pytest.mark.parametrize("kinds", [(), (KindWord.PRE_RELEASE,)])
def test_releases_without_a_date_are_told_of_where_their_kind_and_series_are_counted(
    store: Store, known_at: datetime | None, kinds: tuple[KindWord, ...]
) -> None:
    undated = [a_tag(name, dated=False) for name in ("v7r1p1", "v7r0p1", "v7r0p2", "v7r1-pre1")]
    write_tags(store, DIRAC, [*undated, a_tag("grep")])
    filters = Filters(("DIRAC",), kinds=kinds, known_at=known_at)
    moment = as_of("2021-02-22T14:00")
    found = [find(store, replace(filters, series=series), moment).undated for series in ((), ("v7r1",))]
    assert found == ([1, 1] if kinds else [3, 1])


def test_months_without_a_release_are_counted_as_zero(store: Store) -> None:
    tags = [a_tag("v7r1p1", paris("2020-11-03T10:00")), a_tag("v7r1p2", paris("2021-02-03T10:00"))]
    write_tags(store, DIRAC, tags)
    now = as_of("2021-02-22T14:00")
    for start, months in (
        (None, ["2020-11", "2020-12", "2021-01", "2021-02"]),
        (paris("2021-01-01T00:00"), ["2021-01", "2021-02"]),
    ):
        span = Span(start, paris("2021-04-01T00:00"))
        groups = find(store, Filters(("DIRAC",), span=span), now, [GroupBy.MONTH]).groups
        assert [group.keys[0][1] for group in groups] == months


def test_what_was_not_seen_yet_is_not_counted_as_known_then(store: Store) -> None:
    write_history(store, COMDIRAC, seen=as_of("2021-02-22T14:00").end)
    earlier, later = as_of("2021-02-21T14:00"), as_of("2021-02-23T14:00")
    totals = [find(store, Filters(("COMDIRAC",), known_at=each.end), later).total for each in (earlier, later)]
    assert totals[0] == 0
    assert totals[1] > 0


def test_an_answer_about_many_repositories_writes_the_names_alone_that_it_shows(store: Store) -> None:
    many = [a_repository(f"many/R{number}") for number in range(40)]
    for repository in many:
        write_tags(store, repository, [a_tag(f"v7r{series}p1", paris("2021-02-01T12:00")) for series in range(4)])
    context = QueryContext(store, Watched(many), as_of("2021-02-22T14:00"), timedelta(hours=2))
    written: list[str] = []

    def plain(text: str) -> str:
        written.append(text)
        return text

    markup = Markup(plain=plain, link=lambda _, text: plain(text), strong=str)
    assert find_releases(Filters(), context).answer(markup).sentence.startswith("160 patch releases")
    assert len(written) <= 60
    written.clear()
    [section] = Latest().run(context).answer(markup).sections
    assert section.lines[0] == "R0: v7r3p1 (1 Feb), v7r2p1 (1 Feb) and 2 more"
    assert len(written) == 3 * len(many) + 1


def test_the_latest_of_many_repositories_are_gathered_in_one_pass() -> None:
    class OnePass(list[Release]):
        passes = 0

        def __reversed__(self) -> Iterator[Release]:
            self.passes += 1
            return super().__reversed__()

    many = [a_repository(f"many/R{number}") for number in range(40)]
    found = OnePass(release for each in many for release in releases(each, {"v7r1p1": paris("2021-02-01T12:00")}))
    moment = as_of("2021-02-22T14:00")
    answer = LatestReleases(Filters(), moment, found, Basis(many, None)).answer(TEXT)
    assert len(answer.sections[0].lines) == len(many)
    assert found.passes == 1


@pytest.mark.parametrize("known_at", [None, LAST])
def test_twins_on_commits_days_apart_are_flagged_where_releases_are_listed(
    store: Store, known_at: datetime | None
) -> None:
    dates = {"v7r2p1": "2021-02-01T12:00", "v7.2.1": "2021-02-10T13:00", "v7r2": "2021-01-05T12:00"}
    write_tags(store, DIRAC, [a_tag(name, paris(date)) for name, date in dates.items()])
    query = Releases(Filters(("DIRAC",), kinds=(KindWord.ALL,), known_at=known_at))
    found = query.run(context_at(store, as_of("2021-02-22T14:00")))
    flags = {release["version"]: release["twins_apart"] for release in found.data()["releases"]}
    assert flags == {"v7r2": False, "v7r2p1": True}
    context = context_at(store, as_of("2021-02-22T14:00"))
    counted = Count(Filters(("DIRAC",), known_at=known_at)).run(context).data()["releases"]
    [latest] = Latest(Filters(("DIRAC",), known_at=known_at)).run(context).data()
    [named] = WhenReleased(("v7r2p1",)).run(context).data()
    assert [each["twins_apart"] for each in (*counted, latest, named)] == [True, True, True]
    assert "same version, other commits, 9 days apart: v7.2.1 = v7r2p1" in found.answer(TEXT).notes


LATE = a_tag("v7r0p33", paris("2021-02-06T12:00"), backfilled=False, first_seen=paris("2021-02-15T08:00"))
ON_TIME = a_tag("v7r0p34", paris("2021-02-11T12:00"), backfilled=False, first_seen=paris("2021-02-11T13:00"))


@pytest.mark.parametrize("known_at", [None, LAST])
@pytest.mark.parametrize(
    ("since", "until", "total", "is_noted"),
    [
        ("2021-02-01", "2021-02-10", 1, True),
        ("2021-02-10", "2021-02-20", 1, True),
        ("2021-02-01", "2021-02-20", 2, False),
        ("2021-01-02", "2021-02-06", 0, False),
    ],
)
def test_a_release_that_may_belong_to_the_other_side_of_an_edge_is_named(
    store: Store, known_at: datetime | None, since: str, until: str, total: int, *, is_noted: bool
) -> None:
    write_tags(store, DIRAC, [LATE, ON_TIME, a_tag("v7r0p32", paris("2021-01-01T12:00"))])
    write_tags(store, COMDIRAC, [])
    filters = Filters(span=Span(paris(f"{since}T00:00"), paris(f"{until}T00:00")), known_at=known_at)
    found = find(store, filters, as_of("2021-02-22T14:00"))
    assert found.total == total
    note = (
        "1 release may belong to the other side of a period's edge: DIRAC v7r0p33 (commit 6 Feb, tag first seen 15 Feb)"
    )
    for notes in (found.answer(TEXT).notes, found.data()["notes"]):
        assert (note in notes) is is_noted
        assert ("edge" in " ".join(notes)) is is_noted


RENUMBERED = a_repository("old/renumbered", scheme=SemverScheme(), counts=Counts.FINAL)
NUMBERED = {
    "v0.9.0": "2018-01-01",
    "v11.0.0": "2018-06-01",
    "v12.0.0": "2019-03-01",
    "v0.36.2": "2021-01-01",
    "v0.36.3": "2021-02-01",
}


def latest(store: Store, tags: dict[str, str], repository: Repository, known_at: datetime | None) -> LatestReleases:
    write_tags(store, repository, [a_tag(name, paris(f"{date}T12:00")) for name, date in tags.items()])
    context = QueryContext(store, Watched((repository,)), as_of("2021-02-22T14:00"), timedelta(hours=2))
    return Latest(Filters(known_at=known_at)).run(context)


@pytest.mark.parametrize("known_at", [None, LAST])
def test_the_latest_of_a_renumbered_project_are_its_highest_and_its_newest(
    store: Store, known_at: datetime | None
) -> None:
    found = latest(store, NUMBERED, RENUMBERED, known_at)
    assert found.answer(TEXT).sentence.startswith(
        "renumbered: highest version: v12.0.0 (1 Mar 2019); newest by date: v0.36.3 (1 Feb), as of "
    )
    assert {each["version"]: each["mark"] for each in found.data()} == {
        "v0.9.0": None,
        "v0.36.3": "newest by date",
        "v11.0.0": None,
        "v12.0.0": "highest version",
    }


@pytest.mark.parametrize("known_at", [None, LAST])
def test_versions_of_one_number_are_one_series_of_which_both_are_named(store: Store, known_at: datetime | None) -> None:
    tags = {"20190101": "2019-01-01", "33": "2021-01-01"}
    scheme = RegexScheme(Pattern("(?P<major>[0-9]+)"))
    found = latest(store, tags, a_repository(scheme=scheme, counts=Counts.FINAL), known_at)
    assert [(each["version"], each["mark"]) for each in found.data()] == [
        ("33", "newest by date"),
        ("20190101", "highest version"),
    ]


def test_an_older_series_that_goes_on_is_no_new_numbering(store: Store) -> None:
    tags = {"v7r1p1": "2020-01-01", "v7r2p1": "2021-01-01", "v7r1p2": "2021-02-01"}
    found = latest(store, tags, DIRAC, None)
    assert found.renumbered == {}
    assert [each["mark"] for each in found.data()] == [None, None]


def test_a_configured_numbering_makes_one_order(store: Store) -> None:
    ordered = replace(RENUMBERED, numbering=(Pattern(r"^v1[0-9]\."), Pattern(".")))
    found = latest(store, NUMBERED, ordered, None)
    assert found.answer(TEXT).sentence.startswith("the newest release of renumbered is v0.36.3 (1 Feb)")


def test_of_several_repositories_a_note_names_the_renumbered_one(store: Store) -> None:
    latest(store, NUMBERED, RENUMBERED, None)
    write_tags(store, DIRAC, [a_tag("v7r1p1", paris("2021-02-01T12:00"))])
    context = QueryContext(store, Watched((RENUMBERED, DIRAC)), as_of("2021-02-22T14:00"), timedelta(hours=2))
    notes = Latest().run(context).answer(TEXT).notes
    assert notes[0] == "renumbered: highest version: v12.0.0 (1 Mar 2019); newest by date: v0.36.3 (1 Feb)"


def test_a_brief_answer_about_many_repositories_has_the_words_of_the_whole_one(store: Store) -> None:
    many = [a_repository(f"many/R{number}") for number in range(45)]
    for number, repository in enumerate(many):
        tags = [
            a_tag(f"v7r{patch % (number % 4 + 1)}p{patch}", paris("2021-02-01T12:00")) for patch in range(number % 7)
        ]
        rare = [a_tag("v8r0p1", paris("2020-05-01T12:00"))] if number in (3, 30) else []
        one = [a_tag("v6r1p1", paris("2019-05-01T12:00"))] if number == 20 else []
        write_tags(store, repository, [*tags, *rare, *one])
    whole = QueryContext(store, Watched(many), as_of("2021-02-22T14:00"), timedelta(hours=2))
    for text in (
        "how many releases ever",
        "how many in 2020",
        "list all in 2019",
        "how many in 2018",
        "how many by month",
    ):
        answers = [
            answer_text(ask(text, context, Vocabulary(tuple(many)), None).answer(TEXT))
            for context in (whole, replace(whole, is_brief=True))
        ]
        assert answers[0] == answers[1]
