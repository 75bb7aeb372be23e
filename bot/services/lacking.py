"""What an answer may lack: repositories that were not checked, tags that no rule reads, series still to begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.gaps import Gap, gap_of
from bot.domain.periods import Period
from bot.domain.releases import is_mostly_unread
from bot.domain.repositories import Repository
from bot.services.ports import Store


@dataclass(frozen=True, slots=True)
class Unread:
    """A repository of whose ``considered`` tags most, the ``unclassified`` ones, match no version scheme."""

    repository: Repository
    considered: int
    unclassified: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """What an answer about some repositories and a period may lack.

    ``gaps`` are the repositories that were not checked as late as the period reaches, ``unclassified`` is how many
    tags dated in it, or not dated, no rule reads, ``unread`` the repositories of which most are not, and ``not_begun``
    the series asked for that began only after the moment asked from.
    """

    gaps: Sequence[Gap] = ()
    unclassified: int = 0
    unread: Sequence[Unread] = ()
    not_begun: Sequence[str] = ()


def lacking(repositories: Sequence[Repository], store: Store, period: Period, stale_after: timedelta) -> Lacking:
    """Find what an answer about repositories and a period may lack; ``period`` ends where the answer does."""
    keys = [repository.key for repository in repositories]
    records = list(zip(repositories, store.records(keys), strict=True))
    now = store.clock()
    gaps = [
        gap_of(repository, record.polled_at, record.error, until=period.end, stale_after=stale_after, now=now)
        for repository, record in records
    ]
    return Lacking(
        gaps=[gap for gap in gaps if gap is not None],
        unclassified=sum(store.unclassified(keys, period.start, period.end).values()),
        unread=[
            Unread(repository, record.considered_count, record.unclassified_count)
            for repository, record in records
            if is_mostly_unread(record.considered_count, record.unclassified_count)
        ],
    )
