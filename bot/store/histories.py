"""Histories of repositories that change their key: closed at a path that another took, continued at a new path."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from bot.domain.polling.record import RepositoryRecord
from bot.domain.watchlist import WatchChange
from bot.store.database import Database
from bot.store.kept_counts import forget_counts
from bot.store.looks import make_due
from bot.store.polls import write_repository
from bot.store.products import key_of_product
from bot.store.schema import (
    announced_releases,
    digest_releases,
    digests,
    evidence_validators,
    index_listings,
    milestone_changes,
    pull_requests,
    release_notes,
    releases,
    reported_milestones,
    repositories,
    series_changes,
    subscriptions,
)
from bot.store.watchlist import insert_change

# What was told of a repository, what its forge shows of certification and of releases, and what its package index
# lists, by its key.
_OBSERVED = (
    announced_releases,
    digest_releases,
    reported_milestones,
    pull_requests,
    evidence_validators,
    index_listings,
    release_notes,
)
# What people said of a repository, by its key.
_SAID = (milestone_changes, series_changes, subscriptions)


class HistoryStore:
    """Moves all that is held of a repository from one key to another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept_rival(self, record: RepositoryRecord, change: WatchChange) -> WatchChange:
        """Close a repository's history, and begin that of the rival which was found at its path; keep who said so.

        What was observed and posted of the old one stays, under a key that nobody watches. What people said of the
        repository goes on to hold for its path. Raises RecordChanged.
        """
        # No path holds a colon, so nobody watches such a key.
        closed = f"{record.repository}:{record.identity}:{change.at.isoformat()}"
        with self._database.writing() as connection:
            write_repository(connection, record, key=closed)
            _rename(connection, _OBSERVED, record.repository, closed)
            for product in _rename_products(connection, record.repository, closed):
                _rename(connection, _OBSERVED, f"{record.repository}{product}", f"{closed}{product}")
            write_repository(connection, RepositoryRecord(record.repository), identity=record.rival)
            _see_until(connection, record.repository, 0)
            make_due(connection, record.repository)
            return insert_change(connection, change)

    def unwatched(self, watched: Iterable[str]) -> dict[tuple[str, str], str]:
        """Read by forge and forge's id the keys that have a history and are not watched, closed histories left out.

        Where several have one id, the key is the one polled last.
        """
        left_out = frozenset(watched)
        with self._database.reading() as connection:
            table = repositories.c
            query = sa.select(table.key, table.identity).where(table.identity != "", table.backfilled_at.is_not(None))
            found = [
                (*row.key.split(":", 1), row) for row in connection.execute(query.order_by(table.polled_at, table.id))
            ]
            # No path holds a colon: what has one is the key of a closed history.
            return {
                (forge, row.identity): row.key
                for forge, path, row in found
                if ":" not in path and row.key not in left_out
            }

    def move_to(self, record: RepositoryRecord, former: RepositoryRecord) -> None:
        """Move all that is held of ``former`` to the key of a record without a history, which gives way.

        The next poll asks for everything: the validators were given for the path before. Raises RecordChanged.
        """
        with self._database.writing() as connection:
            key = record.repository
            # Locks the key: another worker that wants to write to it waits, and then finds the history there.
            given_way = write_repository(connection, record)
            connection.execute(sa.delete(repositories).where(repositories.c.id == given_way))
            write_repository(
                connection,
                former,
                key=key,
                validator=None,
                head=None,
                renamed="",
                error=None,
                failing_since=None,
                suspected_at=None,
                rival="",
            )
            _see_until(connection, key, former.revision + 1)
            _rename(connection, (*_OBSERVED, *_SAID), former.repository, key)
            _rename_seen(connection, former.repository, key)
            for product in _rename_products(connection, former.repository, key):
                renamed = (f"{former.repository}{product}", f"{key}{product}")
                _rename(connection, (*_OBSERVED, *_SAID), *renamed)
                _rename_seen(connection, *renamed)


def _rename_products(connection: sa.Connection, old: str, new: str) -> list[str]:
    """Rename the products of a repository that has another key; return them, each with its ``#``."""
    query = sa.select(repositories.c.id, repositories.c.key).where(key_of_product(old))
    renamed = [(number, key.removeprefix(old)) for number, key in connection.execute(query)]
    for number, product in renamed:
        table = repositories.c
        given_way = sa.select(table.id).where(table.key == f"{new}{product}")
        connection.execute(sa.delete(releases).where(releases.c.repository_id.in_(given_way)))
        forget_counts(connection, given_way)
        connection.execute(sa.delete(repositories).where(table.key == f"{new}{product}"))
        connection.execute(sa.update(repositories).where(table.id == number).values(key=f"{new}{product}"))
    return [product for _, product in renamed]


def _see_until(connection: sa.Connection, key: str, revision: int) -> None:
    """Let the subscriptions to a repository and its products have been made at a revision of another record."""
    of = subscriptions.c.repository
    is_its = sa.or_(of == key, sa.func.substr(of, 1, len(key) + 1) == f"{key}#")
    connection.execute(sa.update(subscriptions).where(is_its).values(seen=revision))


def _rename(connection: sa.Connection, tables: Collection[sa.Table], old: str, new: str) -> None:
    for table in tables:
        connection.execute(sa.update(table).where(table.c.repository == old).values(repository=new))


def _rename_seen(connection: sa.Connection, old: str, new: str) -> None:
    """Rename a repository in what digests kept of the revisions that they were made from.

    A digest made between the change of the path and the first successful poll saw nothing of the history: what the
    digest before it saw holds for it too, so that what came in between is still news.
    """
    line = (digests.c.name, digests.c.channel)
    made = sa.select(digests.c.id, *line, digests.c.seen).where(digests.c.seen.is_not(None))
    latest: dict[tuple[str, str], int] = {}
    changed = []
    for number, name, channel, seen in connection.execute(made.order_by(digests.c.made_at, digests.c.id)):
        if old in seen:
            latest[name, channel] = seen[old]
        if old in seen or new in seen:
            kept = {key: revision for key, revision in seen.items() if key not in (old, new)}
            known = latest.get((name, channel))
            changed.append({"of": number, "then": kept if known is None else {**kept, new: known}})
    if changed:
        then = sa.bindparam("then", type_=digests.c.seen.type)
        connection.execute(sa.update(digests).where(digests.c.id == sa.bindparam("of")).values(seen=then), changed)
