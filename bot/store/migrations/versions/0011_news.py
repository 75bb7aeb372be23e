"""What a digest did with each release, its slot, and with which revision tags, their events and releases came."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_CHILDREN = ("deliveries", "digest_releases")
_SLOT = ["name", "channel", "slot", "copy"]
_OF_A_SLOT = "uq_digests_name_channel_slot_copy"


def upgrade() -> None:
    for table in ("tags", "tag_events", "releases"):
        op.add_column(table, sa.Column("recorded", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("releases", sa.Column("backfill_date", _MOMENT, nullable=True))
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
    op.execute(sa.text("UPDATE releases SET backfill_date = date WHERE backfilled = :yes").bindparams(yes=True))
    _undo_later_dates()


def _undo_later_dates() -> None:
    """Find the first known date of what a backfill brought and a later poll found with another one."""
    connection = op.get_bind()
    releases = sa.table("releases", sa.column("id", sa.BigInteger()), sa.column("backfill_date", _MOMENT))
    for number, date in list(_first_dates(connection)):
        connection.execute(sa.update(releases).where(releases.c.id == number).values(backfill_date=date))


def _first_dates(connection: sa.Connection) -> Iterator[tuple[int, datetime | None]]:
    meta = sa.MetaData()
    events, tags, releases = (_reflected(name, meta, connection) for name in ("tag_events", "tags", "releases"))
    changed: dict[int, dict[str, datetime | None]] = {}
    query = sa.select(events).where(events.c.backfilled.is_(True)).order_by(events.c.id)
    for row in connection.execute(query):
        changed.setdefault(row.repository_id, {}).setdefault(row.name, _date(row))
    for repository, before in changed.items():
        now = {
            row.name: _date(row)
            for row in connection.execute(sa.select(tags).where(tags.c.repository_id == repository))
        }
        mine = (releases.c.repository_id == repository, releases.c.backfilled.is_(True))
        for number, names in connection.execute(sa.select(releases.c.id, releases.c.tags).where(*mine)):
            if not before.keys().isdisjoint(names):
                dates = [before.get(name, now.get(name)) for name in names]
                yield number, min((date for date in dates if date is not None), default=None)


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
