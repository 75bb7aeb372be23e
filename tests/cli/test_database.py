"""Where the database is, who makes it, and what a user who may only read it can do."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_app
from bot.demo.recorded.github import RecordedGitHub
from tests.cli.conftest import Product, Said, configuration
from tests.cli.reader import as_others_are
from tests.databases import empty_database_url, postgresql
from tests.programs import PIPE, Program

__all__ = ["empty_database_url", "postgresql"]

READERS = (
    ("count",),
    ("releases",),
    ("latest",),
    ("tags",),
    ("digest",),
    ("ask", "how many releases in 2020?"),
    ("status",),
    ("certification",),
    ("watch", "list"),
    ("watch", "changes"),
    ("deliveries", "list"),
    ("config", "diff", "bot.toml"),
    ("db", "export", "-"),
)
DIGEST = '[[digests]]\nname = "weekly"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'
_ENVIRONMENT = os.environ  # noqa: TID251 - that of the test


def run_as_reader(config: Path, *arguments: str) -> Said:
    """Run a command as a user whom file modes bind, in the folder of the configuration."""
    command = ["--config", str(config), *arguments]
    program = Program("tests.cli.reader", command, env=_ENVIRONMENT, folder=config.parent, stdout=PIPE, stderr=PIPE)
    out, err = program.communicate()
    return Said(program.wait(), out, err)


@pytest.fixture
def relative(product: Product, github: RecordedGitHub) -> Product:
    """A bot whose database is named by a relative path."""
    text = configuration(github, product.folder, more=DIGEST)
    product.configure(text.replace(f"sqlite:///{product.folder}/bot.db", "sqlite:///data/bot.db"))
    (product.folder / "data").mkdir()
    return product


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_command_that_reads_makes_no_database_and_says_what_to_run_first(
    relative: Product, monkeypatch: pytest.MonkeyPatch, command: Sequence[str]
) -> None:
    monkeypatch.chdir(relative.folder)
    said = relative(*command)
    hint = "run release-bot poll first, to create and fill the database"
    assert said.err == f"error: {relative.folder}/data/bot.db: no database yet; {hint}\n"
    assert (said.code, said.out) == (1, "")
    assert list((relative.folder / "data").iterdir()) == []


def test_the_doctor_makes_no_database(relative: Product) -> None:
    said = relative("doctor")
    line = f"warning  {relative.folder}/data/bot.db: no database yet; run release-bot poll"
    assert any(each.startswith(line) for each in said.out.splitlines())
    assert list((relative.folder / "data").iterdir()) == []


def test_an_empty_postgresql_gets_no_tables_by_a_reader(
    relative: Product, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    for _ in range(2):
        said = relative("count")
        assert said.code == 1
        assert "no database yet; run release-bot poll first" in said.err


def test_a_change_to_the_watch_list_creates_the_database_that_keeps_it(relative: Product) -> None:
    assert relative("watch", "remove", "DIRAC", "--yes").code == 0
    assert (relative.folder / "data" / "bot.db").is_file()
    assert relative("watch", "list", "--format", "json").json == []


def test_a_relative_database_is_beside_the_configuration_wherever_the_command_runs(
    relative: Product, elsewhere: Path
) -> None:
    assert relative("poll").code == 0
    assert relative("count", "--period", "2020", "--format", "json").json["total"] == 74
    assert (relative.folder / "data" / "bot.db").is_file()
    assert list(elsewhere.iterdir()) == []


def test_a_database_of_before_is_named_and_not_passed_over(relative: Product, elsewhere: Path) -> None:
    """It was relative to the working directory, as it is written or by its name alone."""
    for old in (elsewhere / "data" / "bot.db", elsewhere / "bot.db"):
        old.parent.mkdir(exist_ok=True)
        old.write_bytes(b"")
        new = f"{relative.folder}/data/bot.db"
        for command in (("count",), ("poll",), ("db", "upgrade"), ("run",)):
            said = relative(*command)
            assert said.err == (
                f"error: {new}: no database here, but one of that name is in the working directory: {old}; "
                f'move it (mv {old}* {relative.folder}/data/), or set its path: database.url = "sqlite:///{old}"\n'
            )
            assert said.code == 2
        old.unlink()
    assert relative("poll").code == 0


def test_one_of_that_name_is_no_matter_where_the_database_is_there_or_its_path_absolute(
    relative: Product, elsewhere: Path
) -> None:
    assert relative("poll").code == 0
    (elsewhere / "bot.db").write_bytes(b"")
    assert relative("count").code == 0
    text = relative.config.read_text()
    relative.configure(text.replace("sqlite:///data/bot.db", f"sqlite:///{relative.folder}/other/bot.db"))
    (relative.folder / "other").mkdir()
    assert relative("poll").code == 0


def test_the_environment_is_relative_to_the_working_directory(
    relative: Product, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///mine.db")
    assert relative("poll").code == 0
    assert (elsewhere / "mine.db").is_file()


def _counted(product: Product) -> Any:
    done = run_as_reader(product.config, "count", "--period", "2020", "--format", "json")
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)["total"]


@pytest.fixture
def read_only(polled: Product) -> Iterator[Product]:
    """A database in a folder where neither may be written."""
    (polled.folder / "bot.db").chmod(0o444)
    polled.folder.chmod(0o555)
    yield polled
    polled.folder.chmod(0o755)


@pytest.mark.long
def test_a_database_that_may_only_be_read_is_read(read_only: Product) -> None:
    assert _counted(read_only) == 74
    for command in READERS:
        done = run_as_reader(read_only.config, *command)
        # The configuration has no digest, and status finds nothing wrong in a second.
        assert done.code == (2 if command == ("digest",) else 0), done.err
    target = str(read_only.folder.parent / "copy.db")
    assert run_as_reader(read_only.config, "db", "backup", target).code == 0
    assert [each.name for each in read_only.folder.glob("bot.db*")] == ["bot.db"]


def test_what_serves_a_file_that_may_only_be_read_notices_that_it_was_written(read_only: Product) -> None:
    """SQLite opens such a file as one that nobody changes: whoever stays open has to open it again."""
    url = f"sqlite:///{read_only.folder}/bot.db"
    program = f"from bot.store.read_only import state_if_frozen; print(state_if_frozen({url!r}))"

    def state() -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=as_others_are).stdout

    before = state()
    os.utime(read_only.folder / "bot.db", (1, 1))
    assert before != state() != "None\n"


def test_a_file_that_may_only_be_read_gets_no_files_beside_it(polled: Product) -> None:
    (polled.folder / "bot.db").chmod(0o444)
    assert _counted(polled) == 74
    assert [each.name for each in polled.folder.glob("bot.db*")] == ["bot.db"]


def test_what_a_running_worker_has_in_its_log_is_read_too(polled: Product) -> None:
    """SQLite opens a file that it is told is immutable without its log, and so without the newest changes."""
    file = polled.folder / "bot.db"
    with closing(sqlite3.connect(file)) as worker:
        worker.execute("DELETE FROM releases WHERE series = 'v7r0'")
        worker.commit()
        for path in polled.folder.glob("bot.db*"):
            path.chmod(0o444)
        polled.folder.chmod(0o555)
        try:
            assert _counted(polled) < 74
        finally:
            polled.folder.chmod(0o755)


def test_a_writer_is_told_that_it_may_not_write(read_only: Product) -> None:
    done = run_as_reader(read_only.config, "poll")
    assert done.code == 1
    assert done.err.startswith(f"error: {read_only.folder}/bot.db: read-only database; give this user write permission")


def test_an_old_schema_that_may_not_be_written_is_told(read_only: Product) -> None:
    with closing(sqlite3.connect(f"file:{read_only.folder}/bot.db?mode=rw", uri=True)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
        database.commit()
    done = run_as_reader(read_only.config, "count")
    what = "the schema needs an upgrade, but this user has no write permission"
    hint = "run release-bot db upgrade as a user with write permission"
    assert (done.code, done.err) == (1, f"error: {read_only.folder}/bot.db: {what}; {hint}\n")


def test_other_rules_than_those_of_a_read_only_database_are_told(read_only: Product) -> None:
    read_only.configure(read_only.config.read_text() + 'scheme = "semver"\n')
    done = run_as_reader(read_only.config, "count")
    what = "the releases of github:DIRACGrid/DIRAC were made by other rules than the configuration's"
    hint = "run release-bot db upgrade as a user with write permission"
    assert (done.code, done.err) == (1, f"error: {read_only.folder}/bot.db: {what}; {hint}\n")


@pytest.mark.parametrize("folder", ["plain", "with space", "100%25", "who?", "#1"])
def test_any_folder_may_hold_the_file(relative: Product, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there = relative.folder / folder
    there.mkdir()
    config = shutil.copy(relative.config, there / "bot.toml")
    (there / "data").mkdir()
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with open_app(str(config)).store():
        pass
    assert (there / "data" / "bot.db").is_file()
    mode = os.access(there, os.W_OK)
    assert mode
    (there / "data" / "bot.db").chmod(0o444)
    assert run_as_reader(Path(config), "tags", "--format", "json") == Said(0, "[]\n", "")


@pytest.mark.parametrize("command", [("count",), ("poll",), ("db", "upgrade")])
def test_a_database_that_a_newer_release_upgraded_is_refused_in_one_line(
    command: tuple[str, ...], polled: Product
) -> None:
    with closing(sqlite3.connect(polled.folder / "bot.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    said = polled(*command)
    line = "bot.db: created by a newer release-bot (schema revision 9999); upgrade release-bot"
    assert (said.code, said.out) == (2, "")
    assert said.err == f"error: {polled.folder}/{line}\n"
