"""The schema of a queue of jobs: made once, apart from the bot's own, and another one for other tables."""

import psycopg
import pytest
import sqlalchemy as sa

from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.queue import conninfo_of, make_queue
from bot.store.store import Store
from tests.databases import Postgresql

STATEMENTS = "CREATE TABLE jobs (name text DEFAULT '100%'); CREATE TABLE done (name text)"


def test_a_queue_is_made_once_and_other_tables_have_another_one(postgresql: Postgresql) -> None:
    url = postgresql.new()
    with Store.open(url) as store:
        made = make_queue(store.database, STATEMENTS)
        assert make_queue(store.database, STATEMENTS) == made
        assert make_queue(store.database, f"{STATEMENTS}; CREATE TABLE more (name text)") != made
    with psycopg.connect(conninfo_of(url)) as connection:
        connection.execute(f"INSERT INTO {made}.jobs DEFAULT VALUES".encode())
        assert connection.execute(f"SELECT name FROM {made}.jobs".encode()).fetchall() == [("100%",)]
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename IN ('jobs', 'done')").fetchone()
    assert found == (4,)
    postgresql.remove(url)


def test_who_may_not_make_a_queue_is_told(postgresql: Postgresql) -> None:
    url = postgresql.new()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
    limited = sa.make_url(url).set(username="reader").render_as_string(hide_password=False)
    database = Database.at(limited)
    with pytest.raises(StoreError, match="permission denied; grant the user rights on the database"):
        make_queue(database, STATEMENTS)
    database.close()
    postgresql.remove(url)


def test_the_url_of_a_queue_keeps_its_options_and_gets_those_that_notice_a_dead_peer() -> None:
    url = conninfo_of("postgres://bot:se%40cret@db/releases?connect_timeout=3&sslmode=require")
    options = psycopg.conninfo.conninfo_to_dict(url)
    assert (options["password"], options["sslmode"], options["connect_timeout"]) == ("se@cret", "require", "3")
    assert options["keepalives_count"] == "3"


def test_a_queue_is_on_the_same_hosts_as_the_database() -> None:
    url = conninfo_of("postgresql://bot@/releases?host=one:5433&host=two:5434&target_session_attrs=read-write")
    options = psycopg.conninfo.conninfo_to_dict(url)
    assert (options["host"], options["port"]) == ("one,two", "5433,5434")
    assert options["target_session_attrs"] == "read-write"
