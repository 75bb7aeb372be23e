"""Conversations and refused questions, by the database's clock, for all processes."""

from contextlib import closing
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.domain.conversations import MOST_REFUSED
from bot.store.clock import read_clock
from bot.store.database import Database
from bot.store.schema import conversations, refused_questions
from bot.store.store import Store


def shift(url: str, column: sa.Column[datetime], by: timedelta) -> None:
    """Write a moment that lies ``by`` from now into every row."""
    with closing(Database.at(url)) as database, database.writing() as connection:
        connection.execute(sa.update(column.table).values({column.name: read_clock(connection) + by}))


def count(url: str, table: sa.Table) -> int:
    with closing(Database.at(url)) as database, database.reading() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_another_process_goes_on_with_a_conversation(database_url: str) -> None:
    with Store.open(database_url) as one:
        one.conversations.write(["C1/1", "@U1"], "latest releases")
        one.conversations.write(["C1/1"], "help")
    with Store.open(database_url) as other:
        assert other.conversations.question("C1/1") == "help"
        assert other.conversations.question("@U1") == "latest releases"
        assert other.conversations.question("C1/2") == ""
        other.conversations.write(["C1/1"], "")
        assert other.conversations.question("C1/1") == ""


@pytest.mark.parametrize(("hours", "is_kept"), [(-23, True), (-25, False), (25, False)])
def test_a_question_is_followed_for_a_day_and_then_forgotten(
    database_url: str, store: Store, hours: int, *, is_kept: bool
) -> None:
    store.conversations.write(["C1/1"], "latest releases")
    shift(database_url, conversations.c.at, timedelta(hours=hours))
    assert bool(store.conversations.question("C1/1")) is is_kept
    with Store.open(database_url) as later:
        later.conversations.write(["C1/2"], "help")
    assert count(database_url, conversations) == 1 + is_kept


def test_refused_questions_are_counted_the_most_frequent_first(store: Store) -> None:
    for text in ("one", "two", "one"):
        store.conversations.write_refused(text)
    found = store.conversations.refused()
    assert [(each.text, each.times) for each in found] == [("one", 2), ("two", 1)]
    assert found[0].first_at <= found[0].last_at


def test_of_too_many_refused_questions_the_rarest_and_oldest_are_forgotten(database_url: str, store: Store) -> None:
    for text in ("often", "often", "old"):
        store.conversations.write_refused(text)
    with closing(Database.at(database_url)) as database, database.writing() as connection:
        now = read_clock(connection)
        rows = [
            {"text": f"q{number}", "times": 1, "first_at": now, "last_at": now} for number in range(MOST_REFUSED - 2)
        ]
        connection.execute(sa.insert(refused_questions), rows)
    store.conversations.write_refused("new")
    texts = [each.text for each in store.conversations.refused()]
    assert len(texts) == MOST_REFUSED
    assert {"often", "new"} <= set(texts)
    assert "old" not in texts


def test_a_refused_question_is_kept_for_90_days(database_url: str, store: Store) -> None:
    store.conversations.write_refused("one")
    shift(database_url, refused_questions.c.last_at, timedelta(days=-91))
    assert store.conversations.refused() == []
    store.conversations.write_refused("two")
    assert count(database_url, refused_questions) == 1
