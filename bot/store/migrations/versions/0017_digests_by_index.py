"""Indexes by which a digest finds what it needs, and versions in the order of code points on every server."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_releases_ordered": ("releases", ["repository_id", "series", "order_key", "kind", "state", "date"]),
    "ix_releases_repository_id_recorded": ("releases", ["repository_id", "recorded"]),
    "ix_tags_repository_id_recorded": ("tags", ["repository_id", "recorded"]),
    "ix_tags_repository_id_commit": ("tags", ["repository_id", "commit"]),
    "ix_tag_events_repository_id_recorded": ("tag_events", ["repository_id", "recorded"]),
    "ix_digest_releases_repository_normalized": ("digest_releases", ["repository", "normalized"]),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("releases", "order_key", type_=sa.Text(collation="C"))
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)
    for name, column in (("ix_releases_live_by_date", "date"), ("ix_releases_live_by_first_seen", "first_seen")):
        op.create_index(
            name,
            "releases",
            ["repository_id", column],
            sqlite_where=sa.text("backfilled = 0"),
            postgresql_where=sa.text("NOT backfilled"),
        )
