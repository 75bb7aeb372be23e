"""Everything in a database, as lines of an open format, and back, into either kind of database."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.store import lines
from bot.store.errors import StoreError
from bot.store.schema import UtcDateTime, metadata
from bot.store.store import Store
from bot.store.transfer import export_lines, import_lines
from bot.store.upgrade import REVISIONS
from tests.databases import Postgresql
from tests.store.polls import hour

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HEAD = b'{"format":"release-bot","version":1,"revision":"%s","exported_at":"2026-11-23T09:00:00+00:00"}\n'
AGAIN = "export again; nothing was imported"


def a_value(column: sa.Column[Any], number: int) -> Any:
    """Make a value of a column's type, another for each number; every third is null where it may be."""
    if column.nullable and number % 3 == 0:
        return None
    kind = type(column.type)
    made: dict[type, Any] = {
        sa.Text: f'größe {number} "\\\n\u2028🚀',
        sa.Boolean: number % 2 == 0,
        sa.BigInteger: number,
        sa.Integer: number,
        sa.JSON: [f"v7r1p{number}", {"day": None}],
        sa.Date: date(2021, 2, number),
        UtcDateTime: hour(number) + timedelta(microseconds=7),
    }
    return made[kind]


@pytest.fixture
def full(database_url: str) -> str:
    """A database with rows in every table."""
    rows = {table: [{c.name: a_value(c, n) for c in table.columns} for n in (1, 2, 3)] for table in lines.tables()}
    engine = sa.create_engine(driver(database_url))
    with engine.begin() as connection:
        for table in lines.tables():
            connection.execute(sa.insert(table), rows[table])
    engine.dispose()
    return database_url


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[str]:
    """An empty database to import into."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'other.db'}"
        Store.open(url).close()
        yield url
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    url = server.new()
    yield url
    server.remove(url)


def driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def contents(url: str) -> dict[str, list[Any]]:
    """Read every table that there is, known to the program or not."""
    engine = sa.create_engine(driver(url))
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        held = {}
        for name in names:
            table = metadata.tables[name]
            found = connection.execute(sa.select(table).order_by(*table.primary_key))
            held[name] = [tuple(row) for row in found]
    engine.dispose()
    return held


def exported(url: str) -> list[bytes]:
    return [line.encode() for line in export_lines(url, AT)]


def test_everything_comes_back_in_either_kind_of_database(full: str, other: str) -> None:
    written = exported(full)
    assert import_lines(other, "export.jsonl", written) == 3 * len(metadata.tables) == len(written) - 2
    held = contents(other)
    assert held == contents(full)
    assert held.keys() == metadata.tables.keys()
    assert exported(other) == written


def test_what_is_written_after_an_import_is_numbered_after_what_was_there(full: str, other: str) -> None:
    import_lines(other, "export.jsonl", exported(full))
    with Store.open(other) as store:
        store.polls.write_failure("github:DIRACGrid/Pilot", AT, "no answer")
        assert store.tags.record("github:DIRACGrid/Pilot").error == "no answer"
    assert [row[0] for row in contents(other)["repositories"]] == [1, 2, 3, 4]


def test_an_empty_database_is_exported_and_imported_too(database_url: str, other: str) -> None:
    written = exported(database_url)
    assert len(written) == 2
    assert import_lines(other, "export.jsonl", written) == 0


def test_only_an_empty_database_takes_an_import(full: str, other: str) -> None:
    with Store.open(other) as store:
        store.polls.write_failure("github:DIRACGrid/Pilot", AT, "no answer")
    before = contents(other)
    with pytest.raises(StoreError, match=r"is not empty; import into a new database; nothing was imported$"):
        import_lines(other, "export.jsonl", exported(full))
    assert contents(other) == before


@pytest.mark.parametrize(
    ("number", "line", "told"),
    [
        (1, b"{}\n", ": not the first line of a release-bot export"),
        (
            1,
            b'{"format":"release-bot","revision":"0001","version":2}\n',
            ": unsupported format version 2; supported: 1",
        ),
        (2, b"\xff\n", ": invalid JSON"),
        (2, b"[" * 100_000, ": invalid JSON"),
        (2, b"7\n", ": not a JSON object"),
        (2, b'{"table":"secrets"}\n', ": unknown table"),
        (2, b'{"table":["tags"]}\n', ": unknown table"),
        (
            2,
            b'{"table":"schedules","name":"weekly","known_since":"2021-02-01T09:00:00+00:00"}\n',
            "wrong columns for schedules (missing: channel)",
        ),
        (2, b'{"table":"chat_events","event":"E1","at":"yesterday"}\n', ': invalid value for column "at"'),
        (2, b'{"table":"chat_events","event":"E1","at":"2021-02-01T09:00:00"}\n', ': invalid value for column "at"'),
        (
            2,
            b'{"table":"chat_events","event":null,"at":"2021-02-01T09:00:00Z"}\n',
            ': invalid value for column "event"',
        ),
        (
            2,
            b'{"table":"digest_releases","digest_id":true,"repository":"a","normalized":"b","role":"named","date":null,"date_source":null,"part":0}\n',
            ': invalid value for column "digest_id"',
        ),
        (
            2,
            b'{"table":"digest_releases","digest_id":1e3,"repository":"a","normalized":"b","role":"named","date":null,"date_source":null,"part":0}\n',
            ': invalid value for column "digest_id"',
        ),
        (
            2,
            b'{"table":"digest_releases","digest_id":9223372036854775808,"repository":"a","normalized":"b","role":"named","date":null,"date_source":null,"part":0}\n',
            ': invalid value for column "digest_id"',
        ),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_imported(other: str, number: int, line: bytes, told: str) -> None:
    good = b'{"table":"chat_events","event":"E1","at":"2021-02-01T09:00:00+00:00"}\n'
    written = [HEAD % REVISIONS[-1].encode(), good, b'{"rows":1}\n']
    written.insert(number - 1, line)
    with pytest.raises(StoreError) as refused:
        import_lines(other, "export.jsonl", written)
    assert str(refused.value).startswith(f"export.jsonl, line {number}")
    assert told in str(refused.value)
    assert str(refused.value).endswith(AGAIN)
    assert not any(contents(other).values())


def test_rows_that_contradict_each_other_are_not_imported(other: str) -> None:
    same = b'{"table":"chat_events","event":"E1","at":"2021-02-01T09:00:00Z"}\n'
    told = "line 4: this row or an earlier one conflicts with other rows of chat_events; export again"
    with pytest.raises(StoreError, match=told):
        import_lines(other, "export.jsonl", [HEAD % REVISIONS[-1].encode(), same, same, b'{"rows":2}\n'])
    assert not any(contents(other).values())


def test_a_file_that_breaks_off_is_not_imported(full: str, other: str) -> None:
    written = exported(full)
    for kept in (0, 1, len(written) // 2, len(written) - 1):
        with pytest.raises(StoreError, match=f"^export.jsonl: incomplete: its last line is missing; {AGAIN}$"):
            import_lines(other, "export.jsonl", written[:kept])
    assert not any(contents(other).values())


def test_an_export_of_another_schema_is_not_imported(other: str) -> None:
    with pytest.raises(
        StoreError, match=r"exported at schema revision 0001, but this version has \d+; export and import with"
    ):
        import_lines(other, "export.jsonl", [HEAD % b"0001", b'{"rows":0}\n'])


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5)


@given(st.sampled_from(list(metadata.tables)), st.data())
def test_no_line_is_a_fault(name: str, data: st.DataObject) -> None:
    row = {column.name: data.draw(JSON) for column in metadata.tables[name].columns}
    with suppress(lines.BrokenLine):
        table, read = lines.read_row(lines.read_line(json.dumps({"table": name, **row}).encode()))
        assert (table.name, read.keys()) == (name, row.keys())


@given(st.binary())
def test_no_bytes_are_a_fault(text: bytes) -> None:
    with suppress(lines.BrokenLine):
        assert isinstance(lines.read_line(text), dict)
