"""The address of the page that has a release's notes."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("releases", sa.Column("notes_url", sa.Text(), nullable=True))
