"""What a store is asked: the statements that it executes, and the rows that it reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.store.store import Store


@dataclass
class Asked:
    """The statements that were executed, and the number of rows that came back; rows are counted on SQLite alone."""

    statements: list[str] = field(default_factory=list)
    rows: int = 0


@contextmanager
def asked_of(store: Store) -> Iterator[Asked]:
    """Note what a store is asked while the context lasts."""
    asked = Asked()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.statements.extend([] if statement.startswith("BEGIN") else [statement])

    def row(_cursor: object, values: tuple[Any, ...]) -> tuple[Any, ...]:
        asked.rows += 1
        return values

    def count(connection: Any, *_: object) -> None:
        connection.row_factory = row

    def leave(connection: Any, *_: object) -> None:
        if connection is not None:
            connection.row_factory = None

    engine = store.database.engine
    events = (("before_cursor_execute", note), ("checkout", count), ("checkin", leave))
    for name, heed in events if store.database.is_sqlite else events[:1]:
        sa.event.listen(engine, name, heed)
    try:
        yield asked
    finally:
        for name, heed in events if store.database.is_sqlite else events[:1]:
            sa.event.remove(engine, name, heed)
