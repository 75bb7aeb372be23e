"""Since when a tag stands on its commit, and what forges announce: both decide which dates are believed."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_AT_ONCE = 1000

Row = dict[str, object]

_events = sa.table(
    "tag_events",
    sa.column("id", sa.BigInteger),
    sa.column("repository_id", sa.BigInteger),
    sa.column("name", sa.Text),
    sa.column("kind", sa.Text),
    sa.column("at", _MOMENT),
    sa.column("moved_at", _MOMENT),
)
_tags = sa.table(
    "tags",
    sa.column("repository_id", sa.BigInteger),
    sa.column("name", sa.Text),
    sa.column("moved_at", _MOMENT),
)


def upgrade() -> None:
    op.add_column("tags", sa.Column("moved_at", _MOMENT, nullable=True))
    op.add_column("tag_events", sa.Column("moved_at", _MOMENT, nullable=True))
    op.add_column("releases", sa.Column("upcoming", _MOMENT, nullable=True))
    op.add_column("repositories", sa.Column("upcoming_at", _MOMENT, nullable=True))
    _fill_in(op.get_bind())


def _fill_in(connection: sa.Connection) -> None:
    """Write when tags moved, by their events: of each event the last move before it, of each tag the last of all."""
    columns = _events.c
    moves = sa.select(columns.repository_id, columns.name).distinct().where(columns.kind == "moved").subquery()
    is_of_moved = sa.and_(columns.repository_id == moves.c.repository_id, columns.name == moves.c.name)
    query = sa.select(columns.id, columns.repository_id, columns.name, columns.kind, columns.at)
    query = query.select_from(_events.join(moves, is_of_moved)).order_by(columns.id)
    moved: dict[tuple[int, str], datetime] = {}
    before: list[Row] = []
    for row in connection.execute(query):
        tag = (row.repository_id, row.name)
        if tag in moved:
            before.append({"of": row.id, "moved": moved[tag]})
        if row.kind == "moved":
            moved[tag] = row.at
    after: list[Row] = [{"of": repository, "called": name, "moved": at} for (repository, name), at in moved.items()]
    is_event, is_tag = columns.id == sa.bindparam("of"), _tags.c.repository_id == sa.bindparam("of")
    _write(connection, sa.update(_events).where(is_event), before)
    _write(connection, sa.update(_tags).where(is_tag, _tags.c.name == sa.bindparam("called")), after)


def _write(connection: sa.Connection, update: sa.Update, rows: list[Row]) -> None:
    statement = update.values(moved_at=sa.bindparam("moved", type_=_MOMENT))
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, rows[start : start + _AT_ONCE])
