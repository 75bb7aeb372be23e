"""Digests that continue in a thread: the replies of a delivery, how many were posted, and which names a release."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digest_releases", sa.Column("part", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("replies", sa.JSON(), nullable=True))
    op.add_column("deliveries", sa.Column("reply_ids", sa.JSON(), nullable=True))
    op.add_column("deliveries", sa.Column("posted", sa.BigInteger(), nullable=False, server_default="0"))
