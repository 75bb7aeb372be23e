"""Events of the chat: each taken once, and forgotten when it can no longer come again."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.store.database import insert
from bot.store.tables import chat_events

# Slack delivers an event again for an hour at most (docs: Events API, failure conditions).
_KEPT = timedelta(days=1)


def take(connection: sa.Connection, event: str, at: datetime) -> bool:
    """Take an event; False if it was taken before."""
    connection.execute(sa.delete(chat_events).where(chat_events.c.at < at - _KEPT))
    new = insert(connection, chat_events).values(event=event, at=at)
    taken = connection.scalar(new.on_conflict_do_nothing().returning(chat_events.c.event))
    return taken is not None
