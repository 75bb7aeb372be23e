"""The notes of releases."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release_notes",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("normalized", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("format", "text")),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("next_try", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "normalized", name=op.f("pk_release_notes")),
    )
    op.create_index(op.f("ix_release_notes_next_try"), "release_notes", ["next_try"])
