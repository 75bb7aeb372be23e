"""The arithmetic of docs/SCALING.md: its table is what the simulation makes, and that goes by the bot's own rules."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks import simulation
from benchmarks.population import make_repositories, populate
from benchmarks.simulation import Setting, first_polls, steady


def test_the_table_of_the_page_is_what_the_simulation_makes() -> None:
    text = simulation.PAGE.read_text(encoding="utf-8")
    assert f"<!-- simulation -->\n{simulation.table()}\n<!-- end of simulation -->" in text


def test_the_first_poll_is_bound_by_the_limit_of_the_hour_and_shared_by_tokens() -> None:
    # One point of GraphQL each, of 5,000 an hour; the last part of an hour is not waited for.
    assert first_polls(Setting(2_500, 1)) < timedelta(minutes=5)
    assert timedelta(hours=1) < first_polls(Setting(10_000, 1)) < timedelta(hours=2)
    assert first_polls(Setting(100_000, 4)) == first_polls(Setting(25_000, 1))


def test_polling_keeps_to_its_share_however_many_repositories() -> None:
    few, many = steady(Setting(1_000, 1)), steady(Setting(100_000, 1))
    assert few.interval == timedelta(minutes=10) < many.interval
    assert few.points_an_hour < many.points_an_hour
    assert many.points_an_hour == pytest.approx(2_500)
    assert few.gap <= timedelta(minutes=12)


def test_webhooks_save_requests() -> None:
    without, having = steady(Setting(25_000, 1)), steady(Setting(25_000, 1, has_hooks=True))
    assert having.requests_a_minute < without.requests_a_minute / 10
    assert having.points_an_hour < without.points_an_hour


def test_rows_and_size_are_those_of_a_database(tmp_path: Path) -> None:
    number, file = 60, tmp_path / "bot.db"
    populate(file, make_repositories(number), simulation.TAGS)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        assert all(re.fullmatch(r"\w+", name) for name in tables)
        rows = sum(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)
    tags = number * simulation.TAGS
    assert rows / tags == pytest.approx(simulation.ROWS_A_TAG, rel=0.2)
    assert file.stat().st_size / tags == pytest.approx(simulation.BYTES_A_TAG, rel=0.2)
