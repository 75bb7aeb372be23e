"""The port ``Store`` on SQLite or PostgreSQL: each method is one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from secrets import token_hex
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from bot.domain.certification.evidence import Evidence
from bot.domain.certification.milestones import MilestoneChange
from bot.domain.clocks import FutureMoment, believed
from bot.domain.counts import GroupBy, Tally
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.delivery import Delivery, DeliveryState, Frozen, Settlement
from bot.domain.digests.digest import Digest
from bot.domain.digests.news import Arrivals, Key, Mention
from bot.domain.filters import Wanted
from bot.domain.organisations import Listed, Listing
from bot.domain.periods.period import Period
from bot.domain.polling.budget import Limit
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollMark, PollState, RepositoryRecord, Unchanged
from bot.domain.releases import Coverage, Release, next_publication
from bot.domain.tags import Tag, TagEvent
from bot.domain.watchlist import Additions, WatchChange
from bot.services.ports import EvidenceAnswer, Lease
from bot.store import (
    arrivals,
    digests,
    events,
    evidence,
    histories,
    leases,
    limits,
    milestones,
    polls,
    tallies,
    watches,
)
from bot.store.database import Database
from bot.store.future import read_future
from bot.store.leases import read_clock
from bot.store.read_only import url_to_read
from bot.store.releases import (
    read_dated_since,
    read_releases,
    read_seen_since,
    read_versions,
    replace_coverage,
    replace_releases,
)
from bot.store.upgrade import require_current, upgrade, upgrade_to_read

# How often the events of chats that cannot come again are deleted.
_FORGETTING = timedelta(hours=1)


class SqlStore:
    """Everything observed and everything told, in one database; may be used by several threads at once.

    The methods are those of ``bot.services.ports.Store``; each raises StoreError
    when the database cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._forgot_at: datetime | None = None

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

    @property
    def where(self) -> str:
        """The database as errors name it."""
        return self._database.where

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written to it."""
        return self._database.is_read_only

    def close(self) -> None:
        """Give back the connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all that this thread reads meanwhile see one state of the database, in one transaction."""
        return self._database.snapshot()

    def record(self, repository: str) -> RepositoryRecord:
        """Read what is held of one repository; an unknown one gives an empty record of revision 0."""
        with self._database.reading() as connection:
            return polls.read_record(connection, repository)

    def write_poll(
        self,
        record: RepositoryRecord,
        mark: PollMark,
        changes: PollChanges,
        releases: Sequence[Release] | None,
        coverage: Coverage | None = None,
    ) -> None:
        """Write a complete poll at once; ``releases`` or ``coverage`` None leaves them as they are.

        Raises RecordChanged.
        """
        with self._database.writing() as connection:
            upcoming_at = record.upcoming_at if releases is None else next_publication(releases, coverage)
            repository_id = polls.write_poll(connection, record, mark, changes, upcoming_at)
            if releases is not None:
                replace_releases(connection, repository_id, record.revision + 1, releases)
            if coverage is not None:
                replace_coverage(connection, repository_id, coverage)

    def write_unchanged(self, polled: Sequence[Unchanged]) -> None:
        """Keep that repositories were polled and brought nothing new."""
        with self._database.writing() as connection:
            polls.write_unchanged(connection, polled)

    def write_limits(self, forge: str, told: Sequence[Limit]) -> None:
        """Keep a forge's limits as it told them last."""
        if told:
            with self._database.writing() as connection:
                limits.write(connection, forge, told)

    def limits(self) -> dict[tuple[str, str], Limit]:
        """Read the limits as they were told last, by forge and resource."""
        with self._database.reading() as connection:
            return limits.read(connection)

    def write_failure(
        self, repository: str, at: datetime, error: str, *, is_suspected: bool = False, rival: str = ""
    ) -> None:
        """Keep why a poll failed, and since when polls fail, or since when the forge is suspected."""
        with self._database.writing() as connection:
            polls.write_failure(connection, repository, at, error, is_suspected=is_suspected, rival=rival)

    def accept_rival(self, record: RepositoryRecord, change: WatchChange) -> WatchChange:
        """Close a repository's history and begin that of the one at its path now. Raises RecordChanged."""
        with self._database.writing() as connection:
            # No path holds a colon, so nobody watches such a key.
            closed = f"{record.repository}:{record.identity}:{change.at.isoformat()}"
            histories.close_history(connection, record, closed)
            return watches.add_watch(connection, change)

    def unwatched(self, watched: Iterable[str]) -> dict[tuple[str, str], str]:
        """Read by forge and forge's id the keys that have a history and are not watched, closed ones left out."""
        with self._database.reading() as connection:
            return histories.read_unwatched(connection, frozenset(watched))

    def continue_history(self, record: RepositoryRecord, former: RepositoryRecord) -> None:
        """Move all that is held of a repository to the key of a record without a history. Raises RecordChanged."""
        with self._database.writing() as connection:
            histories.continue_history(connection, record, former)

    def write_releases(
        self, record: RepositoryRecord, rules: str, releases: Sequence[Release], coverage: Coverage | None = None
    ) -> None:
        """Replace a repository's releases after its rules changed, and its coverage if given. Raises RecordChanged."""
        with self._database.writing() as connection:
            upcoming_at = next_publication(releases, coverage)
            repository_id = polls.write_repository(connection, record, rules=rules, upcoming_at=upcoming_at)
            replace_releases(connection, repository_id, record.revision + 1, releases)
            if coverage is not None:
                replace_coverage(connection, repository_id, coverage)

    def records(self, repositories: Iterable[str]) -> list[RepositoryRecord]:
        """Read the records without their tags, in the order asked; unknown ones are of revision 0."""
        with self._database.reading() as connection:
            return polls.read_records(connection, list(repositories))

    def releases(
        self,
        repositories: Iterable[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        undated: bool = False,
    ) -> list[Release]:
        """Read releases dated from ``since`` to before ``until``, by repository as asked, then version."""
        with self._database.reading() as connection:
            return read_releases(connection, list(repositories), since, until, undated=undated)

    def tally(self, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
        """Count the wanted releases by series and kind, and by repository and calendar unit where the units say so.

        Calendar units are those of the zone.
        """
        with self._database.reading() as connection:
            return tallies.read_tally(connection, wanted, units, zone)

    def newest(self, wanted: Wanted, most: int | None = None) -> list[Release]:
        """Read the wanted releases, the newest by date first, at most ``most``."""
        with self._database.reading() as connection:
            return tallies.read_newest(connection, wanted, most)

    def leading(self, wanted: Wanted) -> list[Release]:
        """Read the highest version of each series among the wanted releases, by repository as asked, then version."""
        with self._database.reading() as connection:
            return tallies.read_leading(connection, wanted)

    def undated(self, wanted: Wanted) -> int:
        """Count the releases that would be wanted if their dates were known."""
        with self._database.reading() as connection:
            return tallies.count_undated(connection, wanted)

    def poll_states(self, repositories: Iterable[str]) -> tuple[list[PollState], datetime]:
        """Read the states of the last polls, in the order asked, and the time by the database's clock."""
        with self._database.reading() as connection:
            return polls.read_states(connection, list(repositories))

    def clock(self) -> datetime:
        """Return the time by the database's clock, on SQLite by this machine's."""
        with self._database.reading() as connection:
            return read_clock(connection)

    def unclassified(self, repositories: Iterable[str], since: datetime | None, until: datetime) -> dict[str, int]:
        """Count the unclassified tags that are dated in an interval, or not dated, by repository."""
        with self._database.reading() as connection:
            return tallies.count_unclassified(connection, set(repositories), since, until)

    def mark_unread_told(self, repositories: Iterable[str], *, is_told: bool) -> frozenset[str]:
        """Keep whether the maintainers were told that most tags are not read; return those that it changed for."""
        with self._database.writing() as connection:
            return polls.mark_unread_told(connection, set(repositories), is_told=is_told)

    def known_series(self, lines: Iterable[tuple[str, str]]) -> dict[tuple[str, str], datetime | None]:
        """Return those of the series, each after its repository, that have a release, with the date of the first."""
        with self._database.reading() as connection:
            return tallies.read_known_series(connection, frozenset(lines))

    def series(self, repositories: Iterable[str]) -> list[tuple[str, str]]:
        """Read every series that the repositories have a release of, each after its repository."""
        with self._database.reading() as connection:
            return tallies.read_series(connection, set(repositories))

    def versions(self, versions: Iterable[tuple[str, str]]) -> list[Release]:
        """Read releases by repository and normalized version; those that are not there are left out."""
        with self._database.reading() as connection:
            return read_versions(connection, frozenset(versions))

    def releases_dated_since(self, repositories: Iterable[str], moment: datetime) -> list[Release]:
        """Read releases that no backfill brought and that are dated from a moment on, or not dated."""
        with self._database.reading() as connection:
            return read_dated_since(connection, list(repositories), moment)

    def releases_seen_since(self, repositories: Iterable[str], moment: datetime) -> list[Release]:
        """Read releases that no backfill brought and that were first seen from a moment on."""
        with self._database.reading() as connection:
            return read_seen_since(connection, list(repositories), moment)

    def leading_of_living(self, repositories: Iterable[str], *, since: datetime, until: datetime) -> list[Release]:
        """Read the leading release of each series that had one in an interval; of a resting repository, its highest."""
        with self._database.reading() as connection:
            return tallies.read_leading_of_living(connection, list(repositories), since, until)

    def undated_of(self, repositories: Iterable[str]) -> dict[str, int]:
        """Count the releases whose dates are not known, by repository; one without any is left out."""
        with self._database.reading() as connection:
            return tallies.count_undated_of(connection, list(repositories))

    def unclassified_names(self, repositories: Iterable[str]) -> list[tuple[str, str]]:
        """Read the names of the unclassified tags, each after its repository."""
        with self._database.reading() as connection:
            return tallies.read_unclassified_names(connection, list(repositories))

    def tags_named(self, names: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Read tags by repository and name; those that are not there are left out."""
        with self._database.reading() as connection:
            return polls.read_tags_named(connection, list(names))

    def tags_on(self, commits: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Read the tags that stand on commits, each commit after its repository."""
        with self._database.reading() as connection:
            return polls.read_tags_on(connection, list(commits))

    def tags(self, repositories: Iterable[str]) -> list[tuple[str, Tag]]:
        """Read every tag ever seen with its repository, by repository as asked, then name."""
        with self._database.reading() as connection:
            return polls.read_tags(connection, list(repositories))

    def events(self, repositories: Iterable[str], *, after: datetime | None = None) -> list[tuple[str, TagEvent]]:
        """Read tag events later than ``after``, oldest first."""
        with self._database.reading() as connection:
            return polls.read_events(connection, list(repositories), after)

    def past_digests(self, name: str, channel: str, *, untold: bool = False) -> list[PastDigest]:
        """Read the digests of a name made for a channel, oldest first; with ``untold`` those too that never arrived."""
        with self._database.reading() as connection:
            return digests.read_past(connection, name, channel, untold=untold)

    def seen_by(self, digest: int) -> dict[str, int]:
        """Read the revision of each repository's record that the digest of a number was made from."""
        with self._database.reading() as connection:
            return digests.read_seen(connection, digest)

    def mentions(self, name: str, channel: str, releases: Collection[Key]) -> list[Mention]:
        """Read what the digests of a name made for a channel did with some releases, in the order of the digests."""
        with self._database.reading() as connection:
            return digests.read_mentions(connection, name, channel, releases)

    def left_open(self, name: str, channel: str, own: Collection[int]) -> set[Key]:
        """Read which releases the digests for a channel left over, or named with another date than they have."""
        with self._database.reading() as connection:
            return digests.read_left_open(connection, name, channel, own)

    def arrivals(self, repositories: Iterable[str], seen: Mapping[str, int]) -> dict[str, Arrivals]:
        """Read what came to the records of repositories since the revisions that were seen of them."""
        with self._database.reading() as connection:
            return arrivals.read_arrivals(connection, list(repositories), seen)

    def known_since(self, name: str, channel: str, now: datetime) -> datetime:
        """Tell since when a digest is scheduled for a channel; the first call sets it to ``now``."""
        with self._database.reading() as connection:
            known = digests.read_known_since(connection, name, channel)
        if known is not None and believed(known, now) is not None:
            return known
        with self._database.writing() as connection:
            digests.write_known_since(connection, name, channel, now)
            return digests.read_known_since(connection, name, channel) or now

    def add_delivery(
        self,
        digest: Digest,
        channel: str,
        frozen: Frozen,
        *,
        state: DeliveryState = DeliveryState.PENDING,
        by: str = "",
        again: bool = False,
    ) -> Delivery:
        """Keep a digest, what it does with releases, and its delivery; one that exists for the slot is given back."""
        with self._database.writing() as connection:
            sending = digests.Sending(channel, frozen, state, by, again=again)
            return digests.add(connection, digest, sending)

    def delivery(self, number: int) -> Delivery | None:
        """Read the delivery of a number, None where there is none."""
        with self._database.reading() as connection:
            return digests.read_one(connection, number)

    def deliveries(self, states: Iterable[str]) -> list[Delivery]:
        """Read the deliveries in these states, oldest first."""
        with self._database.reading() as connection:
            return digests.read_in(connection, states)

    def deliveries_of(self, name: str, channel: str, period: Period, slot: datetime | None) -> list[Delivery]:
        """Read the deliveries of a digest for a slot or a period to a channel, the newest last."""
        with self._database.reading() as connection:
            return digests.read_of(connection, name, channel, period, slot)

    def last_slot(self, name: str, channel: str, until: datetime) -> datetime | None:
        """Tell the latest moment of the schedule, by ``until``, that a digest was made for, None for none."""
        with self._database.reading() as connection:
            return digests.read_last_slot(connection, name, channel, until)

    def claim(self, delivery: Delivery, at: datetime, unsure_until: datetime | None = None) -> Delivery | None:
        """Begin an attempt at a pending delivery; None if it is pending no more."""
        with self._database.writing() as connection:
            return digests.claim(connection, delivery, at, unsure_until)

    def settle(self, delivery: Delivery, settled: Settlement) -> bool:
        """Write what became of a delivery; False if it is not as it was read."""
        with self._database.writing() as connection:
            return digests.settle(connection, delivery, settled)

    def mark_told(self, delivery: Delivery, *, is_told: bool) -> bool:
        """Keep whether the maintainers were told of a delivery; False if that was kept already."""
        with self._database.writing() as connection:
            return digests.mark_told(connection, delivery, is_told=is_told)

    def digests_in(self, channel: str) -> frozenset[str]:
        """Read the names of the digests that were posted to a channel, by the chat's own id of it."""
        with self._database.reading() as connection:
            return digests.read_names_in(connection, channel)

    def lease(self, name: str, holder: str, who: str, length: timedelta) -> Lease:
        """Take a lease, or renew it where it is the holder's, for so long by the database's clock."""
        with self._database.writing() as connection:
            return leases.take(connection, name, holder, who, length)

    def release_lease(self, name: str, holder: str) -> None:
        """Give back a lease, if it is still the holder's."""
        with self._database.writing() as connection:
            leases.release(connection, name, holder)

    def reserve(self, name: str, count: int, most: int) -> float:
        """Reserve requests of the ``most`` in a minute; return how many seconds to wait, 0 where they are reserved."""
        with self._database.writing() as connection:
            return leases.reserve(connection, name, count, most)

    def key(self, name: str) -> str:
        """Read a secret of this database's own, which is made when it is first asked for."""
        with self._database.writing() as connection:
            return leases.key(connection, name, token_hex())

    def future_moments(self, now: datetime) -> list[FutureMoment]:
        """Read which kinds of things have moments recorded that lie in the future."""
        with self._database.reading() as connection:
            return read_future(connection, now)

    def take_event(self, event: str, at: datetime) -> bool:
        """Take an event of the chat for answering; False if it was taken before."""
        is_time = self._forgot_at is None or at - self._forgot_at >= _FORGETTING
        with self._database.writing() as connection:
            if is_time:
                events.forget(connection, at)
            taken = events.take(connection, event, at)
        if is_time:
            self._forgot_at = at
        return taken

    def add_change(self, repository: str, series: str, change: MilestoneChange) -> MilestoneChange:
        """Keep a change to the milestones of a series, and give it with the number that it got."""
        with self._database.writing() as connection:
            return milestones.add_change(connection, repository, series, change)

    def changes(self) -> dict[tuple[str, str], list[MilestoneChange]]:
        """Read every change to milestones by repository and series, in the order they were kept."""
        with self._database.reading() as connection:
            return milestones.read_changes(connection)

    def additions(self) -> Additions:
        """Read what is watched beside the configuration file."""
        with self._database.reading() as connection:
            return watches.read_additions(connection)

    def add_watch(self, change: WatchChange) -> WatchChange:
        """Keep a change to what is watched, and give it with the number that it got."""
        with self._database.writing() as connection:
            return watches.add_watch(connection, change)

    def listings(self) -> dict[str, Listing]:
        """Read when organisations were listed, by their keys."""
        with self._database.reading() as connection:
            return watches.read_listings(connection)

    def write_listing(self, organisation: str, listed: Sequence[Listed], at: datetime) -> None:
        """Write which repositories an organisation has now; those that are missing in it are counted as missed."""
        with self._database.writing() as connection:
            watches.write_listing(connection, organisation, listed, at)

    def write_listing_failure(self, organisation: str, at: datetime, error: str) -> None:
        """Keep why an organisation could not be listed; what was listed before stays."""
        with self._database.writing() as connection:
            watches.write_failure(connection, organisation, at, error)

    def write_fit(self, organisation: str, path: str, scheme: str, counts: str) -> None:
        """Keep by which scheme a member of an organisation is read, and what its ordinary releases are."""
        with self._database.writing() as connection:
            watches.write_fit(connection, organisation, path, scheme, counts)

    def evidence(self, repository: str) -> Evidence:
        """Read what is held of the traces of certification in one repository."""
        with self._database.reading() as connection:
            return evidence.read_evidence(connection, repository)

    def write_evidence(self, repository: str, answer: EvidenceAnswer) -> None:
        """Write what a forge said of them; lists that it says nothing of stay as they are."""
        with self._database.writing() as connection:
            evidence.write_evidence(connection, repository, answer)
