"""An index of releases by series and date, so that a named series is counted without reading the others."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_releases_of_series",
        "releases",
        ["repository_id", "series", "date", "kind", "state", "order_key"],
        unique=False,
    )
