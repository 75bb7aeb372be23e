"""Indexes by which digests and counts find what they need, and versions in the order of code points on every server."""

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
_PARTIAL = (
    ("ix_releases_live_by_date", ["repository_id", "date"], "backfilled = 0", "NOT backfilled"),
    ("ix_releases_live_by_first_seen", ["repository_id", "first_seen"], "backfilled = 0", "NOT backfilled"),
    ("ix_releases_dated", ["date", "repository_id", "kind", "state"], "date IS NOT NULL", "date IS NOT NULL"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("releases", "order_key", type_=sa.Text(collation="C"))
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)
    for name, columns, sqlite, postgresql in _PARTIAL:
        op.create_index(name, "releases", columns, sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgresql))
