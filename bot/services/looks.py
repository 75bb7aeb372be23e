"""The stored moments of a forge's looks, made by the rule of ``poll_schedule``, and anew when what it rests on changes.

A tick costs what is due, and several workers share it: each claims a batch, asks the rule once more for that alone, and
stores when it is due again. A poll by hand, or a clock that is set right, is so found where it matters.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from threading import Event
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.domain.polling.look import ForgeAccount, Look, LooksAhead
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.values import dataclass
from bot.services.budget import budgets, within
from bot.services.leases import LENGTH, Held, Leases
from bot.services.poll import Asked
from bot.services.poll_schedule import Timing, complete, due, next_look
from bot.services.ports import Forge

if TYPE_CHECKING:
    from bot.store.store import Store

# A forge answers a multiple of fifty in one request: as many requests as if all were asked for at once.
_BATCH = 500
# How old the pace may be: what it rests on beside the configuration changes slowly.
_BUDGETED = timedelta(hours=1)
# Intervals within the budget grow by so many percent at once: a small change moves no look.
_STEP = 5


@dataclass(frozen=True, slots=True)
class Batch:
    """Repositories that were claimed, those of them to be asked for, and the lease of the claim."""

    claimed: Sequence[str]
    asked: Sequence[Asked]
    held: Held


class LookSchedule:
    """The looks of the repositories of one forge that are watched, with one token."""

    def __init__(self, of: ForgeAccount, repositories: Iterable[Repository], store: "Store") -> None:
        self._of = of
        self._store = store
        self._watched = {each.source: each for each in one_of_each_source(repositories) if each.forge == of.forge}
        self._names = sha256("\n".join(sorted(self._watched)).encode()).hexdigest()

    def ahead(self, forges: Mapping[str, Forge], timing: Timing, now: datetime) -> tuple[LooksAhead, Timing]:
        """Return what is ahead, and the timing within the budget; looks are made anew where these rest on others."""
        ahead, basis = self._store.looks.ahead(self._of), self._basis(timing)
        is_due = ahead.is_due(timing.there(self._of.forge, now))
        is_old = is_due and not timedelta(0) <= ahead.budget_age < _BUDGETED
        if ahead.basis != basis or is_old:
            self._arrange(basis, self._percent(forges, timing, now), timing, now)
            ahead = self._store.looks.ahead(self._of)
        return ahead, self._paced(timing, ahead.interval_percent)

    def open_round(self, timing: Timing, now: datetime, spacing: timedelta) -> datetime:
        """Return until when looks are due in this round; rounds of all workers begin ``spacing`` apart."""
        at = timing.there(self._of.forge, now)
        # A later one was opened by a clock that is ahead.
        return min(at, self._store.looks.open_round(self._of, at, spacing))

    @contextmanager
    def batch(
        self, until: datetime, timing: Timing, now: Callable[[], datetime], leases: Leases, stop: Event
    ) -> Iterator[Batch]:
        """Claim repositories that are due for as long as the context lasts, and then store when they are due again."""
        claim = f"looks {uuid4().hex}"
        with leases.held(claim, stop) as held:
            claimed = self._store.looks.claim(
                self._of,
                claim,
                until=until,
                now=timing.there(self._of.forge, now()),
                most=_BATCH,
                longest=LENGTH,
            )
            mine = self._mine(claimed)
            try:
                yield Batch(claimed, due(mine, self._store.tags, self._knowing_hooks(timing, claimed), now()), held)
            finally:
                if claimed:
                    self._settle(claim, claimed, timing, now())

    @contextmanager
    def hooked_batch(self, timing: Timing, now: Callable[[], datetime], leases: Leases, stop: Event) -> Iterator[Batch]:
        """Claim repositories that are due because of webhooks, as ``batch`` does, each for a complete look."""
        claim = f"hooks {uuid4().hex}"
        with leases.held(claim, stop) as held:
            claimed = self._store.looks.claim_hooked(self._of, claim, most=_BATCH, longest=LENGTH)
            try:
                yield Batch(claimed, complete(self._mine(claimed), self._store.tags, timing, now()), held)
            finally:
                if claimed:
                    self._settle(claim, claimed, timing, now())

    def _mine(self, claimed: Sequence[str]) -> list[Repository]:
        return [self._watched[source] for source in claimed if source in self._watched]

    def _knowing_hooks(self, timing: Timing, sources: Sequence[str]) -> Timing:
        return timing.knowing_hooks(sources, self._store.hooks)

    def _settle(self, claim: str, claimed: Sequence[str], timing: Timing, now: datetime) -> None:
        mine = sorted(source for source in claimed if source in self._watched)
        gone = [source for source in claimed if source not in self._watched]
        self._store.looks.settle(claim, self._looks(mine, timing, now), gone)

    def _arrange(self, basis: str, percent: int, timing: Timing, now: datetime) -> None:
        """Store when each repository that is watched is due, and nothing else."""
        looks, paced = self._store.looks, self._paced(timing, percent)
        looks.arrange(self._of, basis, percent, self._looks(sorted(self._watched), paced, now))

    def _looks(self, sources: Sequence[str], timing: Timing, now: datetime) -> dict[str, Look]:
        tries, forge, timing = self._store.looks.tries(sources), self._of.forge, self._knowing_hooks(timing, sources)
        return {source: next_look(source, forge, tries.get(source, ()), timing, now) for source in sources}

    def _paced(self, timing: Timing, percent: int) -> Timing:
        return replace(timing, slower={self._of.forge: percent / 100})

    def _percent(self, forges: Mapping[str, Forge], timing: Timing, now: datetime) -> int:
        """Return how long intervals have to be to keep below the share of the forge's limits."""
        forge, watched = self._of.forge, list(self._watched.values())
        budgeted = budgets(watched, {forge: forges[forge]}, self._store, timing, now)
        return ceil(within(timing, budgeted).slower[forge] * 100 / _STEP) * _STEP

    def _basis(self, timing: Timing) -> str:
        """Name all that looks rest on beside the records."""
        limits = self._store.polls.limits().items()
        reported = sorted((*key, each.limit, each.window) for key, each in limits if key[0] == self._of.forge)
        certified = sorted(source for source in timing.in_certification if source in self._watched)
        takes_hooks = self._of.forge in timing.hook_forges
        basis = (self._names, timing.every, timing.complete_every, timing.share, certified, reported, takes_hooks)
        return sha256(repr(basis).encode()).hexdigest()[:16]
