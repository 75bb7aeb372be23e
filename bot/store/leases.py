"""Leases, the pace that processes share, and keys of the database's own; all by the database's clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.services.ports import Lease
from bot.store.database import insert
from bot.store.tables import database_keys, leases, request_paces

_MINUTE = 60.0


def take(connection: sa.Connection, name: str, holder: str, who: str, length: timedelta) -> Lease:
    """Take or renew a lease where it is free or ours; else tell whose it is.

    An end further ahead than a lease is long was written by a clock that was wrong: that lease is over.
    """
    free = {"holder": "", "who": "", "ends_at": datetime.fromtimestamp(0, UTC)}
    connection.execute(insert(connection, leases).values(name=name, **free).on_conflict_do_nothing())
    of_name = leases.c.name == name
    row = connection.execute(sa.select(leases).where(of_name).with_for_update()).one()
    # Only now that the row is locked: whoever had it may have written a later end while this one waited.
    now = read_clock(connection)
    is_over = row.ends_at <= now or row.ends_at > now + length
    if row.holder != holder and not is_over:
        return Lease(is_mine=False, who=row.who, ends_at=row.ends_at)
    values = {"holder": holder, "who": who, "ends_at": now + length}
    connection.execute(sa.update(leases).where(of_name).values(values))
    return Lease(is_mine=True, who=who, ends_at=now + length)


def release(connection: sa.Connection, name: str, holder: str) -> None:
    """Give back a lease, if it is still the holder's."""
    connection.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def reserve(connection: sa.Connection, name: str, count: int, most: int) -> float:
    """Reserve so many requests of the ``most`` in any minute; return the seconds to wait where there are not as many.

    0 says that they are reserved.
    """
    connection.execute(insert(connection, request_paces).values(name=name, recent=[]).on_conflict_do_nothing())
    of_name = request_paces.c.name == name
    held = connection.scalar(sa.select(request_paces.c.recent).where(of_name).with_for_update())
    # Only now that the row is locked. What is in the future was written by a clock that was wrong.
    now = read_clock(connection).timestamp()
    recent = [(float(at), int(number)) for at, number in held or () if now - _MINUTE < at <= now]
    if sum(number for _, number in recent) + count > most and recent:
        return max(recent[0][0] + _MINUTE - now, 0.01)
    connection.execute(sa.update(request_paces).where(of_name).values(recent=[*recent, (now, count)]))
    return 0.0


def key(connection: sa.Connection, name: str, new: str) -> str:
    """Read a key of this database's own, which is ``new`` where it had none."""
    connection.execute(insert(connection, database_keys).values(name=name, value=new).on_conflict_do_nothing())
    return str(connection.scalar(sa.select(database_keys.c.value).where(database_keys.c.name == name)))


def read_clock(connection: sa.Connection) -> datetime:
    """Read the database's clock."""
    return moment_of(connection.scalar(sa.select(clock_of(connection))))


def clock_of(connection: sa.Connection) -> sa.ColumnElement[Any]:
    """Return the database's clock as an expression; ``moment_of`` reads its values."""
    if connection.dialect.name == "sqlite":
        return sa.func.strftime("%Y-%m-%d %H:%M:%f", "now")
    return sa.func.clock_timestamp()


def moment_of(value: str | datetime | None) -> datetime:
    """Return the moment that a value of the database's clock means, in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(f"{value}+00:00")
