"""Since when a forge's list is not believed, and what it says of a repository that was renamed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("repositories", sa.Column("suspected_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("repositories", sa.Column("renamed", sa.Text(), nullable=False, server_default=sa.text("''")))
