"""The numbers that are kept of releases are those of the releases, whatever polls and rules do to them."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.patterns import Pattern
from bot.domain.polling.record import PollDepth
from bot.domain.releases import Release
from bot.domain.repositories import Counts, Repository, with_beside
from bot.domain.tags import TagDetails, TagRef
from bot.domain.versions.semver import SemverScheme
from bot.services.poll import Asked, poll
from bot.services.rebuild import refresh_releases
from bot.store.schema import (
    counts_by_kind,
    counts_by_month,
    counts_by_series,
    counts_by_week,
    hooks,
    look_rounds,
    looks,
    repositories,
)
from bot.store.store import Store
from tests.builders import a_commit, a_repository
from tests.examples import part_of
from tests.fakes import FakeForge
from tests.memory import store_in_memory

BEGIN = datetime(2016, 2, 29, 12, tzinfo=UTC)
WHOLE = a_repository("lab/etcd", scheme=SemverScheme(), counts=Counts.FINAL)
API = replace(WHOLE, product="api", scheme=SemverScheme("api/"))
SERVER = replace(WHOLE, product="server")
WATCHED = [
    [WHOLE],
    [WHOLE, API],
    [SERVER, API],
    [API],
    [replace(WHOLE, exclude=Pattern(r"^v1\."))],
    [replace(WHOLE, counts_yanked=False, scheme=SemverScheme("api/"))],
]
NAMES = ["v1.0.0", "v1.0.1", "v1.1.0-rc.1", "v1.1.0", "v2.0.0", "v2.0.1", "api/v1.0.0", "api/v1.0.1", "api/v3.0.0", "x"]
DATES = [
    datetime(2014, 12, 28, 23, 59, 59, tzinfo=UTC),
    datetime(2014, 12, 29, tzinfo=UTC),
    datetime(2015, 1, 1, tzinfo=UTC),
    # In a year of its own by the clock of whoever committed, and by that of UTC in the one before.
    datetime(2016, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))),
    datetime(2016, 1, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2016, 2, 29, tzinfo=UTC),
]

# A tag, its commit and the place of its date; those that are not drawn are not there.
some_tags = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 1), st.none() | st.integers(0, 5)), unique_by=lambda tag: tag[0]
)
rounds = st.lists(st.tuples(st.sampled_from(range(len(WATCHED))), some_tags), min_size=2, max_size=6)
Tags = Sequence[tuple[str, int, int | None]]


def go_on(store: Store, number: int, watched: Sequence[Repository], tags: Tags) -> None:
    """Change the rules, and poll what the forge has then."""
    refs = {
        TagRef(name, a_commit(f"{name} {commit}"), annotated=False): (
            None if at is None else TagDetails(a_commit(f"{name} {commit}"), committed=DATES[at])
        )
        for name, commit, at in tags
    }
    entries = with_beside(watched)
    refresh_releases(entries, store)
    equal_to_releases(store)
    asked = [Asked(each, PollDepth.FULL) for each in entries]
    now = BEGIN + timedelta(hours=number)
    list(poll(asked, {"github": FakeForge(etcd=refs)}, store, lambda: now, watched=[each.key for each in entries]))
    equal_to_releases(store)


def equal_to_releases(store: Store) -> None:
    """Compare the tables with the releases, counted one by one."""
    with store.database.reading() as connection:
        keys = list(connection.scalars(sa.select(repositories.c.key)))
        kept = {table.name: rows_of(connection, table) for table in (counts_by_month, counts_by_week)}
        kinds, series = rows_of(connection, counts_by_kind), rows_of(connection, counts_by_series)
    counted = [each for each in store.releases.of(keys, undated=True) if each.is_counted]
    dated = [each for each in counted if each.date is not None]
    months = Counter((each.repository, each.kind, at_utc(each).year, at_utc(each).month) for each in dated)
    weeks = Counter((each.repository, each.kind, *at_utc(each).isocalendar()[:2]) for each in dated)
    assert in_units(kept["counts_by_month"]) == months
    assert in_units(kept["counts_by_week"]) == weeks
    undated = Counter((each.repository, each.kind) for each in counted if each.date is None)
    first: dict[Any, datetime] = {}
    lines: dict[Any, list[Release]] = defaultdict(list)
    for each in dated:
        lines[each.repository, each.series, each.kind].append(each)
        first[each.repository, each.kind] = min(first.get((each.repository, each.kind), at_utc(each)), at_utc(each))
    assert {(key, kind): values for key, kind, *values in kinds} == {
        line: [undated[line], first.get(line)] for line in {*undated, *first}
    }
    assert {tuple(line): values for *line, values in ((*row[:3], list(row[3:])) for row in series)} == {
        line: [len(of), min(each.order for each in of), max(map(at_utc, of))] for line, of in lines.items()
    }


def at_utc(release: Release) -> datetime:
    assert release.date is not None
    return release.date.astimezone(UTC)


def rows_of(connection: sa.Connection, table: sa.Table) -> list[tuple[Any, ...]]:
    """Read the rows of a table, each with the key of its repository in the place of its number."""
    query = sa.select(repositories.c.key, *list(table.c)[1:]).join_from(table, repositories)
    return [tuple(row) for row in connection.execute(query)]


def in_units(rows: Sequence[tuple[Any, ...]]) -> Counter[Any]:
    return Counter(
        {(*row[:3], number): count for row in rows for number, count in enumerate(row[3:], start=1) if count}
    )


@pytest.mark.long
@settings(max_examples=part_of(80))
@given(rounds)
def test_they_are_those_of_the_releases_after_any_polls_and_changes_of_rules(drawn: list[tuple[int, Tags]]) -> None:
    with store_in_memory() as store:
        for number, (watched, tags) in enumerate(drawn):
            go_on(store, number, WATCHED[watched], tags)


def test_they_are_those_of_the_releases_on_both_databases(store: Store) -> None:
    drawn = random.Random(32)
    for number in range(12):
        tags = [(name, drawn.randrange(2), drawn.choice([None, *range(6)])) for name in drawn.sample(NAMES, 7)]
        go_on(store, number, drawn.choice(WATCHED), tags)
    with store.database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(counts_by_series))


def test_an_upgrade_counts_the_releases_that_are_there(database_url: str) -> None:
    with Store.open(database_url) as store:
        go_on(store, 0, [WHOLE, API], [(name, 0, at % 6) for at, name in enumerate(NAMES)])
        go_on(store, 1, [WHOLE, API], [(name, 0, at % 6) for at, name in enumerate(NAMES[1:])])
        with store.database.writing() as connection:
            later = (look_rounds, looks, hooks)
            for table in (counts_by_kind, counts_by_month, counts_by_series, counts_by_week, *later):
                table.drop(connection)
            connection.execute(sa.text("DROP INDEX ix_releases_of_series"))
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '0032'"))
    with Store.open(database_url) as store:
        equal_to_releases(store)
        with store.database.reading() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(counts_by_series))
