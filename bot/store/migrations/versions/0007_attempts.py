"""Each delivery's key and attempts, when to go on with it, and when a digest was due."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digests", sa.Column("due", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("attempts", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("is_told", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("deliveries", sa.Column("key", sa.Text(), nullable=False, server_default=sa.text("''")))
    # What was posted before carries the number of its row.
    op.execute("UPDATE deliveries SET key = CAST(id AS TEXT)")
    op.create_index("uq_deliveries_key", "deliveries", ["key"], unique=True)
