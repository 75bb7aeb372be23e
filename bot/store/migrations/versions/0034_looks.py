"""When each repository is due for a look, who looks at it, and the round and the pace of each token."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("forge", sa.Text, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_looks"),
    )
    op.create_index("ix_looks_forge_next_at", "looks", ["forge", "next_at"])
    op.create_index("ix_looks_forge_tried_at", "looks", ["forge", "tried_at"])
    claimed = sa.text("claim IS NOT NULL")
    op.create_index("ix_looks_claimed", "looks", ["forge", "claim"], sqlite_where=claimed, postgresql_where=claimed)
    op.create_table(
        "look_rounds",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("forge", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("interval_percent", sa.BigInteger, nullable=False),
        sa.Column("budgeted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cutoff", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", "forge", name="pk_look_rounds"),
    )
