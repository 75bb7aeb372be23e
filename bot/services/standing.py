"""Standing: how the bot is doing, from its database: what was polled, what it costs, what waits to be posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.budget import Budget
from bot.domain.clocks import FutureMoment, believed, is_future
from bot.domain.releases import is_mostly_unread
from bot.domain.repositories import Repository
from bot.services.budgeting import budgets, within
from bot.services.delivering import OPEN
from bot.services.due import Timing, clocks, next_poll
from bot.services.following import Following
from bot.services.ports import Delivery, Forge, RepositoryRecord, Store

# A delivery that was begun and is still open after that needs somebody.
_STUCK_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ForgeStanding:
    """A forge: how often its repositories are polled, ``slower`` times as seldom as configured, and what that costs."""

    name: str
    repositories: int
    every: timedelta
    complete_every: timedelta
    slower: float
    budgets: Sequence[Budget]


@dataclass(frozen=True, slots=True)
class RepositoryStanding:
    """A repository's record, and when it is polled next; None where it was never asked for."""

    repository: Repository
    record: RepositoryRecord
    next_poll: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bot is doing at a moment; ``complete_until`` is None while a repository was never polled."""

    at: datetime
    forges: Sequence[ForgeStanding]
    repositories: Sequence[RepositoryStanding]
    complete_until: datetime | None
    deliveries: Mapping[str, int]
    stale: Sequence[RepositoryStanding]
    renamed: Sequence[RepositoryStanding] = ()
    stuck: Sequence[Delivery] = ()
    followings: Sequence[Following] = ()
    unread: Sequence[RepositoryStanding] = ()
    future: Sequence[FutureMoment] = ()

    @property
    def is_fine(self) -> bool:
        """Whether every repository was polled lately, every organisation could be listed, and no digest is stuck.

        And no moment is recorded that lies in the future.
        """
        is_listed = all(each.listing is None or each.listing.error is None for each in self.followings)
        return not self.stale and is_listed and not self.deliveries["failed"] and not self.stuck and not self.future


def standing(
    repositories: Sequence[Repository], forges: Mapping[str, Forge], store: Store, timing: Timing, now: datetime
) -> Standing:
    """Look how the bot is doing; no forge is asked."""
    timing = replace(timing, clocks=clocks(forges))
    budgeted = budgets(repositories, forges, store, timing, now)
    slowed = within(timing, budgeted)
    records = store.records(each.key for each in repositories)
    told = [
        RepositoryStanding(repository, record, next_poll(repository, record, slowed, now))
        for repository, record in zip(repositories, records, strict=True)
    ]
    polled = [moment for record in records if (moment := believed(record.polled_at, now)) is not None]
    waiting = store.deliveries(OPEN)
    return Standing(
        at=now,
        forges=[_forge(name, each, repositories, timing, slowed.slower[name]) for name, each in budgeted.items()],
        repositories=told,
        complete_until=min(polled) if polled and len(polled) == len(records) else None,
        deliveries={state: sum(delivery.state == state for delivery in waiting) for state in OPEN},
        stale=[each for each in told if _is_stale(each, slowed, now)],
        renamed=[each for each in told if each.record.renamed],
        unread=[
            each for each in told if is_mostly_unread(each.record.considered_count, each.record.unclassified_count)
        ],
        stuck=[each for each in waiting if each.attempted_at is not None and now - each.attempted_at > _STUCK_AFTER],
        future=store.future_moments(now),
    )


def _forge(
    name: str, budgeted: Sequence[Budget], repositories: Sequence[Repository], timing: Timing, slower: float
) -> ForgeStanding:
    count = sum(repository.forge == name for repository in repositories)
    return ForgeStanding(name, count, timing.every * slower, timing.complete_every * slower, slower, budgeted)


def _is_stale(each: RepositoryStanding, timing: Timing, now: datetime) -> bool:
    """Whether the last poll failed, or two turns have gone by since the last."""
    polled_at = each.record.polled_at
    if polled_at is None or each.record.error is not None or is_future(polled_at, now):
        return True
    at = timing.there(each.repository.forge, now)
    return at - polled_at > 2 * timing.every * timing.slower.get(each.repository.forge, 1.0)
