"""Budgeting: what polling costs of each forge's limits, and how much slower it is for that."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.polling.budget import Budget, budget_of, cost_a_day
from bot.domain.polling.schedule import Rhythm
from bot.domain.repositories import Repository, one_of_each_source
from bot.services.poll_schedule import Timing, rhythm_of_record
from bot.services.ports import Forge

if TYPE_CHECKING:
    from bot.store.store import Store


def budgets(
    repositories: Sequence[Repository],
    forges: Mapping[str, Forge],
    store: "Store",
    timing: Timing,
    now: datetime,
) -> dict[str, list[Budget]]:
    """Return the budget of each limit of each forge, at the configured pace."""
    polled: dict[str, list[tuple[int, Rhythm]]] = {name: [] for name in forges}
    watched = one_of_each_source(repositories)
    timing = timing.knowing_hooks((each.source for each in watched), store.hooks)
    for repository, record in zip(watched, store.tags.records(each.source for each in watched), strict=True):
        polled[repository.forge].append((record.tag_count, rhythm_of_record(record, timing, now)))
    reported_limits = store.polls.limits()
    return {
        name: [
            budget_of(price, cost_a_day(price, polled[name]), timing.share, reported_limits.get((name, price.resource)))
            for price in forge.prices()
        ]
        for name, forge in sorted(forges.items())
    }


def within(timing: Timing, budgeted: Mapping[str, Sequence[Budget]]) -> Timing:
    """Slow each forge's polls down so that no limit is used beyond its share."""
    slower = {name: max((budget.slower for budget in each), default=1.0) for name, each in budgeted.items()}
    return replace(timing, slower=slower)
