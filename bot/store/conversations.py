"""Conversations: the last question of each, for follow-ups, and the questions that were not understood.

What is too old is deleted on the way, by the database's clock.
"""

from collections.abc import Sequence
from time import monotonic

import sqlalchemy as sa

from bot.domain.conversations import KEPT, MOST_REFUSED, REFUSED_KEPT, RefusedQuestion
from bot.store.clock import clock_of, read_clock
from bot.store.database import Database, insert
from bot.store.membership import one_of
from bot.store.schema import conversations, refused_questions

# How often, in seconds, a process deletes what is too old.
_PRUNING = 3600.0
_LAST = refused_questions.c.last_at
_MOST_FREQUENT = (refused_questions.c.times.desc(), _LAST.desc(), refused_questions.c.text)


class ConversationStore:
    """What was asked last in each conversation, and what was asked and not understood."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pruned_at: float | None = None

    def question(self, conversation: str) -> str:
        """Return the last question of a conversation, empty where none was asked within a day."""
        with self._database.reading() as connection:
            query = sa.select(conversations).where(conversations.c.conversation == conversation)
            row = connection.execute(query).one_or_none()
            # What lies further ahead was written by a clock that was wrong.
            is_recent = row is not None and abs(read_clock(connection) - row.at) < KEPT
            return str(row.question) if row is not None and is_recent else ""

    def write(self, names: Sequence[str], question: str) -> None:
        """Record the last question of conversations; an empty one ends them."""
        with self._database.writing() as connection:
            self._prune(connection)
            if not question:
                connection.execute(sa.delete(conversations).where(one_of(conversations.c.conversation, names)))
                return
            # In one order, so that two workers do not wait for each other.
            rows = [
                {"conversation": name, "question": question, "at": clock_of(connection)} for name in sorted(set(names))
            ]
            new = insert(connection, conversations).values(rows)
            changed = {"question": new.excluded.question, "at": new.excluded.at}
            connection.execute(new.on_conflict_do_update(index_elements=["conversation"], set_=changed))

    def write_refused(self, text: str) -> None:
        """Count a question that was not understood; of too many the rarest are forgotten, the oldest of them first."""
        with self._database.writing() as connection:
            now = read_clock(connection)
            new = insert(connection, refused_questions).values(text=text, times=1, first_at=now, last_at=now)
            changed = {"times": refused_questions.c.times + 1, "last_at": now}
            connection.execute(new.on_conflict_do_update(index_elements=["text"], set_=changed))
            connection.execute(sa.delete(refused_questions).where(now - REFUSED_KEPT > _LAST))
            kept = sa.select(refused_questions.c.text).order_by(*_MOST_FREQUENT).limit(MOST_REFUSED)
            connection.execute(sa.delete(refused_questions).where(refused_questions.c.text.not_in(kept)))

    def refused(self) -> list[RefusedQuestion]:
        """Read the questions that were not understood within the time that they are kept, the most frequent first."""
        with self._database.reading() as connection:
            since = read_clock(connection) - REFUSED_KEPT
            rows = connection.execute(sa.select(refused_questions).where(since <= _LAST).order_by(*_MOST_FREQUENT))
            return [RefusedQuestion(row.text, row.times, row.first_at, row.last_at) for row in rows]

    def _prune(self, connection: sa.Connection) -> None:
        if self._pruned_at is not None and monotonic() - self._pruned_at < _PRUNING:
            return
        now, at = read_clock(connection), conversations.c.at
        connection.execute(sa.delete(conversations).where(sa.or_(at < now - KEPT, at > now + KEPT)))
        self._pruned_at = monotonic()
