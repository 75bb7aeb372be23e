"""Where the streams of chats were left: the next process goes on there."""

import sqlalchemy as sa

from bot.store.database import Database, insert
from bot.store.schema import chat_positions


class PositionStore:
    """The position of each stream, by the stream's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, name: str) -> str:
        """Return the position of a stream, empty where none is known."""
        with self._database.reading() as connection:
            query = sa.select(chat_positions.c.position).where(chat_positions.c.name == name)
            return str(connection.scalar(query) or "")

    def write(self, name: str, position: str) -> None:
        """Record the position of a stream; an empty one forgets it."""
        with self._database.writing() as connection:
            new = insert(connection, chat_positions).values(name=name, position=position)
            changed = {"position": new.excluded.position}
            connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=changed))
