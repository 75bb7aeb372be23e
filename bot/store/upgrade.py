"""The schema brought up to date: at most once, however many processes begin together."""

import logging

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.errors import NewerDatabase, NoDatabase, StoreError
from bot.store.schema import metadata

# The revisions under migrations/versions, oldest first: known here so that a database that is
# up to date is opened without loading Alembic, which takes longer than all the rest.
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0028",
    "0030",
    "0031",
    "0032",
    "0033",
    "0034",
    "0035",
    "0036",
)

_log = logging.getLogger(__name__)

# Any number will do, as long as it is always the same.
_POSTGRESQL_LOCK = 7_208_514_133


def upgrade(database: Database) -> None:
    """Bring the schema to the last revision. Raises StoreError for a database newer than the program."""
    with database.reading() as connection:
        if _is_current(connection, database.where):
            return
    with database.upgrading() as connection:
        if not database.is_sqlite:  # a writer has SQLite to itself from its beginning
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRESQL_LOCK)))
        if _is_current(connection, database.where):
            return
        before = _revision(connection)
        if before is None:
            _create(connection)
        else:
            migrate_to(connection, "head")
    if before is None:
        _log.info("database created: %s (schema %s)", database.where, REVISIONS[-1])
    else:
        _log.info("database upgraded from schema %s to %s: %s", before, REVISIONS[-1], database.where)


def upgrade_to_read(database: Database) -> None:
    """Bring the schema to the last revision before reading. Raises StoreError.

    NoDatabase where nothing was made yet; an old schema in a database that may not be written is an error too.
    """
    with database.reading() as connection:
        if _revision(connection) is None:
            raise NoDatabase(database.where)
        is_current = _is_current(connection, database.where)
    if not is_current and database.is_read_only:
        what = "the schema needs an upgrade, but this user has no write permission"
        raise StoreError(database.where, what, "run release-bot db upgrade as a user with write permission")
    if not is_current:
        upgrade(database)


def require_current(database: Database) -> None:
    """Raise StoreError unless the schema is that of the program."""
    with database.reading() as connection:
        if not _is_current(connection, database.where):
            raise StoreError(database.where, "the schema is missing or out of date", "run release-bot db upgrade")


def _is_current(connection: sa.Connection, where: str) -> bool:
    revision = _revision(connection)
    if revision is not None and revision not in REVISIONS:
        raise NewerDatabase(where, revision)
    return revision == REVISIONS[-1]


def _revision(connection: sa.Connection) -> str | None:
    """Read the revision of the schema, None where nothing was made yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def _create(connection: sa.Connection) -> None:
    """Make the schema of the last revision as it is, rather than by every revision on the way there."""
    for table in metadata.sorted_tables:
        connection.execute(sa.schema.CreateTable(table))
        # In the same order in every database: of two indexes that do as well, SQLite takes one by their order.
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            index.create(connection, checkfirst=False)
    number = sa.Column("version_num", sa.String(32), nullable=False)
    key = sa.PrimaryKeyConstraint(number, name="alembic_version_pkc")
    version = sa.Table("alembic_version", sa.MetaData(), number, key)
    version.create(connection, checkfirst=False)
    connection.execute(sa.insert(version).values(version_num=REVISIONS[-1]))


def migrate_to(connection: sa.Connection, revision: str) -> None:
    """Bring the schema to a revision, ``head`` for the last."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "bot.store:migrations")
    command.upgrade(config, revision)
