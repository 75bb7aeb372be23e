"""Each delivery's generation, and until when, by the chat's own clock, an attempt may still show in its history."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("generation", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("unsure_until", sa.DateTime(timezone=True), nullable=True))
