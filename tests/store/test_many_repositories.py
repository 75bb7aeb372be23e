"""More repositories, and more days, than a database takes parameters in a statement."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.counts import GroupBy
from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.polling.record import PollState
from bot.domain.versions.version import ReleaseKind
from bot.store.membership import given_pairs, one_of
from bot.store.schema import repositories
from bot.store.store import Store
from tests.builders import PARIS, a_repository, a_tag, paris
from tests.examples import part_of
from tests.histories import SEEN, write_tags

pytestmark = pytest.mark.long

DIRAC = a_repository()
UNTIL = paris("2021-02-22T14:00")
# PostgreSQL takes 65,535 parameters a statement. The watched repository is the last one.
KEYS = (*(f"github:many/repository-{number}" for number in range(70_000)), DIRAC.key)


@pytest.fixture
def held(store: Store) -> Store:
    write_tags(store, DIRAC, [a_tag("v7r1p1", UNTIL - timedelta(days=1)), a_tag("v7r1p2", dated=False)])
    return store


def wanted(*, series: tuple[str, ...] = ()) -> Wanted:
    rule = ReleaseRule(KEYS, frozenset({ReleaseKind.PATCH}), frozenset(series))
    return Wanted(KEYS, (rule,), None, UNTIL)


def test_records_of_more_repositories_than_parameters_are_read(held: Store) -> None:
    records = held.tags.records(KEYS)
    assert (len(records), records[0].revision, records[-1].tag_count) == (len(KEYS), 0, 2)
    assert [tag.name for _, tag in held.tags.of(KEYS)] == ["v7r1p1", "v7r1p2"]
    assert held.tags.events(KEYS) == []
    polls = held.tags.last_polls(KEYS, UNTIL, timedelta(days=1))
    assert (polls.noted, polls.earliest) == (dict.fromkeys(KEYS[:-1], PollState()), SEEN)
    assert [each.tag_count for each in held.tags.held(KEYS[-2:])] == [0, 2]


def test_releases_of_more_repositories_than_parameters_are_counted(held: Store) -> None:
    for units in ([], [GroupBy.MONTH]):
        assert [tally.count for tally in held.releases.tally(wanted(), units, PARIS)] == [1]
    assert held.releases.undated(wanted()) == 1
    assert [release.version for release in held.releases.newest(wanted())] == ["v7r1p1"]
    assert [release.version for release in held.releases.leading(wanted())] == ["v7r1p1"]
    assert [release.version for release in held.releases.of(KEYS, undated=True)] == ["v7r1p1", "v7r1p2"]


def test_more_series_and_versions_than_parameters_are_looked_for(held: Store) -> None:
    lines = [(key, f"v7r{number}") for number, key in enumerate(reversed(KEYS), start=1)]
    assert set(held.releases.known_series(lines)) == {(DIRAC.key, "v7r1")}
    assert held.releases.series(KEYS) == [(DIRAC.key, "v7r1")]
    assert held.releases.unclassified(KEYS, None, UNTIL) == {}
    assert held.polls.mark_unread_told(KEYS, is_told=False) == frozenset()
    versions = [(key, f"7.1.{number}") for number, key in enumerate(reversed(KEYS), start=1)]
    assert [release.version for release in held.releases.versions(versions)] == ["v7r1p1"]
    assert (
        sum(tally.count for tally in held.releases.tally(wanted(series=tuple(name for _, name in lines)), [], PARIS))
        == 1
    )


def test_more_days_than_parameters_are_counted(held: Store) -> None:
    long = Wanted((DIRAC.key,), wanted().rules, paris("1970-01-02T00:00"), paris("2070-01-01T00:00"))
    tallies = held.releases.tally(long, [GroupBy.DAY], PARIS)
    assert [(tally.count, tally.date) for tally in tallies] == [(1, paris("2021-02-21T00:00"))]


@pytest.fixture
def connection(store: Store) -> Iterator[sa.Connection]:
    with store.database.writing() as connection:
        yield connection


some_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=part_of(60))
@given(some_text, st.lists(some_text, max_size=4))
def test_a_value_is_one_of_a_list_if_it_is_in_it(connection: sa.Connection, value: str, values: list[str]) -> None:
    with connection.begin_nested() as nested:
        connection.execute(sa.insert(repositories).values(key=value, revision=1, rules=""))
        found = connection.scalars(sa.select(repositories.c.key).where(one_of(repositories.c.key, values))).all()
        assert found == ([value] if value in values else [])
        nested.rollback()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=part_of(60))
@given(st.lists(st.tuples(some_text, some_text), max_size=4, unique=True))
def test_pairs_are_joined_as_they_are_given(connection: sa.Connection, pairs: list[tuple[str, str]]) -> None:
    asked = given_pairs(connection, pairs)
    assert sorted(map(tuple, connection.execute(sa.select(asked)))) == sorted(pairs)
