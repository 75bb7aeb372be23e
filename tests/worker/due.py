"""Repositories that are due, as if time had gone by."""

from datetime import timedelta

import sqlalchemy as sa

from bot.app import now
from bot.store.schema import look_rounds, looks, repositories
from bot.store.store import Store


def make_due(store: Store) -> None:
    """Let the last poll, and the last round of polls, have been two days ago."""
    ago = now() - timedelta(days=2)
    with store.database.writing() as connection:
        connection.execute(sa.update(repositories).values(polled_at=ago, complete_at=ago, full_at=ago))
        connection.execute(sa.update(looks).values(next_at=ago + timedelta(hours=1), tried_at=ago))
        connection.execute(sa.update(look_rounds).values(opened_at=ago))
