"""All rules of what is watched beside the configuration file."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watch_changes", sa.Column("rules", sa.Text(), nullable=False, server_default=sa.text("'{}'")))
