"""What the services need of the store, which keeps everything observed and posted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.domain.certification.evidence import Evidence
from bot.domain.certification.milestones import MilestoneChange
from bot.domain.clocks import FutureMoment
from bot.domain.counts import GroupBy, Tally
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.delivery import Delivery, DeliveryState, Frozen, Settlement
from bot.domain.digests.digest import Digest
from bot.domain.digests.news import Arrivals, Key, Mention
from bot.domain.errors import BotError
from bot.domain.filters import Wanted
from bot.domain.organisations import Listed, Listing
from bot.domain.periods.period import Period
from bot.domain.polling.budget import Limit
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollMark, PollState, RepositoryRecord, Unchanged
from bot.domain.releases import Coverage, Release
from bot.domain.tags import Tag, TagEvent
from bot.domain.watchlist import Additions, WatchChange
from bot.services.ports.forges import EvidenceAnswer


class StoreError(BotError):
    """The database cannot be used as it is; the text says what to do."""


class NoDatabase(StoreError):
    """Nothing has made the database yet."""

    def __init__(self, where: str) -> None:
        hint = "run release-bot poll first, to create and fill the database"
        super().__init__(where, "no database yet", hint)


class RecordChanged(Exception):
    """Another worker wrote to a repository's record since it was read: read it again."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Return whether a lease is held by whoever asked for it, and else by whom, in words, until when."""

    is_mine: bool
    who: str
    ends_at: datetime


class Store(Protocol):
    """Keeps everything observed and posted; each method is one transaction, except for a snapshot."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all that this thread reads meanwhile see one state of the store; nothing may be written within it."""
        ...

    def record(self, repository: str) -> RepositoryRecord:
        """Read what is held of one repository; an unknown one gives an empty record of revision 0."""
        ...

    def write_poll(
        self,
        record: RepositoryRecord,
        mark: PollMark,
        changes: PollChanges,
        releases: Sequence[Release] | None,
        coverage: Coverage | None = None,
    ) -> None:
        """Write a complete poll at once; ``releases`` or ``coverage`` None leaves them as they are.

        Clears the error. Raises RecordChanged if the record is not the one that was read.
        """
        ...

    def write_unchanged(self, polls: Sequence[Unchanged]) -> None:
        """Keep that repositories were polled and brought nothing new; clears their errors.

        Repositories that nothing is held of are passed over.
        """
        ...

    def write_limits(self, forge: str, limits: Sequence[Limit]) -> None:
        """Record a forge's limits as last reported."""
        ...

    def limits(self) -> dict[tuple[str, str], Limit]:
        """Read the limits as last reported, by forge and resource."""
        ...

    def write_failure(
        self, repository: str, at: datetime, error: str, *, is_suspected: bool = False, rival: str = ""
    ) -> None:
        """Keep why a poll failed, and since when polls fail, or since when the forge is suspected.

        ``rival`` is the id of another repository that was found at its path.
        """
        ...

    def accept_rival(self, record: RepositoryRecord, change: WatchChange) -> WatchChange:
        """Close a repository's history, and begin that of the rival which was found at its path; keep who said so.

        What was observed and posted of the old one stays, under a key that nobody watches. Raises RecordChanged.
        """
        ...

    def unwatched(self, watched: Iterable[str]) -> Mapping[tuple[str, str], str]:
        """Read by forge and forge's id the keys that have a history and are not watched, closed histories left out."""
        ...

    def continue_history(self, record: RepositoryRecord, former: RepositoryRecord) -> None:
        """Move all that is held of a repository, and what was posted of it, to the key of a record without a history.

        Raises RecordChanged.
        """
        ...

    def write_releases(
        self, record: RepositoryRecord, rules: str, releases: Sequence[Release], coverage: Coverage | None = None
    ) -> None:
        """Replace a repository's releases after its rules changed, and its coverage if given. Raises RecordChanged."""
        ...

    def records(self, repositories: Iterable[str]) -> list[RepositoryRecord]:
        """Read the records without their tags, in the order asked; unknown ones are of revision 0."""
        ...

    def releases(
        self,
        repositories: Iterable[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        undated: bool = False,
    ) -> list[Release]:
        """Read releases dated from ``since`` to before ``until``, by repository as asked, then version.

        Releases without a date come along only with ``undated``.
        """
        ...

    def tally(self, wanted: Wanted, units: Collection[GroupBy], zone: ZoneInfo) -> list[Tally]:
        """Count the wanted releases by series and kind, and by repository and calendar unit where the units say so.

        Calendar units are those of the zone.
        """
        ...

    def newest(self, wanted: Wanted, most: int | None = None) -> list[Release]:
        """Read the wanted releases, the newest by date first, at most ``most``."""
        ...

    def leading(self, wanted: Wanted) -> list[Release]:
        """Read the highest version of each series among the wanted releases, by repository as asked, then version."""
        ...

    def undated(self, wanted: Wanted) -> int:
        """Count the releases that would be wanted if their dates were known."""
        ...

    def poll_states(self, repositories: Iterable[str]) -> tuple[list[PollState], datetime]:
        """Read the states of the last polls, in the order asked, and the time by the database's clock."""
        ...

    def clock(self) -> datetime:
        """Return the time by the database's clock, on SQLite by this machine's."""
        ...

    def unclassified(self, repositories: Iterable[str], since: datetime | None, until: datetime) -> Mapping[str, int]:
        """Count the unclassified tags that are dated from ``since`` to before ``until``, or not dated, by repository.

        A repository without any is left out.
        """
        ...

    def mark_unread_told(self, repositories: Iterable[str], *, is_told: bool) -> frozenset[str]:
        """Record whether the maintainers know that most tags are unclassified; return the repositories that changed."""
        ...

    def known_series(self, lines: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], datetime | None]:
        """Return those of the series, each after its repository, that have a release, with the date of the first.

        The date is None where no release of the series has one.
        """
        ...

    def series(self, repositories: Iterable[str]) -> list[tuple[str, str]]:
        """Read every series that the repositories have a release of, each after its repository."""
        ...

    def versions(self, versions: Iterable[tuple[str, str]]) -> list[Release]:
        """Read releases by repository and normalized version; those that are not there are left out."""
        ...

    def releases_dated_since(self, repositories: Iterable[str], moment: datetime) -> list[Release]:
        """Read releases that no backfill brought and that are dated from a moment on, or not dated."""
        ...

    def releases_seen_since(self, repositories: Iterable[str], moment: datetime) -> list[Release]:
        """Read releases that no backfill brought and that were first seen from a moment on."""
        ...

    def leading_of_living(self, repositories: Iterable[str], *, since: datetime, until: datetime) -> list[Release]:
        """Read the leading release of each series that had one in an interval, among those dated before its end.

        The highest final version leads, the highest pre-release where there is none. Of a repository none of whose
        leading releases is in the interval, the highest of all is read too.
        """
        ...

    def undated_of(self, repositories: Iterable[str]) -> Mapping[str, int]:
        """Count the releases whose dates are not known, by repository; one without any is left out."""
        ...

    def unclassified_names(self, repositories: Iterable[str]) -> list[tuple[str, str]]:
        """Read the names of the unclassified tags, each after its repository."""
        ...

    def tags_named(self, names: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Read tags by repository and name; those that are not there are left out."""
        ...

    def tags_on(self, commits: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Read the tags that point to the given commits, each commit after its repository."""
        ...

    def tags(self, repositories: Iterable[str]) -> list[tuple[str, Tag]]:
        """Read every tag ever seen with its repository, by repository as asked, then name."""
        ...

    def events(self, repositories: Iterable[str], *, after: datetime | None = None) -> list[tuple[str, TagEvent]]:
        """Read tag events later than ``after``, oldest first."""
        ...

    def past_digests(self, name: str, channel: str, *, untold: bool = False) -> list[PastDigest]:
        """Read the digests of a name made for a channel, oldest first; with ``untold`` those too that never arrived."""
        ...

    def seen_by(self, digest: int) -> Mapping[str, int]:
        """Read the revision of each repository's record that the digest of a number was made from."""
        ...

    def mentions(self, name: str, channel: str, releases: Collection[Key]) -> Sequence[Mention]:
        """Read what the digests of a name made for a channel did with some releases, in the order of the digests."""
        ...

    def left_open(self, name: str, channel: str, own: Collection[int]) -> Collection[Key]:
        """Read which releases the digests for a channel left over, or named with another date than they have.

        ``own`` are the numbers of digests that do not count, since the next one covers the same moment.
        """
        ...

    def arrivals(self, repositories: Iterable[str], seen: Mapping[str, int]) -> Mapping[str, Arrivals]:
        """Read what came to the records of repositories since the revisions that were seen of them, by repository.

        Their own revisions are left 0.
        """
        ...

    def known_since(self, name: str, channel: str, now: datetime) -> datetime:
        """Return since when a digest is scheduled for a channel; the first call sets it to ``now``.

        A moment in the future, by a clock that was wrong, is set again.
        """
        ...

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
        """Keep a digest, what it does with releases, and its delivery; one that exists for its slot is given back.

        ``by`` is who asked for it, empty where its schedule did. With ``again`` it is
        kept beside the one that its slot has.
        """
        ...

    def delivery(self, number: int) -> Delivery | None:
        """Read the delivery of a number, None where there is none."""
        ...

    def deliveries(self, states: Iterable[str]) -> list[Delivery]:
        """Read the deliveries in these states, oldest first."""
        ...

    def deliveries_of(self, name: str, channel: str, period: Period, slot: datetime | None) -> Sequence[Delivery]:
        """Read the deliveries of a digest for a slot or a period to a channel, the newest last."""
        ...

    def last_slot(self, name: str, channel: str, until: datetime) -> datetime | None:
        """Return the latest moment of its schedule, by ``until``, that a digest was made for, None for none."""
        ...

    def claim(self, delivery: Delivery, at: datetime, unsure_until: datetime | None = None) -> Delivery | None:
        """Begin an attempt at a pending delivery; None if another worker did, or it is pending no more."""
        ...

    def settle(self, delivery: Delivery, settled: Settlement) -> bool:
        """Write what became of a delivery; False, and nothing is written, if it is not as it was read."""
        ...

    def mark_told(self, delivery: Delivery, *, is_told: bool) -> bool:
        """Record whether the maintainers know of a delivery's failure; return False if that was recorded already."""
        ...

    def digests_in(self, channel: str) -> frozenset[str]:
        """Read the names of the digests that were posted to a channel, by the chat's own id of it."""
        ...

    def lease(self, name: str, holder: str, who: str, length: timedelta) -> Lease:
        """Take a lease, or renew it where it is the holder's, for so long by the database's clock.

        One whose end is further ahead than that is over, as one whose end is past. ``who`` is for people to read.
        """
        ...

    def release_lease(self, name: str, holder: str) -> None:
        """Release a lease, if it is still the holder's."""
        ...

    def reserve(self, name: str, count: int, most: int) -> float:
        """Reserve requests of the ``most`` that all processes may make in a minute under a name.

        Returns 0 where they are reserved, else how many seconds to wait before asking again.
        """
        ...

    def key(self, name: str) -> str:
        """Read a secret of this database's own, which is made when it is first asked for."""
        ...

    def future_moments(self, now: datetime) -> list[FutureMoment]:
        """Read which kinds of things have moments recorded that lie in the future."""
        ...

    def take_event(self, event: str, at: datetime) -> bool:
        """Take an event of the chat for answering; False if it was taken before. Old ones are forgotten."""
        ...

    def add_change(self, repository: str, series: str, change: MilestoneChange) -> MilestoneChange:
        """Keep a change to the milestones of a series, and give it with the number that it got."""
        ...

    def changes(self) -> Mapping[tuple[str, str], list[MilestoneChange]]:
        """Read every change to milestones by repository and series, in the order they were kept."""
        ...

    def additions(self) -> Additions:
        """Read what is watched beside the configuration file."""
        ...

    def add_watch(self, change: WatchChange) -> WatchChange:
        """Keep a change to what is watched, and give it with the number that it got."""
        ...

    def listings(self) -> Mapping[str, Listing]:
        """Read when organisations were listed, by their keys."""
        ...

    def write_listing(self, organisation: str, listed: Sequence[Listed], at: datetime) -> None:
        """Write which repositories an organisation has now; those that are missing in it are counted as missed."""
        ...

    def write_listing_failure(self, organisation: str, at: datetime, error: str) -> None:
        """Keep why an organisation could not be listed; what was listed before stays."""
        ...

    def write_fit(self, organisation: str, path: str, scheme: str, counts: str) -> None:
        """Keep by which scheme a member of an organisation is read, and what its ordinary releases are."""
        ...

    def evidence(self, repository: str) -> Evidence:
        """Read what is held of the traces of certification in one repository."""
        ...

    def write_evidence(self, repository: str, answer: EvidenceAnswer) -> None:
        """Write what a forge said of them; lists that it says nothing of stay as they are."""
        ...
