"""The schema: one for both databases, brought up to date once."""

from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.services.ports import StoreError
from bot.store.database import Database
from bot.store.sql import SqlStore
from bot.store.tables import metadata
from bot.store.upgrade import REVISIONS
from tests.store.polls import START
from tests.store.processes import all_go_on, go_on, process


def test_an_empty_database_is_upgraded_as_it_is_opened(empty_database_url: str) -> None:
    with SqlStore.open(empty_database_url) as store:
        assert store.deliveries(["pending"]) == []


def test_an_up_to_date_database_is_opened_again_with_all_it_holds(database_url: str) -> None:
    with SqlStore.open(database_url) as store:
        store.write_failure("github:a/b", START, "no answer")
    with SqlStore.open(database_url) as store:
        assert store.record("github:a/b").error == "no answer"


def test_the_migrations_make_the_schema_that_the_tables_say(database_url: str) -> None:
    with closing(Database.at(database_url)) as database, database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_program_knows_every_revision_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == REVISIONS


def test_alembic_is_not_loaded_for_a_database_that_is_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    SqlStore.open(url).close()
    with process("SqlStore.open(url)\nin_step()\nprint('alembic' in sys.modules)", url) as reader:
        assert go_on(reader) == "False\n"


def test_three_processes_upgrade_an_empty_database_together(empty_database_url: str) -> None:
    with ExitStack() as running:
        code = "import alembic.command\nin_step()\nprint(SqlStore.open(url).deliveries(['pending']))"
        workers = [running.enter_context(process(code, empty_database_url)) for _ in range(3)]
        assert all_go_on(workers) == ["[]\n"] * 3


@pytest.mark.parametrize("migrate", [True, False])
def test_a_database_of_a_newer_program_is_refused(database_url: str, *, migrate: bool) -> None:
    with closing(Database.at(database_url)) as database, database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"a newer release-bot made it \(revision 9999\); upgrade release-bot$"):
        SqlStore.open(database_url, migrate=migrate)


def test_without_migrating_an_empty_database_is_refused_and_left_empty(empty_database_url: str) -> None:
    with pytest.raises(StoreError, match=r"its schema is not that of this program; run release-bot db upgrade$"):
        SqlStore.open(empty_database_url, migrate=False)
    with closing(Database.at(empty_database_url)) as database, database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    with closing(Database.at(empty_database_url)) as database, database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE schedules (something TEXT)"))
    with pytest.raises(StoreError, match="schedules"):
        SqlStore.open(empty_database_url)
    with closing(database), database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["schedules"]
