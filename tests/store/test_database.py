"""The settings and types that both databases share."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.store.database import Database, json_of
from bot.store.schema import repositories
from bot.store.store import Store
from tests.databases import Postgresql
from tests.store.polls import KEY, START


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(sa.exc.StatementError, match="2021-02-22T00:00:00 has no time zone and cannot be stored"):
        store.polls.write_failure(KEY, datetime(2021, 2, 22), "no answer")
    assert store.tags.record(KEY).revision == 0


def test_times_are_real_times_on_postgresql(database_url: str) -> None:
    with closing(Database.at(database_url)) as database, database.reading() as connection:
        columns = sa.inspect(connection).get_columns("repositories")
        has_zone = {c["type"].timezone for c in columns if isinstance(c["type"], sa.DateTime)}
    assert has_zone == {not database.is_sqlite}


def test_sqlite_is_set_so_that_nothing_committed_is_lost(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    with closing(Database.at(url)) as database, database.reading() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert settings == ["wal", 2, 1, 5000]


def test_a_reader_sees_one_state_while_another_writes(database_url: str) -> None:
    count = sa.select(sa.func.count()).select_from(repositories)
    with closing(Database.at(database_url)) as database, Store.open(database_url) as writer:
        with database.reading() as connection:
            before = connection.scalar(count)
            writer.polls.write_failure(KEY, START, "no answer")
            assert connection.scalar(count) == before == 0
        with database.reading() as connection:
            assert connection.scalar(count) == 1


def test_the_last_moment_of_all_comes_back_from_a_server_in_another_zone(postgresql: Postgresql) -> None:
    url = postgresql.new()
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    with Store.open(f"{url}&options=-c%20timezone%3DPacific/Kiritimati") as store:
        store.polls.write_failure(KEY, last, "no answer")
        assert store.tags.record(KEY).failing_since == last
    postgresql.remove(url)


def test_postgresql_plans_a_statement_anew_for_one_repository_and_for_all(postgresql: Postgresql) -> None:
    url = postgresql.new()
    with Store.open(url) as store, store.database.reading() as connection:
        assert connection.scalar(sa.text("SHOW plan_cache_mode")) == "force_custom_plan"
    postgresql.remove(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_kept_until_it_is_closed(url: str) -> None:
    with Store.open(url) as store:
        store.polls.write_failure(KEY, START, "no answer")
        assert store.tags.record(KEY).error == "no answer"
    with Store.open(url) as another:
        assert another.tags.record(KEY).error is None


def test_postgres_is_another_name_for_postgresql(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgres://")
    Store.open(url, migrate=False).close()


@given(st.lists(st.text() | st.none(), max_size=3) | st.dictionaries(st.text(), st.integers(), max_size=2))
def test_json_is_that_of_the_standard_library(value: list[str | None] | dict[str, int]) -> None:
    assert json_of(value) == json.dumps(value)
