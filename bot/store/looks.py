"""When repositories are due for a look: stored moments, claimed in batches by one of several workers.

A claim is the name of a lease and lasts for as long: what a worker that died had claimed is free when its lease ends.
The moments of looks are by the forge's clock, those of rounds and leases by the database's.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from bot.domain.clocks import TOLERANCE
from bot.domain.polling.look import AT_ONCE, ForgeAccount, Look, LooksAhead
from bot.store.clock import clock_of, moment_of, read_clock
from bot.store.database import Database, insert
from bot.store.hooks import is_due
from bot.store.leases import Lease
from bot.store.membership import given, one_of
from bot.store.rows import Values
from bot.store.schema import UtcDateTime, hooks, leases, look_rounds, looks, repositories

# How many workers look at a forge at once with a token: each makes up to 32 requests at a time, and GitHub takes 100.
_MOST_AT_WORK = 3
# Rows that are written in one transaction, so that no other writer waits long.
_MOST_WRITTEN = 5_000
_COLUMNS: dict[str, type[TypeEngine[Any]]] = {
    "source": sa.Text,
    "forge": sa.Text,
    "next_at": UtcDateTime,
    "tried_at": UtcDateTime,
}


class LookStore:
    """The looks of repositories, and the rounds in which workers look together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ahead(self, of: ForgeAccount) -> LooksAhead:
        """Read what is stored for a forge and a token, by three steps in indexes."""
        of_forge = looks.c.forge == of.forge
        first, last = (
            sa.select(each).where(of_forge).scalar_subquery()
            for each in (sa.func.min(looks.c.next_at), sa.func.max(looks.c.tried_at))
        )
        with self._database.reading() as connection:
            columns = (clock_of(connection).label("now"), first.label("next_at"), last.label("tried_at"))
            all_of_them = sa.select(*columns).subquery()
            query = sa.select(all_of_them, look_rounds).select_from(all_of_them.outerjoin(look_rounds, _round(of)))
            row = connection.execute(query).one()
            if row.basis is None:
                return LooksAhead(row.next_at, row.tried_at)
            now = moment_of(row.now)
            return LooksAhead(row.next_at, row.tried_at, row.basis, row.interval_percent, now - row.budgeted_at)

    def tries(self, sources: Collection[str]) -> dict[str, tuple[datetime | None, datetime | None]]:
        """Read when repositories were last polled, and when that last failed; unknown ones are left out."""
        table = repositories.c
        query = sa.select(table.key, table.polled_at, table.failed_at).where(one_of(table.key, sources))
        with self._database.reading() as connection:
            return {row.key: (row.polled_at, row.failed_at) for row in connection.execute(query)}

    def arrange(self, of: ForgeAccount, basis: str, percent: int, wanted: Mapping[str, Look]) -> None:
        """Store the looks of a forge in place of those that are there; only what differs is written.

        The basis comes last, so that what is broken off is begun again. Claims stay. Another worker that knows other
        repositories may do the same meanwhile, also with another token: whoever ends last leaves its own.
        """
        with self._database.reading() as connection:
            query = sa.select(looks.c.source, looks.c.next_at, looks.c.tried_at).where(looks.c.forge == of.forge)
            held = {row.source: Look(row.next_at, row.tried_at) for row in connection.execute(query)}
        rows = [
            (source, of.forge, look.next_at, look.tried_at)
            for source, look in wanted.items()
            if held.get(source) != look
        ]
        for begin in range(0, len(rows), _MOST_WRITTEN):
            with self._database.writing() as connection:
                _put(connection, rows[begin : begin + _MOST_WRITTEN])
        with self._database.writing() as connection:
            _wait_for_arranged(connection, of.forge)
            there = set(connection.scalars(sa.select(looks.c.source).where(looks.c.forge == of.forge)))
            if gone := there - wanted.keys():
                connection.execute(sa.delete(looks).where(looks.c.forge == of.forge, one_of(looks.c.source, gone)))
            missing = {source: look for source, look in wanted.items() if source not in there}
            _put(connection, [(source, of.forge, look.next_at, look.tried_at) for source, look in missing.items()])
            _let_arrange(connection, of.forge, look_rounds.c.basis != basis)
            new = insert(connection, look_rounds)
            values: Values = {"basis": basis, "interval_percent": percent, "budgeted_at": read_clock(connection)}
            made = new.values(account=of.account, forge=of.forge, **values)
            connection.execute(made.on_conflict_do_update(index_elements=["account", "forge"], set_=values))

    def open_round(self, of: ForgeAccount, cutoff: datetime, spacing: timedelta) -> datetime:
        """Open a round, unless another began less than ``spacing`` ago; return until when looks are due in it."""
        columns = (look_rounds.c.opened_at, look_rounds.c.cutoff)
        with self._database.writing() as connection:
            row = connection.execute(sa.select(*columns).where(_round(of)).with_for_update()).one_or_none()
            now = read_clock(connection)
            if row is not None and row.opened_at is not None and row.opened_at <= now < row.opened_at + spacing:
                held: datetime = row.cutoff
                return held
            connection.execute(sa.update(look_rounds).where(_round(of)).values(opened_at=now, cutoff=cutoff))
            return cutoff

    def claim(
        self, of: ForgeAccount, claim: str, *, until: datetime, now: datetime, most: int, longest: timedelta
    ) -> list[str]:
        """Claim repositories that are due ``until`` then, longest due first; at most ``most``.

        So are those whose last try is in the future of ``now``: a clock that was wrong has written it. ``longest`` is
        how long a lease is at most. Nothing is claimed while somebody holds the lease of the account, or as many
        workers look at the forge as may.
        """
        with self._database.writing() as connection:
            is_alive = _is_alive_in_round(connection, of, longest)
            if _is_taken(connection, of, is_alive):
                return []
            at_work = sa.select(sa.func.count(leases.c.name.distinct())).join_from(
                looks, leases, leases.c.name == looks.c.claim
            )
            is_claimed = (looks.c.forge == of.forge, looks.c.claim.is_not(None), is_alive)
            if connection.scalars(at_work.where(*is_claimed)).one() >= _MOST_AT_WORK:
                return []
            found: dict[str, str | None] = {}
            # One query for each: joined by OR, they would not use an index in order.
            for due, order in (
                (looks.c.next_at <= until, looks.c.next_at),
                (looks.c.tried_at > now + TOLERANCE, looks.c.tried_at),
            ):
                query = _free(of, is_alive).where(due).order_by(order).limit(most - len(found))
                found |= {row.source: row.claim for row in connection.execute(query)}
            return _claimed(connection, claim, found, is_alive)

    def claim_hooked(self, of: ForgeAccount, claim: str, *, most: int, longest: timedelta) -> list[str]:
        """Claim repositories that are due because of webhooks, whatever the round; at most ``most``.

        Nothing is claimed while somebody holds the lease of the account; how many others look at the forge does not
        matter, as these are few. ``longest`` is as in ``claim``.
        """
        with self._database.writing() as connection:
            is_alive = _is_alive_in_round(connection, of, longest)
            if _is_taken(connection, of, is_alive):
                return []
            query = _free(of, is_alive).join(hooks, hooks.c.source == looks.c.source)
            query = query.where(is_due(read_clock(connection))).order_by(hooks.c.due_at).limit(most)
            found = {row.source: row.claim for row in connection.execute(query)}
            free = _claimed(connection, claim, found, is_alive)
            # Read again: what arrived while the rows were waited for is before the look that begins now.
            begun = read_clock(connection)
            connection.execute(
                sa.update(hooks).where(one_of(hooks.c.source, free)).values(looked_at=begun, due_at=begun)
            )
            return free

    def settle(self, claim: str, looked: Mapping[str, Look], gone: Collection[str]) -> None:
        """Store when those that were claimed are due again, and give all of them free.

        For the sake of those that are ``gone`` all are arranged anew: one of two workers does not know the
        configuration of the other yet, and only whoever arranged them last may say which repositories there are.
        """
        own = (looks.c.source == sa.bindparam("of"), looks.c.claim == claim)
        values: Values = {"next_at": sa.bindparam("at"), "tried_at": sa.bindparam("tried"), "claim": None}
        rows = [{"of": source, "at": look.next_at, "tried": look.tried_at} for source, look in looked.items()]
        with self._database.writing() as connection:
            if gone:
                is_gone = sa.and_(one_of(looks.c.source, gone), looks.c.claim == claim)
                for forge in connection.scalars(sa.select(looks.c.forge).where(is_gone).distinct()).all():
                    _wait_for_arranged(connection, forge)
                    _let_arrange(connection, forge)
                connection.execute(sa.update(looks).where(is_gone).values(claim=None))
            if rows:
                connection.execute(sa.update(looks).where(*own).values(values), rows)

    def in_flight(self, of: ForgeAccount, longest: timedelta) -> Lease | None:
        """Return a lease of somebody who looks at repositories of a forge now, None where nobody does."""
        with self._database.writing() as connection:
            # Whoever is claiming some now is waited for.
            connection.execute(sa.select(look_rounds.c.account).where(_round(of)).with_for_update())
            query = sa.select(leases).join_from(looks, leases, leases.c.name == looks.c.claim)
            is_claimed = (looks.c.forge == of.forge, looks.c.claim.is_not(None), _is_alive(connection, longest))
            row = connection.execute(query.where(*is_claimed).limit(1)).one_or_none()
            return None if row is None else Lease(is_mine=False, who=row.who, ends_at=row.ends_at)


def _round(of: ForgeAccount) -> sa.ColumnElement[bool]:
    return sa.and_(look_rounds.c.account == of.account, look_rounds.c.forge == of.forge)


def _put(connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Store looks, each with the values of ``_COLUMNS``."""
    if not rows:
        return
    some = given(connection, _COLUMNS, rows)
    # SQLite would take ON CONFLICT for a join without a condition before it.
    new = insert(connection, looks).from_select(list(_COLUMNS), sa.select(some).where(sa.true()))
    again = {name: new.excluded[name] for name in ("forge", "next_at", "tried_at")}
    connection.execute(new.on_conflict_do_update(index_elements=["source"], set_=again))


def _wait_for_arranged(connection: sa.Connection, forge: str) -> None:
    """Wait until nobody else arranges the looks of a forge; nobody does before this transaction ends."""
    of_forge = sa.select(look_rounds.c.account).where(look_rounds.c.forge == forge)
    connection.execute(of_forge.order_by(look_rounds.c.account).with_for_update())


def _let_arrange(connection: sa.Connection, forge: str, *conditions: sa.ColumnElement[bool]) -> None:
    """Let the looks of a forge be arranged anew with every token that has a round of these conditions."""
    connection.execute(sa.update(look_rounds).where(look_rounds.c.forge == forge, *conditions).values(basis=""))


def _is_alive_in_round(connection: sa.Connection, of: ForgeAccount, longest: timedelta) -> sa.ColumnElement[bool]:
    """Return the condition that a lease lasts; who wants the lease of the account waits for this transaction."""
    connection.execute(sa.select(look_rounds.c.account).where(_round(of)).with_for_update(read=True))
    # The clock is read only now that nobody is waited for any more.
    return _is_alive(connection, longest)


def _is_taken(connection: sa.Connection, of: ForgeAccount, is_alive: sa.ColumnElement[bool]) -> bool:
    """Return whether somebody holds the lease of the account."""
    return connection.scalar(sa.select(leases.c.who).where(leases.c.name == of.account, is_alive)) is not None


def _free(of: ForgeAccount, is_alive: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the query of the repositories of a forge that nobody looks at, each locked, with a claim that is over."""
    return (
        sa.select(looks.c.source, looks.c.claim)
        .outerjoin_from(looks, leases, sa.and_(leases.c.name == looks.c.claim, is_alive))
        .where(looks.c.forge == of.forge, leases.c.name.is_(None))
        .with_for_update(of=looks, skip_locked=True)
    )


def _claimed(
    connection: sa.Connection, claim: str, found: Mapping[str, str | None], is_alive: sa.ColumnElement[bool]
) -> list[str]:
    """Claim those of the repositories that were found, with their former claims, which are still free."""
    # On PostgreSQL another may have claimed one between the look at its lease and the lock on it.
    before = {claimed for claimed in found.values() if claimed is not None}
    kept = set(connection.scalars(sa.select(leases.c.name).where(one_of(leases.c.name, before), is_alive)))
    free = [source for source, claimed in found.items() if claimed not in kept]
    connection.execute(sa.update(looks).where(one_of(looks.c.source, free)).values(claim=claim))
    # A lease that is over and has nothing left is of no use to its holder.
    connection.execute(sa.delete(leases).where(one_of(leases.c.name, before - kept)))
    return free


def _is_alive(connection: sa.Connection, longest: timedelta) -> sa.ColumnElement[bool]:
    """Return the condition that a lease lasts: an end far ahead was written by a clock that was wrong."""
    now = read_clock(connection)
    # On PostgreSQL a later statement also sees leases that were renewed after this reading of the clock.
    return sa.and_(leases.c.ends_at > now, leases.c.ends_at <= now + 2 * longest)


def make_due(connection: sa.Connection, source: str) -> None:
    """Let a repository be due at once, if it is watched."""
    connection.execute(sa.update(looks).where(looks.c.source == source).values(next_at=AT_ONCE, tried_at=None))


def take_back(connection: sa.Connection, polls: Sequence[tuple[str, datetime]]) -> None:
    """Let repositories be looked at anew that were polled earlier than the try their look was made of.

    A clock that was set back a little writes such a poll, as one by hand is: nobody settles the look of that.
    """
    is_earlier = (looks.c.source == sa.bindparam("of"), looks.c.tried_at > sa.bindparam("at", type_=UtcDateTime))
    rows = [{"of": source, "at": at} for source, at in polls]
    connection.execute(sa.update(looks).where(*is_earlier).values(next_at=AT_ONCE), rows)
