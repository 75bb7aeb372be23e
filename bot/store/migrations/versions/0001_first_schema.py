"""First schema: repositories, tags, tag events, releases, digests, deliveries, schedules."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _observed()
    _told()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _repository_id(table: str) -> sa.Column[int]:
    name = op.f(f"fk_{table}_repository_id_repositories")
    return sa.Column("repository_id", sa.BigInteger(), sa.ForeignKey("repositories.id", name=name), nullable=False)


def _digest_id(table: str) -> sa.Column[int]:
    name = op.f(f"fk_{table}_digest_id_digests")
    return sa.Column("digest_id", sa.BigInteger(), sa.ForeignKey("digests.id", name=name), nullable=False)


def _primary_key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _observed_tag() -> list[sa.Column[bool] | sa.Column[datetime] | sa.Column[str]]:
    return [
        _text("name"),
        _text("target"),
        _flag("annotated"),
        _flag("detailed"),
        _text("commit", nullable=True),
        _moment("published", nullable=True),
        _moment("tagger", nullable=True),
        _moment("committed", nullable=True),
        _moment("first_seen"),
        _moment("last_seen", nullable=True),
        _flag("backfilled"),
        _text("state"),
    ]


def _observed() -> None:
    op.create_table(
        "repositories",
        _id(),
        _text("key"),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _text("rules"),
        _text("validator", nullable=True),
        _moment("polled_at", nullable=True),
        _moment("full_at", nullable=True),
        _moment("backfilled_at", nullable=True),
        _text("error", nullable=True),
        _moment("failing_since", nullable=True),
        _primary_key("repositories", "id"),
        _unique("repositories", "key"),
    )
    op.create_table(
        "tags",
        _id(),
        _repository_id("tags"),
        *_observed_tag(),
        _primary_key("tags", "id"),
        _unique("tags", "repository_id", "name"),
    )
    op.create_table(
        "tag_events",
        _id(),
        _repository_id("tag_events"),
        _text("kind"),
        _moment("at"),
        *_observed_tag(),
        _text("to_target", nullable=True),
        _text("to_commit", nullable=True),
        _primary_key("tag_events", "id"),
    )
    op.create_index(op.f("ix_tag_events_repository_id_at"), "tag_events", ["repository_id", "at"])
    op.create_table(
        "releases",
        _id(),
        _repository_id("releases"),
        _text("normalized"),
        _text("version"),
        _text("series"),
        _text("kind"),
        _text("order_key"),
        _moment("date", nullable=True),
        _text("date_source", nullable=True),
        _moment("first_seen"),
        _flag("backfilled"),
        _text("commit", nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        _text("url", nullable=True),
        _text("state"),
        _primary_key("releases", "id"),
        _unique("releases", "repository_id", "normalized"),
    )
    op.create_index(op.f("ix_releases_repository_id_date"), "releases", ["repository_id", "date"])


def _told() -> None:
    op.create_table(
        "digests",
        _id(),
        _text("name"),
        _text("channel"),
        _moment("period_start", nullable=True),
        _moment("period_end"),
        _text("time_zone"),
        _moment("made_at"),
        _text("headline"),
        _primary_key("digests", "id"),
        _unique("digests", "name", "channel", "period_start", "period_end"),
    )
    op.create_index(
        "uq_digests_from_the_beginning",
        "digests",
        ["name", "channel", "period_end"],
        unique=True,
        sqlite_where=sa.text("period_start IS NULL"),
        postgresql_where=sa.text("period_start IS NULL"),
    )
    op.create_table(
        "digest_releases",
        _digest_id("digest_releases"),
        _text("repository"),
        _text("normalized"),
        _primary_key("digest_releases", "digest_id", "repository", "normalized"),
    )
    op.create_table(
        "deliveries",
        _id(),
        _digest_id("deliveries"),
        _text("state"),
        _text("message"),
        _text("error", nullable=True),
        _text("message_id", nullable=True),
        _moment("attempted_at", nullable=True),
        _primary_key("deliveries", "id"),
        _unique("deliveries", "digest_id"),
    )
    op.create_index(op.f("ix_deliveries_state"), "deliveries", ["state"])
    op.create_table(
        "schedules",
        _text("name"),
        _text("channel"),
        _moment("known_since"),
        _primary_key("schedules", "name", "channel"),
    )
