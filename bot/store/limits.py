"""The forges' limits, as each told them last."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from bot.domain.polling.budget import Limit
from bot.store.database import insert
from bot.store.rows import Values
from bot.store.tables import forge_limits


def write(connection: sa.Connection, forge: str, told: Sequence[Limit]) -> None:
    """Put limits in the place of those told before."""
    rows: list[Values] = [
        {
            "forge": forge,
            "resource": each.resource,
            "allowed": each.limit,
            "remaining": each.remaining,
            "window_seconds": int(each.window.total_seconds()),
            "resets_at": each.resets_at,
            "seen_at": each.seen_at,
        }
        for each in told
    ]
    new = insert(connection, forge_limits)
    values = {name: new.excluded[name] for name in ("allowed", "remaining", "window_seconds", "resets_at", "seen_at")}
    connection.execute(new.on_conflict_do_update(index_elements=["forge", "resource"], set_=values), rows)


def read(connection: sa.Connection) -> dict[tuple[str, str], Limit]:
    """Read every limit by forge and resource."""
    return {
        (row.forge, row.resource): Limit(
            row.resource, row.allowed, row.remaining, timedelta(seconds=row.window_seconds), row.resets_at, row.seen_at
        )
        for row in connection.execute(sa.select(forge_limits))
    }
