"""What processes agree on by the database: leases, the pace of requests, keys, and who answers an event of a chat."""

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import sqlalchemy as sa

from bot.domain.polling.budget import USED_WITHIN
from bot.domain.values import dataclass
from bot.store.clock import read_clock
from bot.store.database import Database, insert
from bot.store.schema import chat_events, database_keys, leases, request_paces

# What is reserved last in a minute may be sent a little later, together with what is reserved in the next.
_WINDOW = 60.0 + USED_WITHIN
# No chat delivers an event again for longer; the longest that is documented is an hour.
_KEPT = timedelta(days=1)
# How often the events of chats that cannot come again are deleted.
_FORGETTING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """Whether a lease is held by whoever asked for it, else by whom, in words, and until when."""

    is_mine: bool
    who: str
    ends_at: datetime


class LeaseStore:
    """The leases and other agreements of processes, by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._forgot_at: datetime | None = None

    def take(self, name: str, holder: str, who: str, length: timedelta) -> Lease:
        """Take or renew a lease where it is free or the holder's; else return whose it is. ``who`` is for people.

        An end further ahead than a lease is long was written by a clock that was wrong: that lease is over.
        """
        with self._database.writing() as connection:
            of_name = leases.c.name == name
            row = _locked(connection, name)
            # Only now that the row is locked: whoever had it may have written a later end while this one waited.
            now = read_clock(connection)
            is_over = row.ends_at <= now or row.ends_at > now + length
            if row.holder != holder and not is_over:
                return Lease(is_mine=False, who=row.who, ends_at=row.ends_at)
            values = {"holder": holder, "who": who, "ends_at": now + length}
            connection.execute(sa.update(leases).where(of_name).values(values))
            return Lease(is_mine=True, who=who, ends_at=now + length)

    def release(self, name: str, holder: str) -> None:
        """Release a lease, if it is still the holder's."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(leases).where(leases.c.name == name, leases.c.holder == holder))

    def reserve(self, name: str, count: int, most: int) -> float:
        """Reserve requests of the ``most`` that all processes may make in any minute under a name, to be made soon.

        Return 0 where they are reserved, else how many seconds to wait before asking again.
        """
        with self._database.writing() as connection:
            connection.execute(insert(connection, request_paces).values(name=name, recent=[]).on_conflict_do_nothing())
            of_name = request_paces.c.name == name
            held = connection.scalar(sa.select(request_paces.c.recent).where(of_name).with_for_update())
            # Only now that the row is locked. What is in the future was written by a clock that was wrong.
            now = read_clock(connection).timestamp()
            recent = [(float(at), int(number)) for at, number in held or () if now - _WINDOW < at <= now]
            if sum(number for _, number in recent) + count > most and recent:
                return max(recent[0][0] + _WINDOW - now, 0.01)
            connection.execute(sa.update(request_paces).where(of_name).values(recent=[*recent, (now, count)]))
            return 0.0

    def key(self, name: str) -> str:
        """Read a secret of this database's own, which is made when it is first asked for."""
        with self._database.writing() as connection:
            connection.execute(
                insert(connection, database_keys).values(name=name, value=token_hex()).on_conflict_do_nothing()
            )
            return str(connection.scalar(sa.select(database_keys.c.value).where(database_keys.c.name == name)))

    def take_event(self, event: str, at: datetime) -> bool:
        """Take an event of a chat for answering; return False if it was taken before. Old ones are forgotten."""
        is_time = self._forgot_at is None or at - self._forgot_at >= _FORGETTING
        with self._database.writing() as connection:
            if is_time:
                connection.execute(sa.delete(chat_events).where(chat_events.c.at < at - _KEPT))
            new = insert(connection, chat_events).values(event=event, at=at)
            taken = connection.scalar(new.on_conflict_do_nothing().returning(chat_events.c.event))
        if is_time:
            self._forgot_at = at
        return taken is not None


def _locked(connection: sa.Connection, name: str) -> sa.Row[Any]:
    """Return the row of a lease, locked; a free one is made where there is none."""
    free = {"holder": "", "who": "", "ends_at": datetime.fromtimestamp(0, UTC)}
    query = sa.select(leases).where(leases.c.name == name).with_for_update()
    while True:
        connection.execute(insert(connection, leases).values(name=name, **free).on_conflict_do_nothing())
        row = connection.execute(query).one_or_none()
        # On PostgreSQL its holder may have released it, and so deleted it, between the two statements.
        if row is not None:
            return row
