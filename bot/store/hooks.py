"""Webhooks as they arrived: which repositories are due because of them, and which are polled less often for them."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.domain.clocks import TOLERANCE
from bot.domain.polling.hooks import LONGEST_WAIT, RECENT, SPACING, HookArrivals, HookMark, due_after_hook
from bot.store.clock import read_clock
from bot.store.database import Database, insert
from bot.store.membership import one_of
from bot.store.rows import Values
from bot.store.schema import hooks, looks, repositories


class HookStore:
    """The webhooks of repositories, by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def arrived(
        self, forge: str, source: str = "", *, is_news: bool = False, not_before: timedelta | None = None
    ) -> None:
        """Record that a webhook arrived; one with news makes the repository due, in ``not_before`` at the earliest.

        ``source`` is empty for one that names no repository that is watched.
        """
        of = hooks.c.source == (source or forge)
        with self._database.writing() as connection:
            row = connection.execute(sa.select(hooks.c.due_at, hooks.c.looked_at).where(of).with_for_update()).first()
            now = read_clock(connection)
            values: Values = {"forge": forge, "arrived_at": now}
            if is_news:
                held = HookMark() if row is None else HookMark(row.due_at, row.looked_at)
                values["due_at"] = due_after_hook(held, now, None if not_before is None else now + not_before)
            new = insert(connection, hooks).values(source=source or forge, **values)
            connection.execute(new.on_conflict_do_update(index_elements=["source"], set_=values))

    def due(self) -> frozenset[str]:
        """Read which forges have repositories that are due because of webhooks, and are not being looked at.

        One that is watched no longer has no look, and is passed over.
        """
        with self._database.reading() as connection:
            now = read_clock(connection)
            # A look that began longer ago may be that of a worker that died.
            is_waiting = sa.or_(
                hooks.c.looked_at.is_(None), hooks.c.looked_at < hooks.c.due_at, hooks.c.looked_at < now - SPACING
            )
            query = sa.select(hooks.c.forge).join(looks, looks.c.source == hooks.c.source)
            return frozenset(connection.scalars(query.where(is_due(now), is_waiting).distinct()))

    def settle(
        self, answered: Collection[str], failed: Collection[str], retry: timedelta, *, unchanged: Collection[str] = ()
    ) -> None:
        """End the looks of repositories that answered; those that failed are due again after ``retry``.

        Of those that answered, the ``unchanged`` ones are due once more if their webhook arrived a moment ago: a forge
        of many servers may answer by one that does not know of it yet. A webhook that arrived since its repository's
        look began keeps that due.
        """
        is_begun = hooks.c.due_at <= hooks.c.looked_at
        with self._database.writing() as connection:
            now = read_clock(connection)
            is_fresh = hooks.c.arrived_at > now - SPACING
            for sources, due_at, which in (
                (unchanged, now + SPACING, sa.and_(is_begun, is_fresh)),
                (answered, None, is_begun),
                (failed, now + min(retry, LONGEST_WAIT), is_begun),
            ):
                if sources:
                    statement = sa.update(hooks).where(one_of(hooks.c.source, sources), which)
                    connection.execute(statement.values(due_at=due_at))

    def recent(self, sources: Collection[str]) -> frozenset[str]:
        """Read which of these repositories had a webhook recently."""
        with self._database.reading() as connection:
            query = sa.select(hooks.c.source).where(one_of(hooks.c.source, sources), _is_recent(read_clock(connection)))
            return frozenset(connection.scalars(query))

    def last(self, sources: Collection[str]) -> dict[str, datetime]:
        """Read when the last webhook of each of these repositories arrived; those without any are left out."""
        with self._database.reading() as connection:
            query = sa.select(hooks.c.source, hooks.c.arrived_at).where(one_of(hooks.c.source, sources))
            return {row.source: row.arrived_at for row in connection.execute(query)}

    def arrivals(self) -> dict[str, HookArrivals]:
        """Read of each forge when its last webhook arrived, and how many repositories had one recently."""
        with self._database.reading() as connection:
            is_counted = sa.and_(hooks.c.source != hooks.c.forge, _is_recent(read_clock(connection)))
            counted = sa.func.count(sa.case((is_counted, 1))).label("number")
            query = sa.select(hooks.c.forge, sa.func.max(hooks.c.arrived_at).label("last_at"), counted)
            rows = connection.execute(query.group_by(hooks.c.forge))
            return {row.forge: HookArrivals(row.last_at, row.number) for row in rows}

    def renamed(self, forge: str, identity: str) -> str:
        """Read the repository that a forge knows by an id of its own, empty where none is recorded."""
        is_of_forge = repositories.c.key.startswith(f"{forge}:", autoescape=True)
        query = sa.select(repositories.c.key).where(repositories.c.identity == identity, is_of_forge)
        with self._database.reading() as connection:
            return connection.scalars(query.limit(1)).first() or ""


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a look is due: a moment far ahead was written by a clock that was wrong."""
    is_wrong = hooks.c.due_at > now + LONGEST_WAIT + TOLERANCE
    return sa.and_(hooks.c.due_at.is_not(None), sa.or_(hooks.c.due_at <= now, is_wrong))


def _is_recent(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(hooks.c.arrived_at > now - RECENT, hooks.c.arrived_at <= now + TOLERANCE)
