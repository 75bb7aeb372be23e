"""Package indexes: read after the tags, in the same poll, for upload times and yanked releases."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from bot.domain.clocks import believed
from bot.domain.package_index import IndexListing
from bot.domain.releases import releases_of
from bot.domain.repositories import Repository
from bot.services.poll import PollOutcome, with_more_of
from bot.services.ports import IndexUnavailable, PackageIndex
from bot.services.rebuild import make_anew

if TYPE_CHECKING:
    from bot.store.store import Store

# More of them would hide the rest of a poll's notice.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class IndexReader:
    """Reads the package indexes of repositories: once in ``every``, and whenever a poll brought tags."""

    indexes: Mapping[str, PackageIndex]
    store: "Store"
    now: Callable[[], datetime]
    every: timedelta

    def after(
        self, outcomes: Iterable[PollOutcome], repositories: Sequence[Repository], stop: Event | None = None
    ) -> Iterator[PollOutcome]:
        """Yield the outcomes of a poll, and then those of repositories whose package index is read.

        An index that cannot be read is a notice of the outcome: the tags are recorded all the same. Once ``stop`` is
        set, no more indexes are read.
        """
        indexed = {repository.source: repository for repository in repositories if repository.index}

        def read(outcome: PollOutcome) -> PollOutcome:
            is_over = stop is not None and stop.is_set()
            return outcome if is_over else self._read(outcome, indexed[outcome.repository])

        return with_more_of(indexed, outcomes, read)

    def _read(self, outcome: PollOutcome, repository: Repository) -> PollOutcome:
        at = self.now()
        held = self.store.tags.listings([repository.source]).get(repository.source, IndexListing()).of(repository.index)
        if not outcome.new and not self._is_due(held, at):
            return outcome
        outcome = replace(outcome, requests=outcome.requests + 1)
        name, _, project = repository.index.partition(":")
        try:
            answer = self.indexes[name].read(project, held.validator)
        except IndexUnavailable as error:
            self.store.polls.write_listing(repository.source, replace(held, error=error.reason))
            return _with_notice(outcome, str(error))
        listing = held if answer.versions is None else held.updated(answer.versions, at)
        listing = replace(listing, validator=answer.validator, read_at=at, error="")
        return _with_notice(outcome, self._record(repository, listing))

    def _is_due(self, held: IndexListing, at: datetime) -> bool:
        read_at = believed(held.read_at, at)
        return read_at is None or at - read_at >= self.every

    def _record(self, repository: Repository, listing: IndexListing) -> str:
        """Record what the index lists, and return the notice of versions that have newly been found without a tag."""
        releases = self.store.releases.of([repository.key], undated=True)
        untagged = listing.without_tags(release.normalized for release in releases)
        self.store.polls.write_listing(repository.source, replace(listing, untagged=untagged))
        tags = self.store.tags.record(repository.source).tags.values()
        if set(releases_of(repository, tags, listing)) != set(releases):
            make_anew(repository, self.store)
        new = [version for version in untagged if version not in listing.untagged]
        return untagged_words(repository.index, new) if new else ""


def untagged_words(source: str, versions: Sequence[str]) -> str:
    """Return that an index lists versions without a tag: ``pypi:DIRAC: 9.2.0 has no tag``."""
    named = ", ".join(versions[-_MOST_NAMED:])
    others = len(versions) - _MOST_NAMED
    if others > 0:
        return f"{source}: {len(versions)} versions have no tag, the last: {named}"
    return f"{source}: {named} {'has' if len(versions) == 1 else 'have'} no tag"


def _with_notice(outcome: PollOutcome, note: str) -> PollOutcome:
    return replace(outcome, notice="; ".join(part for part in (outcome.notice, note) if part))
