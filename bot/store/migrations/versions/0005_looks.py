"""How deep a repository was looked at and when, how many tags it has, and what forges say of their limits."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COUNTED = """
    UPDATE repositories SET
      complete_at = polled_at,
      changed_at = backfilled_at,
      tag_count = (SELECT count(*) FROM tags WHERE repository_id = repositories.id AND state <> 'deleted'),
      undetailed_count = (
        SELECT count(*) FROM tags WHERE repository_id = repositories.id AND state <> 'deleted' AND NOT detailed
      )
"""


def upgrade() -> None:
    op.add_column("repositories", sa.Column("head", sa.Text(), nullable=True))
    op.add_column("repositories", sa.Column("complete_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("repositories", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("repositories", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("repositories", sa.Column("tag_count", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("repositories", sa.Column("undetailed_count", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(_COUNTED)
    op.create_table(
        "forge_limits",
        sa.Column("forge", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("window_seconds", sa.BigInteger(), nullable=False),
        sa.Column("resets_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forge", "resource", name=op.f("pk_forge_limits")),
    )
