"""Unclassified tags by date, so that every count says how many there are."""

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "unclassified_tags",
        sa.Column("repository_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("date", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "name", name="pk_unclassified_tags"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_unclassified_tags_repository_id_repositories"
        ),
    )
    op.create_index("ix_unclassified_tags_repository_id_date", "unclassified_tags", ["repository_id", "date"])
    # Filled when the releases are made anew, which the edition of the rules sees to.
    for name in ("considered_count", "unclassified_count"):
        op.add_column("repositories", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("repositories", sa.Column("is_unread_told", sa.Boolean, nullable=False, server_default=sa.false()))
