"""Faults of the database, each at ``release-bot poll`` where another command is not named."""

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass

from tests.faults.clock import CLOCK
from tests.faults.listening import nobody
from tests.faults.rows import Row
from tests.faults.stage import NEW, Stage, stage

_POLL = ("poll",)
# The table of tags is larger than its first page.
_HEADER = 4096


@dataclass(frozen=True)
class DatabaseFault:
    """What is wrong while the command runs; ``name`` says it."""

    name: str
    lasting: Callable[[Stage], AbstractContextManager[object]]
    command: tuple[str, ...] = _POLL


def rows() -> Iterator[Row]:
    """Let each fault happen while a tag is new, and see that nothing is lost."""
    for fault in FAULTS:
        with stage() as set_up:
            yield _row(fault, set_up)


def _row(fault: DatabaseFault, stage: Stage) -> Row:
    before = stage.held()
    CLOCK.go_on(minutes=10)
    stage.tag(NEW)
    with fault.lasting(stage):
        said = stage.run(*fault.command)
    assert stage.held() == before, f"{fault.name}: something was written, or lost"
    assert stage.run("poll").code == 0
    assert len(stage.held()) == len(before) + 1
    did = f"exit code {said.code}; wrote nothing; when it was over, a poll recorded the new tag"
    return Row(fault.name, did, said.err)


@contextmanager
def _instead(stage: Stage, content: Callable[[], object]) -> Iterator[None]:
    """Put something in the place of the database."""
    kept = stage.folder / "kept.db"
    _fold(stage)
    stage.file.rename(kept)
    content()
    yield
    for path in stage.folder.glob("bot.db*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    kept.rename(stage.file)


def _fold(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _is_text(stage: Stage) -> AbstractContextManager[object]:
    return _instead(stage, lambda: stage.file.write_text("watch: everything\n" * 1000))


def _is_a_folder(stage: Stage) -> AbstractContextManager[object]:
    return _instead(stage, stage.file.mkdir)


def _is_damaged(stage: Stage) -> AbstractContextManager[object]:
    def damage() -> None:
        pages = (stage.folder / "kept.db").read_bytes()
        stage.file.write_bytes(pages[:100] + b"\xff" * (len(pages) - 100))

    return _instead(stage, damage)


def _is_newer(stage: Stage) -> AbstractContextManager[object]:
    def age() -> None:
        shutil.copy(stage.folder / "kept.db", stage.file)
        with closing(sqlite3.connect(stage.file)) as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
            database.commit()

    return _instead(stage, age)


@contextmanager
def _at(stage: Stage, url: str) -> Iterator[None]:
    stage.configure(database=url)
    yield
    stage.configure()


def _in_no_folder(stage: Stage) -> AbstractContextManager[object]:
    return _at(stage, f"sqlite:///{stage.folder}/nowhere/bot.db")


def _read_only(stage: Stage) -> AbstractContextManager[object]:
    return _at(stage, f"sqlite:///file:{stage.file}?mode=ro&uri=true")


@contextmanager
def _locked(stage: Stage) -> Iterator[None]:
    with (
        _at(stage, f"sqlite:///{stage.file}?timeout=0"),
        closing(sqlite3.connect(stage.file, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def _full(_stage: Stage) -> Iterator[None]:
    """Let no file of this process grow: what is left on the disk, to a database."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_HEADER, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _no_server(stage: Stage) -> Iterator[None]:
    with nobody() as address, _at(stage, address.replace("http://", "postgresql://bot:s3cret@") + "/releases"):
        yield


FAULTS = (
    DatabaseFault("a folder that does not exist", _in_no_folder),
    DatabaseFault("a folder in the place of the file", _is_a_folder),
    DatabaseFault("a file that is no database", _is_text),
    DatabaseFault("a damaged file", _is_damaged),
    DatabaseFault("a database of a newer release-bot", _is_newer),
    DatabaseFault("a file that may only be read", _read_only),
    DatabaseFault("another process writes, for longer than is waited", _locked),
    DatabaseFault("no file may grow any more (stands in for a full disk)", _full),
    DatabaseFault("PostgreSQL is not running", _no_server),
)
