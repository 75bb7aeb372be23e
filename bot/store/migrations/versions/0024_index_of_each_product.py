"""What package indexes list by project, for products with one each, and when one that fails is read again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.schema import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("repository", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("validator", sa.Text(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("untagged", sa.JSON(), nullable=False),
    )
    held = sa.table("index_listings", *(sa.column(each.name, each.type) for each in columns))
    connection = op.get_bind()
    rows = [dict(row) for row in connection.execute(sa.select(held)).mappings()]
    op.drop_table("index_listings")
    op.create_table(
        "index_listings",
        *columns,
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("next_at", UtcDateTime(), nullable=True),
    )
    if rows:
        connection.execute(sa.insert(held), rows)
