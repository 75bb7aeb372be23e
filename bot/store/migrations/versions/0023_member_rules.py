"""All rules proposed for an organisation's member, its products among them, and whether they fit badly."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_OLD = ("scheme", "prefix", "counts")


def upgrade() -> None:
    op.add_column("organisation_members", sa.Column("rules", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column(
        "organisation_members", sa.Column("is_doubtful", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    columns: list[sa.ColumnClause[str]] = [sa.column(name) for name in ("organisation", "path", *_OLD, "rules")]
    members = sa.table("organisation_members", *columns)
    connection = op.get_bind()
    for row in connection.execute(sa.select(members).where(members.c.scheme != "")).all():
        rules = json.dumps({"tags": {name: getattr(row, name) for name in _OLD}})
        own = sa.and_(members.c.organisation == row.organisation, members.c.path == row.path)
        connection.execute(sa.update(members).where(own).values(rules=rules))
    with op.batch_alter_table("organisation_members") as table:
        for name in _OLD:
            table.drop_column(name)
