"""Events of the chat: each taken once, and forgotten when it can no longer come again."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.store.database import insert
from bot.store.tables import chat_events

# No chat delivers an event again for longer; the longest that is documented is an hour.
_KEPT = timedelta(days=1)


def forget(connection: sa.Connection, at: datetime) -> None:
    """Delete the events that cannot come again."""
    connection.execute(sa.delete(chat_events).where(chat_events.c.at < at - _KEPT))


def take(connection: sa.Connection, event: str, at: datetime) -> bool:
    """Take an event; return False if it was taken before."""
    new = insert(connection, chat_events).values(event=event, at=at)
    taken = connection.scalar(new.on_conflict_do_nothing().returning(chat_events.c.event))
    return taken is not None
