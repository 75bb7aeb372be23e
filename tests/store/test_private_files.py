"""The files of a database, its backups and its exports are their owner's alone, whatever the umask is."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store.database import Database
from bot.store.files import new_file
from bot.store.stats import health
from bot.store.store import Store
from bot.store.transfer import backup
from tests.builders import a_repository
from tests.histories import write_history


@pytest.fixture(autouse=True, params=[0o022, 0o000], ids=["umask 022", "umask 000"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of each file in a folder."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_a_new_database_is_its_owners_alone_with_all_that_is_beside_it(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        write_history(store, a_repository("DIRACGrid/COMDIRAC"))
        assert modes(tmp_path) == {"bot.db": 0o600, "bot.db-wal": 0o600, "bot.db-shm": 0o600}
    assert modes(tmp_path)["bot.db"] == 0o600


def test_a_new_file_is_private_before_sqlite_opens_it(tmp_path: Path) -> None:
    seen: list[dict[str, int]] = []
    database = Database.at(f"sqlite:///{tmp_path}/bot.db")
    sa.event.listen(database.engine, "do_connect", lambda *_: seen.append(modes(tmp_path)))
    with database.reading():
        assert seen == [{"bot.db": 0o600}]
    database.close()


def test_a_backup_and_a_file_that_is_written_are_their_owners_alone(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/bot.db").close()
    backup(f"sqlite:///{tmp_path}/bot.db", tmp_path / "backup.db")
    with new_file(tmp_path / "export.jsonl") as written:
        assert written.stat().st_mode & 0o777 == 0o600
        written.write_text("{}")
    assert set(modes(tmp_path).values()) == {0o600}


@pytest.mark.parametrize(
    ("held", "kept"), [(0o644, 0o600), (0o664, 0o600), (0o666, 0o600), (0o640, 0o640), (0o660, 0o660), (0o600, 0o600)]
)
def test_what_everybody_may_read_is_made_private_and_what_a_group_was_given_stays(
    tmp_path: Path, held: int, kept: int
) -> None:
    Store.open(f"sqlite:///{tmp_path}/bot.db").close()
    with closing(sqlite3.connect(tmp_path / "bot.db")) as other:
        other.execute("SELECT * FROM repositories").fetchall()
        for path in tmp_path.iterdir():
            path.chmod(held)
        Store.open(f"sqlite:///{tmp_path}/bot.db").close()
        assert set(modes(tmp_path).values()) == {kept}
        assert len(modes(tmp_path)) == 3


def test_a_link_to_a_database_makes_the_database_private(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "bot.db").symlink_to(tmp_path / "data" / "real.db")
    Store.open(f"sqlite:///{tmp_path}/bot.db").close()
    assert modes(tmp_path / "data") == {"real.db": 0o600}


def test_a_database_that_everybody_may_read_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    Store.open(url).close()
    assert not health(url).is_exposed
    (tmp_path / "bot.db").chmod(0o604)
    assert health(url).is_exposed
