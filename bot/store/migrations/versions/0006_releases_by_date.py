"""The index of releases by date holds all that is counted by, so that counting reads no row."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_releases_repository_id_date"), table_name="releases")
    op.create_index(
        "ix_releases_counted",
        "releases",
        ["repository_id", "date", "kind", "series", "state", "order_key"],
        unique=False,
    )
