"""When webhooks arrived, and the looks that are due because of them."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("forge", sa.Text, nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_hooks"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_hooks_due", "hooks", ["forge", "due_at"], sqlite_where=due, postgresql_where=due)
