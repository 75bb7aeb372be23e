"""Everything observed and everything posted, in one database on SQLite or PostgreSQL."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from bot.store.archive import DigestArchive
from bot.store.certification import CertificationStore
from bot.store.clock import DatabaseClock
from bot.store.conversations import ConversationStore
from bot.store.database import Database
from bot.store.deliveries import DeliveryStore
from bot.store.digests import DigestStore
from bot.store.histories import HistoryStore
from bot.store.leases import LeaseStore
from bot.store.notes import NotesStore
from bot.store.polls import PollStore
from bot.store.positions import PositionStore
from bot.store.read_only import url_to_read
from bot.store.releases import ReleaseStore
from bot.store.series import SeriesStore
from bot.store.subscriptions import SubscriptionStore
from bot.store.tags import TagStore
from bot.store.upgrade import require_current, upgrade, upgrade_to_read
from bot.store.watchlist import WatchlistStore


class Store:
    """A database and what is in it, part by part; may be used by several threads at once.

    Each method of a part is one transaction, except within a snapshot, and raises StoreError when the database cannot
    be used.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = DatabaseClock(database)
        self.tags = TagStore(database)
        self.polls = PollStore(database)
        self.histories = HistoryStore(database)
        self.releases = ReleaseStore(database)
        self.notes = NotesStore(database)
        self.digests = DigestStore(database)
        self.archive = DigestArchive(database)
        self.deliveries = DeliveryStore(database)
        self.subscriptions = SubscriptionStore(database)
        self.certification = CertificationStore(database)
        self.series = SeriesStore(database)
        self.watchlist = WatchlistStore(database)
        self.leases = LeaseStore(database)
        self.conversations = ConversationStore(database)
        self.positions = PositionStore(database)

    @classmethod
    def open(cls, url: str, *, migrate: bool = True) -> Self:
        """Open the database at a URL, bringing its schema up to date first if ``migrate``.

        ``sqlite:///FILE``, ``sqlite://`` (in memory), ``postgresql://...`` and
        ``postgres://...`` are understood. Raises StoreError.
        """
        return cls._opened(Database.at(url), upgrade if migrate else require_current)

    @classmethod
    def open_to_read(cls, url: str) -> Self:
        """Open a database that is there already, also one that this user may only read. Raises StoreError."""
        return cls._opened(Database.at(url_to_read(url)), upgrade_to_read)

    @classmethod
    def _opened(cls, database: Database, prepare: Callable[[Database], None]) -> Self:
        try:
            prepare(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all that this thread reads meanwhile see one state of the database; nothing may be written within it."""
        return self.database.snapshot()

    def close(self) -> None:
        """Close the connections."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
