"""The schema of a queue of jobs beside the bot's own, and how its library connects."""

from hashlib import sha256

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from bot.store.database import Database, read_url
from bot.store.postgresql import network_options

# Any number will do, as long as it is always the same, and not that of another lock.
_LOCK = 7_208_514_134


def conninfo_of(url: str) -> str:
    """Return how psycopg connects to the PostgreSQL database at a URL, with the password. Raises StoreError."""
    parsed = read_url(url)
    # As the bot's own connections: a URL of several hosts is written otherwise by SQLAlchemy than by libpq.
    _, options = parsed.get_dialect()().create_connect_args(parsed)
    return make_conninfo(**options, **network_options(parsed))


def schema_of(statements: str) -> str:
    """Return the name of the schema that is made by SQL statements.

    Other statements have another schema: so workers of two versions work side by side, each with its own queue.
    """
    return f"release_bot_queue_{sha256(statements.encode()).hexdigest()[:8]}"


def make_queue(database: Database, statements: str) -> str:
    """Make the schema of a queue and all in it, unless it is there; return its name. Raises StoreError."""
    name = schema_of(statements)
    with database.upgrading() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if not sa.inspect(connection).has_schema(name):
            connection.execute(sa.schema.CreateSchema(name))
            connection.execute(sa.text(f"SET LOCAL search_path TO {name}"))
            # Several statements at once, which contain percent signs.
            connection.execution_options(no_parameters=True).exec_driver_sql(statements)
    return name
