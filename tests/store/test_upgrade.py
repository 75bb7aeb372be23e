"""The schema: one for both databases, brought up to date once."""

import logging
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine.interfaces import ReflectedIndex

from bot.domain.organisations import Listed, Member
from bot.domain.watch_rules import TagRules, WatchRules
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.schema import metadata, repositories, tag_events, tags
from bot.store.store import Store
from bot.store.upgrade import REVISIONS, migrate_to, upgrade
from tests.store.polls import START, hour
from tests.store.processes import all_go_on, go_on, process


def test_an_empty_database_is_upgraded_as_it_is_opened(empty_database_url: str) -> None:
    with Store.open(empty_database_url) as store:
        assert store.deliveries.in_states(["pending"]) == []


@pytest.mark.parametrize(
    ("before", "line"),
    [(None, "database created"), ("0017", f"database upgraded from schema 0017 to {REVISIONS[-1]}")],
)
def test_one_line_says_that_a_database_was_created_or_upgraded(
    empty_database_url: str, before: str | None, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Database.at(empty_database_url)) as database:
        if before is not None:
            with database.writing() as connection:
                migrate_to(connection, before)
        caplog.set_level(logging.INFO, "bot")
        upgrade(database)
        assert [message.partition(":")[0] for message in caplog.messages if "database" in message] == [line]
        caplog.clear()
        upgrade(database)
        assert caplog.messages == []


def test_an_up_to_date_database_is_opened_again_with_all_it_holds(database_url: str) -> None:
    with Store.open(database_url) as store:
        store.polls.write_failure("github:a/b", START, "no answer")
    with Store.open(database_url) as store:
        assert store.tags.record("github:a/b").error == "no answer"


def test_the_migrations_make_the_schema_that_the_tables_say(empty_database_url: str) -> None:
    with closing(Database.at(empty_database_url)) as database, database.writing() as connection:
        migrate_to(connection, "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_indexes_of_a_table_are_made_in_the_same_order_in_every_database() -> None:
    # Of two that do as well, SQLite takes one by their order, and what a question costs would depend on it.
    with closing(Database.at("sqlite://")) as database:
        upgrade(database)
        of_a_table = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'releases' AND sql IS NOT NULL"
        with database.reading() as connection:
            names = connection.scalars(sa.text(f"{of_a_table} ORDER BY rowid")).all()
    assert len(names) > 5
    assert list(names) == sorted(names)


def test_a_new_database_has_all_that_the_migrations_make(empty_database_url: str) -> None:
    with closing(Database.at(empty_database_url)) as database:
        with database.writing() as connection:
            migrate_to(connection, "head")
            migrated = _made_of(connection)
            for table in sa.inspect(connection).get_table_names():
                connection.execute(sa.text(f"DROP TABLE {table}" + ("" if database.is_sqlite else " CASCADE")))
        upgrade(database)
        with database.reading() as connection:
            assert _made_of(connection) == migrated


def _made_of(connection: sa.Connection) -> dict[str, object]:
    """Read of each table and of its rows what the database itself says of it, whatever the order of its parts."""
    inspector = sa.inspect(connection)
    parts: dict[str, list[Iterable[object]]] = {
        name: [
            inspector.get_columns(name),
            [inspector.get_pk_constraint(name)],
            inspector.get_foreign_keys(name),
            inspector.get_unique_constraints(name),
            inspector.get_check_constraints(name),
            [each | {"dialect_options": _in_words(each)} for each in inspector.get_indexes(name)],
            connection.execute(sa.text(f"SELECT * FROM {name}")).all(),
        ]
        for name in inspector.get_table_names()
    }
    return {name: [sorted(map(repr, each)) for each in of_table] for name, of_table in parts.items()}


def _in_words(index: ReflectedIndex) -> dict[str, str]:
    return {name: str(value) for name, value in index.get("dialect_options", {}).items()}


def test_the_program_knows_every_revision_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == REVISIONS


@pytest.mark.parametrize("is_new", [False, True])
def test_alembic_is_not_loaded_for_a_database_that_is_new_or_up_to_date(tmp_path: Path, *, is_new: bool) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    if not is_new:
        Store.open(url).close()
    with process("Store.open(url)\nin_step()\nprint('alembic' in sys.modules)", url) as reader:
        assert go_on(reader) == "False\n"


@pytest.mark.long
def test_three_processes_upgrade_an_empty_database_together(empty_database_url: str) -> None:
    with ExitStack() as running:
        code = "import alembic.command\nin_step()\nprint(Store.open(url).deliveries.in_states(['pending']))"
        workers = [running.enter_context(process(code, empty_database_url)) for _ in range(3)]
        assert all_go_on(workers) == ["[]\n"] * 3


@pytest.mark.parametrize("migrate", [True, False])
def test_a_database_of_a_newer_program_is_refused(database_url: str, *, migrate: bool) -> None:
    with closing(Database.at(database_url)) as database, database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreError, match=r"created by a newer release-bot \(schema revision 9999\); upgrade release-bot$"
    ):
        Store.open(database_url, migrate=migrate)


def test_without_migrating_an_empty_database_is_refused_and_left_empty(empty_database_url: str) -> None:
    with pytest.raises(StoreError, match=r"the schema is missing or out of date; run release-bot db upgrade$"):
        Store.open(empty_database_url, migrate=False)
    with closing(Database.at(empty_database_url)) as database, database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    with closing(Database.at(empty_database_url)) as database, database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE schedules (something TEXT)"))
    with pytest.raises(StoreError, match="schedules"):
        Store.open(empty_database_url)
    with closing(database), database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["schedules"]


_OBSERVED = {"annotated": False, "detailed": True, "first_seen": hour(0), "backfilled": False, "name": "v1"}
_HAPPENED = [(1, "deleted", 1), (1, "moved", 2), (2, "deleted", 3), (1, "moved", 4), (1, "redated", 5)]


def _as_it_is(connection: sa.Connection, table: sa.Table) -> sa.TableClause:
    """Return a table with the columns that it has in this database."""
    names = [column["name"] for column in sa.inspect(connection).get_columns(table.name)]
    return sa.table(table.name, *(sa.column(name, table.columns[name].type) for name in names))


def test_an_older_database_knows_since_when_its_tags_stand_on_their_commits(empty_database_url: str) -> None:
    with closing(Database.at(empty_database_url)) as database, database.writing() as connection:
        migrate_to(connection, "0009")
        known = [{"id": number, "key": f"github:a/{number}", "revision": 1, "rules": "r"} for number in (1, 2)]
        seen = [(1, "v1", "moved"), (1, "v2", "current"), (2, "v1", "deleted")]
        observed = [
            _OBSERVED | {"repository_id": of, "name": name, "target": "c", "state": state} for of, name, state in seen
        ]
        happened = [
            _OBSERVED | {"repository_id": of, "kind": kind, "at": hour(at), "target": "c", "state": "current"}
            for of, kind, at in _HAPPENED
        ]
        for table, rows in ((repositories, known), (tags, observed), (tag_events, happened)):
            connection.execute(sa.insert(_as_it_is(connection, table)), rows)
    with Store.open(empty_database_url) as store:
        since = {(key, tag.name): tag.commit_since for key, tag in store.tags.of(["github:a/1", "github:a/2"])}
        assert since == {
            ("github:a/1", "v1"): hour(4),
            ("github:a/1", "v2"): hour(0),
            ("github:a/2", "v1"): hour(0),
        }
        before = [event.before.commit_since for _, event in store.tags.events(["github:a/1"])]
        assert before == [hour(0), hour(0), hour(2), hour(4)]
        assert {record.upcoming_at for record in store.tags.records(["github:a/1", "github:a/2"])} == {None}


def test_an_older_database_keeps_the_rules_of_members_of_organisations(empty_database_url: str) -> None:
    with closing(Database.at(empty_database_url)) as database, database.writing() as connection:
        migrate_to(connection, "0022")
        names = ("organisation", "path", "scheme", "prefix", "counts")
        table = sa.table(
            "organisation_members",
            *map(sa.column, (*names, "missed")),
            sa.column("is_fork", sa.Boolean),
            sa.column("is_archived", sa.Boolean),
        )
        told = [("github:a/*", "a/b", "pep440", "b-", "final"), ("github:a/*", "a/c", "", "", "")]
        rest = {"missed": 0, "is_fork": False, "is_archived": False}
        connection.execute(sa.insert(table), [dict(zip(names, each, strict=True)) | rest for each in told])
    with Store.open(empty_database_url) as store:
        assert store.watchlist.additions().members == {
            "github:a/*": (
                Member(Listed("a/b"), WatchRules(TagRules("pep440", "b-", "final"))),
                Member(Listed("a/c")),
            )
        }


def test_what_a_package_index_listed_is_kept_by_its_project(empty_database_url: str) -> None:
    held = sa.table("index_listings", *map(sa.column, ("repository", "source", "error")))
    with closing(Database.at(empty_database_url)) as database:
        with database.writing() as connection:
            migrate_to(connection, "0022")
            connection.execute(
                sa.text(
                    "INSERT INTO index_listings (repository, source, versions, validator, read_at, error, untagged) "
                    "VALUES ('github:a/b', 'pypi:b', '{}', 'e1', NULL, 'timed out', '[\"1.0\"]')"
                )
            )
        upgrade(database)
        with database.reading() as connection:
            assert [tuple(row) for row in connection.execute(sa.select(held))] == [
                ("github:a/b", "pypi:b", "timed out")
            ]
    with Store.open(empty_database_url) as store:
        listing = store.tags.listings(["github:a/b"])["github:a/b"]["pypi:b"]
        assert (listing.validator, listing.untagged, listing.failures, listing.next_at) == ("e1", ("1.0",), 0, None)
