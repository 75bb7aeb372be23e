"""The content of each digest, apart from any chat's format, so that it is shown for ever as it was told."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digests", sa.Column("content", sa.JSON(), nullable=True))
