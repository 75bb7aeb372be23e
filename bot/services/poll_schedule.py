"""Which repositories are due for which look: by what is recorded of each, and its rhythm."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.clocks import believed
from bot.domain.polling.hooks import complete_with_hooks, interval_with_hooks
from bot.domain.polling.look import AT_ONCE, Look
from bot.domain.polling.record import PollDepth, RepositoryRecord
from bot.domain.polling.schedule import Rhythm, is_due, next_due, rhythm_of
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.values import dataclass
from bot.services.poll import Asked
from bot.services.ports import Forge

if TYPE_CHECKING:
    from bot.store.hooks import HookStore
    from bot.store.tags import TagStore


@dataclass(frozen=True, slots=True)
class Timing:
    """How often repositories are polled; those ``in_certification``, by key, more thoroughly.

    ``share`` is how much of a forge's limit may be used, ``slower`` by forge how many
    times longer every interval is for that. ``clocks`` says by forge how far its clock, by which
    its polls are recorded, is ahead of ours. ``hook_forges`` are the forges that webhooks are taken of, ``hooked`` the
    keys of the repositories whose webhooks arrive, which are polled less often.
    """

    every: timedelta
    complete_every: timedelta
    in_certification: Collection[str] = frozenset()
    share: float = 0.5
    slower: Mapping[str, float] = field(default_factory=dict)
    clocks: Mapping[str, timedelta] = field(default_factory=dict)
    hook_forges: Collection[str] = frozenset()
    hooked: Collection[str] = frozenset()

    def interval(self, source: str) -> timedelta:
        """Return how often a repository is polled as configured."""
        return interval_with_hooks(self.every, self.complete_every) if source in self.hooked else self.every

    def knowing_hooks(self, sources: Iterable[str], hooks: "HookStore") -> "Timing":
        """Return the timing that knows which of these repositories have webhooks that arrive."""
        taken = [source for source in sources if source.partition(":")[0] in self.hook_forges]
        return replace(self, hooked=hooks.recent(taken)) if taken else self

    def there(self, forge: str, now: datetime) -> datetime:
        """Return what a forge's clock shows when ours shows ``now``."""
        return now + self.clocks.get(forge, timedelta(0))

    def here(self, forge: str, moment: datetime) -> datetime:
        """Return what our clock shows when a forge's shows ``moment``."""
        return moment - self.clocks.get(forge, timedelta(0))


def clocks(forges: Mapping[str, Forge]) -> dict[str, timedelta]:
    """Return how far each forge's clock is ahead of ours, by its last answers."""
    return {name: forge.clock_offset() for name, forge in forges.items()}


def due(repositories: Sequence[Repository], tags: "TagStore", timing: Timing, now: datetime) -> list[Asked]:
    """List the repositories that are due, each for the deepest look that it is due for."""
    found = []
    polled = one_of_each_source(repositories)
    for repository, record in zip(polled, tags.records(each.source for each in polled), strict=True):
        at = timing.there(repository.forge, now)
        rhythm = _rhythm(repository, record, timing, at)
        if is_due(repository.source, rhythm.every, _tried_at(record, at), at):
            found.append(Asked(repository, _look(record, rhythm, at)))
    return found


def complete(repositories: Sequence[Repository], tags: "TagStore", timing: Timing, now: datetime) -> list[Asked]:
    """Ask for every tag of all of them; for every date again where that is due."""
    polled = one_of_each_source(repositories)
    records = tags.records(each.source for each in polled)
    asked = []
    for repository, record in zip(polled, records, strict=True):
        at = timing.there(repository.forge, now)
        asked.append(
            Asked(repository, max(PollDepth.COMPLETE, _look(record, _rhythm(repository, record, timing, at), at)))
        )
    return asked


def next_poll(repository: Repository, record: RepositoryRecord, timing: Timing, now: datetime) -> datetime | None:
    """Return when a repository is due next; None for at once."""
    at = timing.there(repository.forge, now)
    tried_at = _tried_at(record, at)
    if tried_at is None:
        return None
    rhythm = _rhythm(repository, record, timing, at)
    return timing.here(repository.forge, next_due(repository.source, rhythm.every, tried_at))


def next_look(source: str, forge: str, tries: Iterable[datetime | None], timing: Timing, now: datetime) -> Look:
    """Return when a repository is due next by the forge's clock; ``tries`` are its last poll and last failed one.

    It is never later than ``due`` says, as long as neither the timing changes nor a try is taken back.
    """
    tried_at = _last_try(tries, timing.there(forge, now))
    if tried_at is None:
        return Look(AT_ONCE, None)
    return Look(next_due(source, timing.interval(source) * timing.slower.get(forge, 1.0), tried_at), tried_at)


def rhythm_of_record(record: RepositoryRecord, timing: Timing, now: datetime) -> Rhythm:
    """Return a repository's rhythm, as fast as it is configured."""
    last = record.changed_at or now
    is_certified = record.repository in timing.in_certification
    every, complete = timing.interval(record.repository), timing.complete_every
    if record.repository in timing.hooked:
        complete = complete_with_hooks(complete)
    return rhythm_of(every, complete, quiet=now - last, in_certification=is_certified)


def _rhythm(repository: Repository, record: RepositoryRecord, timing: Timing, now: datetime) -> Rhythm:
    return rhythm_of_record(record, timing, now).stretched(timing.slower.get(repository.forge, 1.0))


def _look(record: RepositoryRecord, rhythm: Rhythm, now: datetime) -> PollDepth:
    """Return the depth that a repository's poll is due for."""
    looks = (
        (PollDepth.FULL, rhythm.full_every, record.full_at),
        (PollDepth.COMPLETE, rhythm.complete_every, record.complete_at),
    )
    return next((look for look, every, last in looks if is_due(record.repository, every, last, now)), PollDepth.QUICK)


def _tried_at(record: RepositoryRecord, now: datetime) -> datetime | None:
    return _last_try((record.polled_at, record.failed_at), now)


def _last_try(tries: Iterable[datetime | None], now: datetime) -> datetime | None:
    """Return when it was last asked for; one that fails is not asked more often than the others."""
    moments = (believed(at, now) for at in tries)
    return max((at for at in moments if at is not None), default=None)
