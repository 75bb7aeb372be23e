"""Errors: one line that names the database and says what to do, and never a password."""

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.store.errors import StoreError
from bot.store.store import Store
from tests.builders import a_tag
from tests.databases import Postgresql
from tests.store.polls import KEY, START, add_tags

_FORMS = "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
_HINT = "check that the server is running, and host, user, password and database in the URL"


def told(url: str) -> str:
    """Return what is said when a database is opened and written."""
    with pytest.raises(StoreError) as refused, Store.open(url) as store:
        store.polls.write_failure(KEY, START, "no answer")
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bot.db"
    Store.open(f"sqlite:///{path}").close()
    return path


def test_a_missing_folder(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "bot.db"
    assert told(f"sqlite:///{path}") == (
        f"{path}: cannot be opened; check that it is a file in an existing, writable folder"
    )


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    path.write_text("something else\n" * 1000)
    assert told(f"sqlite:///{path}") == (f"{path}: not a SQLite database; use another file, or move this one away")


def test_a_damaged_database(file: Path) -> None:
    pages = file.read_bytes()
    file.write_bytes(pages[:100] + b"\xff" * (len(pages) - 100))
    assert told(f"sqlite:///{file}") == f"{file}: damaged database; restore a backup"


def test_a_database_that_may_only_be_read(file: Path) -> None:
    assert told(f"sqlite:///file:{file}?mode=ro&uri=true") == (
        f"{file}: read-only database; give this user write permission for the file and its folder"
    )


def test_a_database_that_another_process_holds(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert told(f"sqlite:///{file}?timeout=0") == (
            f"{file}: locked by another process; if the lock persists, stop the process that holds it"
        )


def test_a_full_disk() -> None:
    with Store.open("sqlite://") as store:
        with store.database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError) as refused:
            add_tags(store, KEY, [a_tag(f"v7r1p{number}", START) for number in range(1000)])
        assert str(refused.value) == (
            "the database in memory: disk full; free some disk space; nothing of this step was written"
        )
        assert store.tags.record(KEY).revision == 0


def test_a_text_that_is_not_unicode(store: Store) -> None:
    with pytest.raises(StoreError, match=r": cannot store a string that is not valid Unicode$"):
        store.polls.write_failure(KEY, START, "half a pair: \ud800")


@pytest.mark.parametrize("url", ["", "bot.db", "postgresql://bot:secret@host:port/name"])
def test_a_url_that_cannot_be_read_is_not_shown(url: str) -> None:
    assert told(url) == f"database: invalid URL; {_FORMS}"


@pytest.mark.parametrize("kind", ["mysql", "sqllite", "oracle+cx_oracle"])
def test_a_database_of_another_kind(kind: str) -> None:
    assert told(f"{kind}://bot:secret@host/name") == (
        f"database: unsupported database {kind.partition('+')[0]}; {_FORMS}"
    )


def test_a_file_with_two_slashes() -> None:
    assert told("sqlite://bot.db") == ("database: a SQLite URL cannot have a host; use three slashes: sqlite:///FILE")


def test_a_server_that_does_not_answer() -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        said = told(f"postgres://bot:secret@{address}/releases")
    assert said.startswith(f"postgresql://bot:***@{address}/releases: connection failed: ")
    assert said.endswith(f"Connection refused; {_HINT}")


def test_a_wrong_password(postgresql: Postgresql) -> None:
    said = told(postgresql.guarded("wrong"))
    assert said.startswith("postgresql://guarded:***@/postgres?host=")
    assert said.endswith(f'FATAL:  password authentication failed for user "guarded"; {_HINT}')


def test_a_password_in_the_query_is_not_shown_either() -> None:
    said = told("postgresql://127.0.0.1:1/releases?user=bot&password=secret")
    assert said.startswith("postgresql://127.0.0.1:1/releases?user=bot: ")
    assert "secret" not in said


def test_a_user_who_may_not_make_tables(postgresql: Postgresql) -> None:
    said = told(postgresql.guarded("right"))
    assert said.endswith(": permission denied; grant the user rights on the database and its schema")


def test_a_server_that_may_only_be_read(postgresql: Postgresql) -> None:
    url = postgresql.new()
    said = told(f"{url}&options=-c%20default_transaction_read_only%3Don")
    assert said.endswith(": read-only server; use the primary server in the URL")
    postgresql.remove(url)


def _cut_while_writing(store: Store, cut: Callable[[], None]) -> None:
    with store.database.writing() as connection:
        cut()
        connection.exec_driver_sql("DELETE FROM repositories")


def test_a_server_that_goes_away_is_told_and_used_again_when_it_is_back(postgresql: Postgresql) -> None:
    url = postgresql.new()
    with Store.open(url, migrate=False) as store:
        store.polls.write_failure(KEY, START, "no answer")
        with pytest.raises(StoreError, match="terminating connection") as refused:
            _cut_while_writing(store, lambda: postgresql.cut(url))
        assert "\n" not in str(refused.value)
        assert store.tags.record(KEY).error == "no answer"
    postgresql.remove(url)
