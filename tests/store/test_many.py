"""Rows written by the thousand are those that SQLAlchemy's own INSERT writes."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.releases import releases_of
from bot.store.many import insert_many
from bot.store.rows import Columns, Values, release_columns, rows_of
from bot.store.schema import releases, repositories
from bot.store.store import Store
from tests.builders import MONDAY, a_repository, a_tag, paris


# From a hundred rows on, what all of them share is written into the statement.
@pytest.mark.parametrize("others", [0, 150])
@pytest.mark.parametrize("is_varied", [True, False])
def test_many_rows_are_written_as_by_sqlalchemy_itself(store: Store, others: int, *, is_varied: bool) -> None:
    tags = [a_tag("v7r2p1"), a_tag("v7r2p2-pre3"), a_tag("v7.3.0"), *(a_tag(f"v8r0p{n}") for n in range(others))]
    made = releases_of(a_repository(), tags)
    other = replace(made[0], date=paris("2021-02-22T09:00"), upcoming=MONDAY + timedelta(microseconds=7), yanked="")
    varied = replace(other, is_flagged=True) if is_varied else made[0]
    columns = release_columns([*made[1:], varied])
    with store.polls._database.writing() as connection:
        both = []
        for number, write in enumerate((_by_sqlalchemy, insert_many), start=1):
            connection.execute(sa.insert(repositories), {"id": number, "key": str(number), "rules": "", "revision": 1})
            write(connection, releases, columns, {"repository_id": number, "recorded": 1})
            written = [column for column in releases.c if column.name not in {"id", "repository_id"}]
            query = sa.select(*written).where(releases.c.repository_id == number).order_by(releases.c.normalized)
            both.append(connection.execute(query).all())
    assert both[0] == both[1]
    assert len(both[0]) == len(made)


def _by_sqlalchemy(connection: sa.Connection, table: sa.Table, columns: Columns, own: Values) -> None:
    connection.execute(sa.insert(table), [row | own for row in rows_of(columns)])
