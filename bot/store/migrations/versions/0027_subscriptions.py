"""Subscriptions, what was announced to whom, and deliveries of announcements beside those of digests."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", _NUMBER, nullable=False),
        *_texts("channel", "repository"),
        sa.Column("at", _MOMENT, nullable=False),
        *_texts("who", "series", "kinds", "normalized", "version"),
        sa.Column("seen", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("ended_at", _MOMENT, nullable=True),
        *_texts("ended_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", _NUMBER, nullable=False),
        *_texts("channel"),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_table(
        "announced_releases",
        *_texts("channel", "repository", "normalized", "event"),
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        *_texts("state"),
        sa.Column("commit", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announced_releases_announcement_id_announcements"),
        ),
        sa.PrimaryKeyConstraint("channel", "repository", "normalized", "event", name=op.f("pk_announced_releases")),
    )
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("digest_id", existing_type=sa.BigInteger(), nullable=True)
        table.add_column(sa.Column("announcement_id", sa.BigInteger(), nullable=True))
        table.create_foreign_key(
            op.f("fk_deliveries_announcement_id_announcements"), "announcements", ["announcement_id"], ["id"]
        )
        table.create_unique_constraint(op.f("uq_deliveries_announcement_id"), ["announcement_id"])
