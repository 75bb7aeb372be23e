"""The bot's status, from its database: what was polled, what that costs, and which deliveries are pending."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.clocks import FutureMoment, believed, is_future
from bot.domain.digests.delivery import Delivery, DeliveryState
from bot.domain.package_index import IndexListing
from bot.domain.polling.budget import Budget
from bot.domain.polling.hooks import HookArrivals, interval_with_hooks
from bot.domain.polling.record import RepositoryRecord
from bot.domain.releases import needs_a_rule
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.values import dataclass
from bot.services.budget import budgets, within
from bot.services.deliver import OPEN
from bot.services.organisations import Following
from bot.services.poll_schedule import Timing, clocks, next_poll
from bot.services.ports import Forge

if TYPE_CHECKING:
    from bot.store.store import Store

# A delivery that is still open so long after its attempt needs attention.
_STUCK_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ForgeStatus:
    """A forge: how often its repositories are polled, ``slower`` times as seldom as configured, and what that costs.

    ``hooks`` are its webhooks, None where none are taken: repositories that have some are polled ``hooked_every``.
    """

    name: str
    repositories: int
    every: timedelta
    complete_every: timedelta
    hooked_every: timedelta
    slower: float
    budgets: Sequence[Budget]
    hooks: HookArrivals | None = None


@dataclass(frozen=True, slots=True)
class RepositoryStatus:
    """A repository's record, when it is polled next (None where it was never requested), and its package index.

    ``hook_at`` is when its last webhook arrived.
    """

    repository: Repository
    record: RepositoryRecord
    next_poll: datetime | None
    listing: IndexListing = field(default_factory=IndexListing)
    hook_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How the bot is doing at a moment; ``complete_until`` is None while a repository was never polled."""

    at: datetime
    forges: Sequence[ForgeStatus]
    repositories: Sequence[RepositoryStatus]
    complete_until: datetime | None
    deliveries: Mapping[str, int]
    stale: Sequence[RepositoryStatus]
    renamed: Sequence[RepositoryStatus] = ()
    stuck: Sequence[Delivery] = ()
    followings: Sequence[Following] = ()
    unread: Sequence[RepositoryStatus] = ()
    future: Sequence[FutureMoment] = ()

    @property
    def tags(self) -> int:
        """How many tags the repositories have; products of one repository share its tags."""
        polled = {each.repository.source: each.record.tag_count for each in self.repositories}
        return sum(polled.values())

    @property
    def is_fine(self) -> bool:
        """Return whether polls, lists of organisations and deliveries are up to date.

        That also takes that no recorded moment lies in the future.
        """
        is_listed = all(each.listing is None or each.listing.error is None for each in self.followings)
        return (
            not self.stale
            and is_listed
            and not self.deliveries[DeliveryState.FAILED]
            and not self.stuck
            and not self.future
        )


def read_status(
    repositories: Sequence[Repository], forges: Mapping[str, Forge], store: "Store", timing: Timing, now: datetime
) -> Status:
    """Return the bot's status from the database, without a request to any forge."""
    timing = replace(timing, clocks=clocks(forges))
    timing = timing.knowing_hooks((each.source for each in repositories), store.hooks)
    budgeted = budgets(repositories, forges, store, timing, now)
    slowed = within(timing, budgeted)
    records = store.tags.records(each.key for each in repositories)
    listings = store.tags.listings(each.source for each in repositories if each.index)
    arrivals = store.hooks.arrivals() if timing.hook_forges else {}
    hooked_at = store.hooks.last({each.source for each in repositories}) if arrivals else {}
    statuses = [
        RepositoryStatus(
            repository,
            record,
            next_poll(repository, record, slowed, now),
            listings.get(repository.source, {}).get(repository.index, IndexListing(repository.index)),
            hooked_at.get(repository.source),
        )
        for repository, record in zip(repositories, records, strict=True)
    ]
    speaking = {repository.key for repository in one_of_each_source(repositories)}
    shared = [each for each in statuses if each.repository.key in speaking]
    polled = [moment for record in records if (moment := believed(record.polled_at, now)) is not None]
    waiting = store.deliveries.in_states(OPEN)
    return Status(
        at=now,
        forges=[
            _forge(name, each, repositories, slowed, arrivals.get(name, HookArrivals()))
            for name, each in budgeted.items()
        ],
        repositories=statuses,
        complete_until=min(polled) if polled and len(polled) == len(records) else None,
        deliveries={state: sum(delivery.state == state for delivery in waiting) for state in OPEN},
        stale=[each for each in statuses if _is_stale(each, slowed, now)],
        renamed=[each for each in shared if each.record.renamed],
        unread=[
            each
            for each in shared
            if needs_a_rule(each.repository, each.record.considered_count, each.record.unclassified_count)
        ],
        stuck=[each for each in waiting if each.attempted_at is not None and now - each.attempted_at > _STUCK_AFTER],
        future=store.clock.future_moments(now),
    )


def _forge(
    name: str, budgeted: Sequence[Budget], repositories: Sequence[Repository], timing: Timing, arrivals: HookArrivals
) -> ForgeStatus:
    slower, hooked_every = timing.slower[name], interval_with_hooks(timing.every, timing.complete_every)
    return ForgeStatus(
        name,
        sum(repository.forge == name for repository in one_of_each_source(repositories)),
        timing.every * slower,
        timing.complete_every * slower,
        hooked_every * slower,
        slower,
        budgeted,
        arrivals if name in timing.hook_forges else None,
    )


def _is_stale(each: RepositoryStatus, timing: Timing, now: datetime) -> bool:
    """Return whether the last poll failed, or two turns have gone by since the last."""
    polled_at = each.record.polled_at
    if polled_at is None or each.record.error is not None or is_future(polled_at, now):
        return True
    at = timing.there(each.repository.forge, now)
    return at - polled_at > 2 * timing.interval(each.repository.source) * timing.slower.get(each.repository.forge, 1.0)
