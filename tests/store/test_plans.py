"""How SQLite finds what the store asks for: by an index, and counts by the index alone."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord, Wanted, wanted
from bot.domain.polling.look import ForgeAccount
from bot.domain.releases import Release
from bot.store.releases import ReleaseStore
from bot.store.schema import metadata
from bot.store.store import Store
from tests.builders import PARIS, a_repository, a_tag, paris
from tests.histories import write_history, write_tags

DIRAC, WEB = a_repository(), a_repository("DIRACGrid/WebAppDIRAC")
KEYS = [DIRAC.key, WEB.key]
OF = ForgeAccount("github", "api.github.com 0f0f")
UNTIL = paris("2021-02-22T14:00")
MANY = [DIRAC, WEB, *(a_repository(f"many/R{number}") for number in range(10))]
DATED = "ix_releases_dated (date>? AND date<?)"
# Either index finds the releases of a series, and has all that is counted by.
OF_SERIES = {
    f"SEARCH releases USING COVERING INDEX {index} (repository_id=? AND series=?)"
    for index in ("ix_releases_of_series", "ix_releases_ordered")
}


@pytest.fixture(scope="module")
def history() -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        for repository in (DIRAC, WEB):
            write_history(store, repository)
        yield store


def plan_of(store: Store, ask: Callable[[], object]) -> list[str]:
    """Ask, and give the steps by which SQLite answers each statement that is made."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool) -> None:  # noqa: FBT001
        asked.append((statement, parameters))

    engine = store.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    ask()
    sa.event.remove(engine, "before_cursor_execute", note)
    steps = []
    with store.database.reading() as connection:
        for statement, parameters in asked:
            if statement.startswith(("SELECT", "WITH")):
                steps += [
                    row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                ]
    assert steps
    return steps


def month(**choice: Any) -> Wanted:
    kinds = choice.get("kinds", [])
    return wanted([DIRAC, WEB], kinds, choice.get("series", []), since=UNTIL - timedelta(days=30), until=UNTIL)


@pytest.mark.parametrize(
    "units", [[], [GroupBy.SERIES], [GroupBy.REPOSITORY, GroupBy.KIND], [GroupBy.WEEK, GroupBy.SERIES]]
)
@pytest.mark.parametrize("choice", [{}, {"series": ["v7r1"]}, {"kinds": [KindWord.ALL]}])
def test_counting_a_month_reads_the_index_alone(history: Store, units: list[GroupBy], choice: dict[str, Any]) -> None:
    steps = plan_of(history, lambda: history.releases.tally(month(**choice), units, PARIS))
    by_date = units == [GroupBy.REPOSITORY, GroupBy.KIND]
    found = DATED if by_date else "ix_releases_counted (repository_id=? AND date>? AND date<?)"
    of_series = "ix_releases_of_series (repository_id=? AND series=? AND date>? AND date<?)"
    assert f"SEARCH releases USING COVERING INDEX {of_series if 'series' in choice else found}" in steps


@pytest.mark.parametrize(
    ("number", "index"), [(9, DATED), (3, "ix_releases_counted (repository_id=? AND date>? AND date<?)")]
)
def test_a_month_is_walked_by_date_where_most_repositories_are_counted(number: int, index: str) -> None:
    with Store.open("sqlite://") as store:
        for repository in MANY[:10]:
            write_tags(store, repository, [a_tag("v7r1p1", UNTIL)])
        choice = wanted(MANY[:number], [], [], since=UNTIL - timedelta(days=30), until=UNTIL)
        steps = plan_of(store, lambda: store.releases.tally(choice, [GroupBy.REPOSITORY], PARIS))
    assert f"SEARCH releases USING COVERING INDEX {index}" in steps


def test_unclassified_tags_of_a_month_are_counted_by_the_index_alone(history: Store) -> None:
    steps = plan_of(history, lambda: history.releases.unclassified(KEYS, UNTIL - timedelta(days=30), UNTIL))
    index = "SEARCH unclassified_tags USING COVERING INDEX ix_unclassified_tags_repository_id_date"
    assert f"{index} (repository_id=? AND date>? AND date<?)" in steps
    assert f"{index} (repository_id=? AND date=?)" in steps


def test_whether_a_series_is_known_is_found_by_the_index_alone(history: Store) -> None:
    steps = plan_of(history, lambda: history.releases.known_series([(DIRAC.key, "v7r1")]))
    assert {step for step in steps if " releases " in step} <= OF_SERIES
    # The first date of each is one step in the index; in a group all of its releases would be read.
    assert "USE TEMP B-TREE FOR GROUP BY" not in steps


def test_undated_releases_of_a_series_are_counted_by_the_index_alone(history: Store) -> None:
    steps = plan_of(history, lambda: history.releases.undated(month(series=["v7r1"])))
    assert any(
        "COVERING INDEX ix_releases_of_series (repository_id=? AND series=? AND date=?" in step for step in steps
    )


def test_undated_releases_of_all_series_are_read_from_what_is_kept(history: Store) -> None:
    steps = plan_of(history, lambda: history.releases.undated(month()))
    assert not any(" releases " in step for step in steps)


def test_the_series_of_all_history_are_read_from_what_is_kept(history: Store) -> None:
    choice = wanted([DIRAC, WEB], [KindWord.ALL], [], since=None, until=paris("2100-01-01"))
    steps = plan_of(history, lambda: history.releases.tally(choice, [GroupBy.REPOSITORY, GroupBy.SERIES], PARIS))
    assert not any(" releases " in step for step in steps)


@pytest.mark.parametrize(
    ("units", "table"),
    [
        ([GroupBy.MONTH], "counts_by_month"),
        ([GroupBy.YEAR], "counts_by_month"),
        ([GroupBy.WEEK], "counts_by_week"),
        ([GroupBy.REPOSITORY], "counts_by_month"),
        ([GroupBy.KIND], "counts_by_month"),
    ],
)
def test_of_a_long_time_releases_are_read_between_two_dates_alone(
    history: Store, units: list[GroupBy], table: str
) -> None:
    many = [DIRAC, WEB, *(a_repository(f"many/R{number}") for number in range(250))]
    choice = wanted(many, [], [], since=None, until=UNTIL)
    steps = plan_of(history, lambda: history.releases.tally(choice, units, PARIS))
    assert any(step.startswith(f"SEARCH {table} USING PRIMARY KEY") for step in steps)
    read = {step for step in steps if " releases " in step}
    assert read <= {
        "SEARCH releases USING COVERING INDEX ix_releases_dated (date>? AND date<?)",
        "SEARCH releases USING COVERING INDEX ix_releases_counted (repository_id=? AND date>? AND date<?)",
    }


@pytest.mark.parametrize("choice", [month(), wanted([DIRAC, WEB], [KindWord.FINAL], [], since=None, until=UNTIL)])
def test_the_newest_of_each_repository_is_found_by_the_index_alone(history: Store, choice: Wanted) -> None:
    steps = plan_of(history, lambda: history.releases.newest_of_each(choice))
    assert any("COVERING INDEX ix_releases_counted (repository_id=? AND date" in step for step in steps)
    assert {step for step in steps if "releases" in step and "COVERING" not in step} == {
        "SEARCH releases USING INTEGER PRIMARY KEY (rowid=?)"
    }


@pytest.mark.parametrize("choice", [{}, {"series": ["v7r1"]}])
def test_releases_at_the_edges_of_a_month_are_found_by_when_they_were_seen(
    history: Store, choice: dict[str, Any]
) -> None:
    steps = plan_of(history, lambda: history.releases.uncertain(month(**choice)))
    found = "SEARCH releases USING INDEX ix_releases_live_by_first_seen (repository_id=? AND first_seen>?)"
    assert steps.count(found) == 2
    assert any("counts_by_kind USING PRIMARY KEY (repository_id=? AND kind=?)" in step for step in steps)


@pytest.mark.parametrize("series", [[], ["v7r1"]])
def test_the_highest_of_each_series_are_found_by_the_index_alone(history: Store, series: list[str]) -> None:
    choice = wanted([DIRAC, WEB], [KindWord.FINAL], series, since=None, until=UNTIL)
    steps = plan_of(history, lambda: history.releases.leading(choice))
    assert "SEARCH releases USING COVERING INDEX ix_releases_ordered (repository_id=? AND series=?)" in steps
    assert {step for step in steps if "releases" in step and "COVERING" not in step} == {
        "SEARCH releases USING INTEGER PRIMARY KEY (rowid=?)"
    }


@pytest.mark.parametrize("since", [None, UNTIL - timedelta(days=365)])
@pytest.mark.parametrize("ask", [ReleaseStore.newest, ReleaseStore.earliest])
def test_the_first_and_the_last_of_many_repositories_are_walked_by_date(
    history: Store, since: datetime | None, ask: Callable[[ReleaseStore, Wanted, int], list[Release]]
) -> None:
    choice = wanted(MANY, [], [], since=since, until=UNTIL)
    steps = plan_of(history, lambda: ask(history.releases, choice, 10))
    assert f"SEARCH releases USING INDEX {DATED}" in steps
    assert not any("repository_id=?" in step for step in steps)


@pytest.mark.parametrize("since", [None, UNTIL - timedelta(days=365)])
def test_the_newest_of_a_rare_kind_are_those_after_the_date_that_each_repository_shows(
    history: Store, since: datetime | None
) -> None:
    choice = wanted(MANY, [KindWord.MAJOR], [], since=since, until=UNTIL)
    steps = plan_of(history, lambda: history.releases.newest(choice, 10))
    one_of_each = "SEARCH releases USING COVERING INDEX ix_releases_counted (repository_id=? AND date"
    assert any(step.startswith(one_of_each) for step in steps)
    assert "SEARCH releases USING INDEX ix_releases_counted (repository_id=? AND date>? AND date<?)" in steps


def test_the_newest_of_an_old_series_of_many_repositories_are_found_by_the_index_of_series(history: Store) -> None:
    choice = wanted(MANY, [], ["v6r0"], since=None, until=UNTIL)
    steps = plan_of(history, lambda: history.releases.newest(choice, 10))
    of_series = "ix_releases_of_series (repository_id=? AND series=? AND date"
    assert any(step.startswith(f"SEARCH releases USING COVERING INDEX {of_series}") for step in steps)
    assert f"SEARCH releases USING INDEX {of_series}>? AND date<?)" in steps


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.tags.record(DIRAC.key),
        lambda store: store.tags.records(KEYS),
        lambda store: store.releases.of(KEYS, since=UNTIL - timedelta(days=7), until=UNTIL, undated=True),
        lambda store: store.releases.newest(month(), 10),
        lambda store: store.releases.newest(month(), 1),
        lambda store: store.releases.versions([(DIRAC.key, "7.1.29"), (WEB.key, "4.3.4")]),
        lambda store: store.tags.last_polls(KEYS, UNTIL, timedelta(hours=2)),
        lambda store: store.tags.held(KEYS),
        lambda store: store.tags.of(KEYS),
        lambda store: store.releases.known_series([(DIRAC.key, "v7r1"), (WEB.key, "v4r3")]),
        lambda store: store.releases.unclassified(KEYS, UNTIL - timedelta(days=30), UNTIL),
        lambda store: store.tags.events(KEYS, after=UNTIL),
        lambda store: store.digests.past("weekly", "#releases"),
        lambda store: store.digests.mentions("weekly", "#releases", [(DIRAC.key, "7.1.29"), (WEB.key, "4.3.4")]),
        lambda store: store.digests.left_open("weekly", "#releases", [1]),
        lambda store: store.releases.dated_since(KEYS, UNTIL),
        lambda store: store.releases.seen_since(KEYS, UNTIL),
        lambda store: store.releases.leading_of_living(KEYS, since=UNTIL - timedelta(days=365), until=UNTIL),
        lambda store: store.releases.undated_of(KEYS),
        lambda store: store.releases.unclassified_names(KEYS),
        lambda store: store.releases.newest_unclassified(DIRAC.key, None, UNTIL, 5),
        lambda store: store.tags.named([(DIRAC.key, "v7r1"), (WEB.key, "v4r3")]),
        lambda store: store.tags.on([(DIRAC.key, "0" * 40)]),
        lambda store: store.tags.arrivals(KEYS, dict.fromkeys(KEYS, 1)),
        lambda store: store.deliveries.in_states(["pending", "sending"]),
        lambda store: store.certification.evidence(DIRAC.key),
        lambda store: store.looks.ahead(OF),
        lambda store: store.looks.tries(KEYS),
        lambda store: store.looks.claim(OF, "claim", until=UNTIL, now=UNTIL, most=5, longest=timedelta(0)),
        lambda store: store.looks.in_flight(OF, timedelta(0)),
    ],
)
def test_no_question_reads_a_whole_table(history: Store, ask: Callable[[Store], object]) -> None:
    scanned = [step.split()[1] for step in plan_of(history, lambda: ask(history)) if step.startswith("SCAN")]
    assert [name for name in scanned if name in metadata.tables] == []
