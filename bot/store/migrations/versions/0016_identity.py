"""The forge's own id of a repository, why dates are missing, and the forge's mark of a pre-release."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("identity", "rival", "undated_because"):
        op.add_column("repositories", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    for table in ("tags", "tag_events", "releases"):
        op.add_column(table, sa.Column("is_flagged", sa.Boolean(), nullable=False, server_default=sa.false()))
