"""Questions in chat: who asked for a delivery, where it stands, and the events that were taken."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_events",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_chat_events")),
    )
    op.create_index(op.f("ix_chat_events_at"), "chat_events", ["at"], unique=False)
    op.add_column("deliveries", sa.Column("asked_by", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("chat_channel", sa.Text(), nullable=True))
    op.create_index(op.f("ix_deliveries_chat_channel"), "deliveries", ["chat_channel"], unique=False)
