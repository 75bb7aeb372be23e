"""How much a poll writes: one of nothing new next to nothing, so that years of polls cost no room."""

from pathlib import Path

import sqlalchemy as sa

from bot.store.store import Store
from tests.store.polls import KEY, NOTHING, hour, mark, poll, ref

_POLLS = 200
_TAGS = [ref(f"v7r1p{number}", f"c{number}") for number in range(100)]


def size(store: Store) -> int:
    """Tell how many bytes the database takes once all that was written is in its place."""
    with store.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if store.database.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
            return Path(str(store.database.engine.url.database)).stat().st_size
        tables = sa.text(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname !~ '^pg_'"
        )
        return int(connection.scalar(tables) or 0)


def quiet_polls(store: Store, numbers: range) -> None:
    for number in numbers:
        (record,) = store.tags.records([KEY])
        store.polls.write(record, mark(hour(number), full=number % 6 == 0, validator=f'"{number:06}"'), NOTHING, None)


def test_polls_of_nothing_new_do_not_make_the_database_grow(store: Store) -> None:
    poll(store, hour(0), _TAGS)
    quiet_polls(store, range(1, 21))  # PostgreSQL takes a page or two for the versions of a row, and uses them again
    before = size(store)
    quiet_polls(store, range(21, 21 + _POLLS))
    assert size(store) == before
    assert store.tags.records([KEY])[0].polled_at == hour(20 + _POLLS)


def test_a_poll_of_nothing_new_writes_one_page(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    with Store.open(f"sqlite:///{file}") as store:
        poll(store, hour(0), _TAGS)
        size(store)
        quiet_polls(store, range(1, 2))
        log = Path(f"{file}-wal").stat().st_size
    # Each page in the log has a header of 24 bytes, the log one of 32: https://www.sqlite.org/fileformat2.html#walformat
    assert log == 32 + 24 + 4096


def test_new_tags_do_make_it_grow(store: Store) -> None:
    poll(store, hour(0), _TAGS)
    before = size(store)
    poll(store, hour(1), [*_TAGS, *(ref(f"v8r0p{number}", f"d{number}") for number in range(100))])
    assert size(store) > before
