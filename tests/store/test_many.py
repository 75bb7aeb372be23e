"""Rows written by the thousand are those that SQLAlchemy's own INSERT writes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.releases import releases_of
from bot.store.many import insert_many
from bot.store.rows import release_values
from bot.store.schema import releases, repositories
from bot.store.store import Store
from tests.builders import MONDAY, a_repository, a_tag, paris


def test_many_rows_are_written_as_by_sqlalchemy_itself(store: Store) -> None:
    made = releases_of(a_repository(), [a_tag("v7r2p1"), a_tag("v7r2p2-pre3"), a_tag("größe"), a_tag("v7.3.0")])
    varied = [replace(made[0], date=paris("2021-02-22T09:00"), yanked="", upcoming=MONDAY + timedelta(microseconds=7))]
    rows = [release_values(release) for release in (*made[1:], *varied)]
    with store.polls._database.writing() as connection:
        both = []
        for number, write in enumerate((_by_sqlalchemy, insert_many), start=1):
            connection.execute(sa.insert(repositories), {"id": number, "key": str(number), "rules": "", "revision": 1})
            write(connection, releases, [{"repository_id": number, "recorded": 1, **row} for row in rows])
            columns = [column for column in releases.c if column.name not in {"id", "repository_id"}]
            query = sa.select(*columns).where(releases.c.repository_id == number).order_by(releases.c.normalized)
            both.append(connection.execute(query).all())
    assert both[0] == both[1]
    assert len(both[0]) == len(rows)


def _by_sqlalchemy(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(sa.insert(table), rows)
