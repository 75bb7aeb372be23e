"""What a digest did with each release, its slot, and with which revision tags, their events and releases came."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_AT_ONCE = 1000

Row = dict[str, object]
_CHILDREN = ("deliveries", "digest_releases")
_SLOT = ["name", "channel", "slot", "copy"]
_OF_A_SLOT = "uq_digests_name_channel_slot_copy"


def upgrade() -> None:
    for table in ("tags", "tag_events", "releases"):
        op.add_column(table, sa.Column("recorded", sa.BigInteger(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column("first_date", _MOMENT, nullable=True))
    op.add_column("digest_releases", sa.Column("role", sa.Text(), nullable=False, server_default=sa.text("'named'")))
    op.add_column("digest_releases", sa.Column("date", _MOMENT, nullable=True))
    op.add_column("digest_releases", sa.Column("date_source", sa.Text(), nullable=True))
    op.add_column("digests", sa.Column("slot", _MOMENT, nullable=True))
    op.add_column("digests", sa.Column("copy", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("digests", sa.Column("observed_at", _MOMENT, nullable=True))
    op.add_column("digests", sa.Column("seen", sa.JSON(none_as_null=True), nullable=True))
    _fill()
    _identify()


def _fill() -> None:
    """Keep what is known: what was told stays told, with the date that it has now."""
    op.execute("UPDATE digests SET observed_at = made_at")
    newest = "SELECT max(id) FROM digests WHERE due IS NOT NULL GROUP BY name, channel, due"
    op.execute(f"UPDATE digests SET slot = due WHERE id IN ({newest})")
    for column in ("date", "date_source"):
        found = (
            f"SELECT releases.{column} FROM releases JOIN repositories ON repositories.id = releases.repository_id"
            " WHERE repositories.key = digest_releases.repository AND releases.normalized = digest_releases.normalized"
        )
        op.execute(f"UPDATE digest_releases SET {column} = ({found})")
    _fill_first_dates(op.get_bind())


def _fill_first_dates(connection: sa.Connection) -> None:
    """Take for a tag's first date the one before its first event, or the one that it has, and so for its release."""
    meta = sa.MetaData()
    events, tags, releases = (_reflected(name, meta, connection) for name in ("tag_events", "tags", "releases"))
    first: dict[tuple[int, str], datetime | None] = {}
    for table in (events, tags):
        query = sa.select(table).where(table.c.detailed.is_(True)).order_by(table.c.id)
        for row in connection.execute(query):
            first.setdefault((row.repository_id, row.name), _date(row))
    of_tags = [{"of": of, "called": name, "first": date} for (of, name), date in first.items() if date is not None]
    for table in (tags, events):
        is_it = sa.and_(table.c.repository_id == sa.bindparam("of"), table.c.name == sa.bindparam("called"))
        _write(connection, sa.update(table).where(is_it).values(first_date=sa.bindparam("first")), of_tags)
    of_releases: list[Row] = []
    for row in connection.execute(sa.select(releases.c.id, releases.c.repository_id, releases.c.tags)):
        dates = [first.get((row.repository_id, name)) for name in row.tags]
        of_releases.append({"of": row.id, "first": min((date for date in dates if date is not None), default=None)})
    is_it = releases.c.id == sa.bindparam("of")
    _write(connection, sa.update(releases).where(is_it).values(first_date=sa.bindparam("first")), of_releases)


def _write(connection: sa.Connection, statement: sa.Update, rows: list[Row]) -> None:
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, rows[start : start + _AT_ONCE])


def _date(row: sa.Row[Any]) -> datetime | None:
    date: datetime | None = row.published or row.tagger or row.committed
    return date


def _reflected(name: str, meta: sa.MetaData, connection: sa.Connection) -> sa.Table:
    columns = sa.Table(name, meta, autoload_with=connection, resolve_fks=False)
    if "tags" in columns.c:
        columns.c.tags.type = sa.JSON()
    return columns


def _identify() -> None:
    """Let a slot have one digest, a period without one too, and copies beside it that somebody asked for."""
    op.drop_index("uq_digests_from_the_beginning", table_name="digests")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
    else:
        op.drop_constraint("uq_digests_name_channel_period_start_period_end", "digests")
        op.create_unique_constraint(_OF_A_SLOT, "digests", _SLOT)
    for name, columns, which in (
        ("uq_digests_of_a_period", ["period_start", "period_end"], "slot IS NULL"),
        ("uq_digests_from_the_beginning", ["period_end"], "slot IS NULL AND period_start IS NULL"),
    ):
        op.create_index(
            name,
            "digests",
            ["name", "channel", *columns, "copy"],
            unique=True,
            sqlite_where=sa.text(which),
            postgresql_where=sa.text(which),
        )


def _rebuild() -> None:
    """Make the table anew, as SQLite needs it; while others refer to its rows it cannot be dropped."""
    for child in _CHILDREN:
        op.execute(f"CREATE TEMPORARY TABLE kept_{child} AS SELECT * FROM {child}")
        op.execute(f"DELETE FROM {child}")
    with op.batch_alter_table("digests", recreate="always") as batch:
        batch.drop_constraint("uq_digests_name_channel_period_start_period_end", type_="unique")
        batch.create_unique_constraint(_OF_A_SLOT, _SLOT)
    for child in _CHILDREN:
        op.execute(f"INSERT INTO {child} SELECT * FROM kept_{child}")
        op.execute(f"DROP TABLE kept_{child}")
