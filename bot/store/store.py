"""Everything observed and everything posted, in one database on SQLite or PostgreSQL."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.store.database import Database
from bot.store.read_only import url_to_read
from bot.store.releases import ReleaseStore
from bot.store.series import SeriesStore
from bot.store.tags import TagStore
from bot.store.upgrade import require_current, upgrade, upgrade_to_read
from bot.store.watchlist import WatchlistStore

if TYPE_CHECKING:
    from bot.store.archive import DigestArchive
    from bot.store.certification import CertificationStore
    from bot.store.clock import DatabaseClock
    from bot.store.conversations import ConversationStore
    from bot.store.deliveries import DeliveryStore
    from bot.store.digests import DigestStore
    from bot.store.histories import HistoryStore
    from bot.store.hooks import HookStore
    from bot.store.leases import LeaseStore
    from bot.store.looks import LookStore
    from bot.store.notes import NotesStore
    from bot.store.polls import PollStore
    from bot.store.positions import PositionStore
    from bot.store.subscriptions import SubscriptionStore


class Store:
    """A database and what is in it, part by part; may be used by several threads at once.

    Each method of a part is one transaction, except within a snapshot, and raises StoreError when the database cannot
    be used. A part that few commands need is imported when it is first asked for.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.tags = TagStore(database)
        self.releases = ReleaseStore(database)
        self.series = SeriesStore(database)
        self.watchlist = WatchlistStore(database)

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

    @cached_property
    def clock(self) -> "DatabaseClock":
        """Return the database's clock."""
        from bot.store.clock import DatabaseClock

        return DatabaseClock(self.database)

    @cached_property
    def polls(self) -> "PollStore":
        """Return what polls write."""
        from bot.store.polls import PollStore

        return PollStore(self.database)

    @cached_property
    def looks(self) -> "LookStore":
        """Return when each repository is due."""
        from bot.store.looks import LookStore

        return LookStore(self.database)

    @cached_property
    def hooks(self) -> "HookStore":
        """Return the webhooks that arrived."""
        from bot.store.hooks import HookStore

        return HookStore(self.database)

    @cached_property
    def histories(self) -> "HistoryStore":
        """Return what is exported of repositories."""
        from bot.store.histories import HistoryStore

        return HistoryStore(self.database)

    @cached_property
    def notes(self) -> "NotesStore":
        """Return the notes of releases."""
        from bot.store.notes import NotesStore

        return NotesStore(self.database)

    @cached_property
    def digests(self) -> "DigestStore":
        """Return the digests that were made."""
        from bot.store.digests import DigestStore

        return DigestStore(self.database)

    @cached_property
    def archive(self) -> "DigestArchive":
        """Return the digests as they were told."""
        from bot.store.archive import DigestArchive

        return DigestArchive(self.database)

    @cached_property
    def deliveries(self) -> "DeliveryStore":
        """Return the posts of digests."""
        from bot.store.deliveries import DeliveryStore

        return DeliveryStore(self.database)

    @cached_property
    def subscriptions(self) -> "SubscriptionStore":
        """Return the subscriptions."""
        from bot.store.subscriptions import SubscriptionStore

        return SubscriptionStore(self.database)

    @cached_property
    def certification(self) -> "CertificationStore":
        """Return the changes of milestones."""
        from bot.store.certification import CertificationStore

        return CertificationStore(self.database)

    @cached_property
    def leases(self) -> "LeaseStore":
        """Return the leases of workers."""
        from bot.store.leases import LeaseStore

        return LeaseStore(self.database)

    @cached_property
    def conversations(self) -> "ConversationStore":
        """Return what was asked in chats."""
        from bot.store.conversations import ConversationStore

        return ConversationStore(self.database)

    @cached_property
    def positions(self) -> "PositionStore":
        """Return where the streams of chats were left."""
        from bot.store.positions import PositionStore

        return PositionStore(self.database)

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
