"""What an answer rests on: its repositories, until when they were polled, and what it may lack."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.domain.clocks import believed
from bot.domain.gaps import Gap, gap_of
from bot.domain.periods.period import Period
from bot.domain.polling.record import LastPolls
from bot.domain.releases import is_mostly_unread
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.values import dataclass

if TYPE_CHECKING:
    from bot.store.store import Store


class UnclassifiedCounts(Protocol):
    """What counts unclassified tags: the releases of the store, or what was known of it at an earlier moment."""

    def unclassified(self, keys: Iterable[str], since: datetime | None, until: datetime) -> Mapping[str, int]:
        """Count the unclassified tags that are dated from ``since`` to before ``until``, or not dated, by repository.

        A repository without any is left out.
        """
        ...


@dataclass(frozen=True, slots=True)
class Unread:
    """A repository of whose ``considered`` tags most, the ``unclassified`` ones, match no version scheme."""

    repository: Repository
    considered: int
    unclassified: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer about some repositories and a period rests on, and what it may lack.

    All of the repositories were polled until ``complete_until``, None where one never was. ``gaps`` are those
    that were not checked as late as the period reaches, ``unclassified`` is how many tags dated in it, or not dated,
    no rule reads, ``unread`` the repositories of which most are not, ``doubtful`` those whose rules nobody chose and
    fit badly, and ``not_begun`` the series asked for that began
    only after the moment asked from. ``is_default`` says that the question named no repository and these are the
    asker's own.
    """

    repositories: Sequence[Repository]
    complete_until: datetime | None
    gaps: Sequence[Gap] = ()
    unclassified: int = 0
    unread: Sequence[Unread] = ()
    doubtful: Sequence[Repository] = ()
    not_begun: Sequence[str] = ()
    is_default: bool = False


def basis_of(
    repositories: Sequence[Repository],
    store: "Store",
    period: Period,
    stale_after: timedelta,
    counts: UnclassifiedCounts | None = None,
) -> Basis:
    """Find what an answer about repositories and a period rests on; ``period`` ends where the answer does.

    A repository polled longer than ``stale_after`` ago has a gap. ``counts`` is what unclassified tags are counted
    from, the store where it is None.
    """
    keys = [repository.key for repository in repositories]
    speaking = {repository.source: repository for repository in one_of_each_source(repositories)}
    polls = store.tags.last_polls(list(speaking), period.end, stale_after)
    now, noted = polls.now, polls.noted
    source = counts or store.releases
    # Of an earlier moment the store does not know how many there were.
    has_any = polls.unclassified_count > 0 or source is not store.releases
    gaps = [
        gap_of(each, state.polled_at, state.error, until=period.end, stale_after=stale_after, now=now)
        for each in repositories
        if (state := noted.get(each.source)) is not None
    ]
    return Basis(
        repositories=repositories,
        complete_until=_complete_until(polls),
        gaps=[gap for gap in gaps if gap is not None],
        unclassified=sum(source.unclassified(keys, period.start, period.end).values()) if has_any else 0,
        unread=[
            Unread(repository, state.considered_count, state.unclassified_count)
            for source, repository in speaking.items()
            if (state := noted.get(source)) is not None
            and is_mostly_unread(state.considered_count, state.unclassified_count)
        ],
        doubtful=[repository for repository in repositories if repository.is_doubtful],
    )


def _complete_until(polls: LastPolls) -> datetime | None:
    """Return the earliest last poll, None where a repository has none: one in the future is none."""
    noted = [believed(state.polled_at, polls.now) for state in polls.noted.values()]
    known = [moment for moment in (polls.earliest, *noted) if moment is not None]
    return None if None in noted else min(known, default=None)
