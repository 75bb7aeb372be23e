"""What package indexes list, and the releases that are yanked there."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UtcDateTime

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("releases", sa.Column("yanked", sa.Text(), nullable=True))
    op.create_table(
        "index_listings",
        sa.Column("repository", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("validator", sa.Text(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("untagged", sa.JSON(), nullable=False),
    )
