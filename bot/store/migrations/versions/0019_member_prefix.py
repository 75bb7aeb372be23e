"""The prefix that the tags of an organisation's member have."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation_members", sa.Column("prefix", sa.Text(), nullable=False, server_default=sa.text("''")))
