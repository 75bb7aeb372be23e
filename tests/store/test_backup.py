"""Backups: whole, never over another file."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from bot.domain.polling.diff import PollChanges
from bot.store.errors import StoreError
from bot.store.store import Store
from bot.store.transfer import backup
from tests.builders import a_tag
from tests.store.polls import KEY, hour, mark


@pytest.fixture
def source(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    with Store.open(url) as store:
        store.polls.write_failure(KEY, hour(0), "no answer")
    return url


def test_a_backup_holds_what_the_database_holds(source: str, tmp_path: Path) -> None:
    backup(source, tmp_path / "copy.db")
    with Store.open(f"sqlite:///{tmp_path / 'copy.db'}", migrate=False) as copy:
        assert copy.tags.record(KEY).error == "no answer"


def test_a_backup_is_one_file(source: str, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    with Store.open(source):
        backup(source, tmp_path / "backups" / "copy.db")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["copy.db"]


def test_a_backup_taken_while_others_write_is_one_state(source: str, tmp_path: Path) -> None:
    enough, begun = Event(), Event()

    def write() -> int:
        with Store.open(source) as store:
            while not enough.is_set():
                record = store.tags.record(KEY)
                tag = a_tag(f"v{record.revision}", hour(0))
                store.polls.write(record, mark(hour(record.revision)), PollChanges(added=(tag,)), None)
                begun.set()
            return store.tags.record(KEY).revision

    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(write)
        assert begun.wait(timeout=30)
        copies = [tmp_path / f"copy-{number}.db" for number in range(5)]
        for copy in copies:
            backup(source, copy)
        enough.set()
        written = writer.result()
    revisions = [_revision_of(copy) for copy in copies]
    assert revisions == sorted(revisions)
    assert 1 < revisions[0] <= revisions[-1] <= written


def _revision_of(copy: Path) -> int:
    """Check that a copy is sound and of one moment: each write added one tag and one revision."""
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with Store.open(f"sqlite:///{copy}", migrate=False) as store:
        record = store.tags.record(KEY)
    assert len(record.tags) == record.revision - 1
    return record.revision


def test_an_existing_file_is_never_overwritten(source: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(StoreError) as refused:
        backup(source, target)
    assert str(refused.value) == f"{target}: file already exists; use another file"
    assert target.read_text() == "precious"


def test_a_missing_folder_is_told(source: str, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "copy.db"
    with pytest.raises(StoreError) as refused:
        backup(source, target)
    assert str(refused.value) == f"{target}: No such file or directory; use a file in a writable folder"


def test_a_missing_database_is_told_and_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(StoreError) as refused:
        backup(f"sqlite:///{missing}", tmp_path / "copy.db")
    assert str(refused.value) == f"{missing}: no such database; check the URL in the configuration"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    strange = tmp_path / "bot.db"
    strange.write_text("something else\n" * 1000)
    with pytest.raises(StoreError, match=r"not a SQLite database; use another file, or move this one away$"):
        backup(f"sqlite:///{strange}", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == [strange]


def test_a_database_in_memory_has_no_backup(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^the database in memory: cannot be backed up; use the URL of a file$"):
        backup("sqlite://", tmp_path / "copy.db")


def test_postgresql_has_its_own_tool(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        backup("postgres://bot:secret@db.example/releases", tmp_path / "copy.db")
    told = "postgresql://bot:***@db.example/releases: cannot back up a PostgreSQL database; use pg_dump"
    assert str(refused.value) == told
