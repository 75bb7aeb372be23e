"""Package indexes: read after the tags, in the same poll, for upload times and yanked releases."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from bot.domain.backoff import is_time
from bot.domain.clocks import believed
from bot.domain.package_index import IndexListing
from bot.domain.releases import releases_of
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.services.poll import PollOutcome, with_more_of
from bot.services.ports import IndexUnavailable, PackageIndex
from bot.services.rebuild import make_anew

if TYPE_CHECKING:
    from bot.store.store import Store

# More of them would hide the rest of a poll's notice.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class IndexReader:
    """Reads the package indexes of repositories: once in ``every``, and whenever a poll brought tags.

    One that cannot be read is left alone for longer each time.
    """

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
        indexed = {each.source: each for each in repositories if any(reader.index for reader in each.readers)}

        def read(outcome: PollOutcome) -> PollOutcome:
            repository = indexed[outcome.repository]
            for source in dict.fromkeys(reader.index for reader in repository.readers if reader.index):
                if stop is None or not stop.is_set():
                    outcome = self._read(outcome, repository, source)
            return outcome

        return with_more_of(lambda outcome: outcome.repository in indexed, outcomes, read)

    def _read(self, outcome: PollOutcome, repository: Repository, source: str) -> PollOutcome:
        at = self.now()
        held = self.store.tags.listings([repository.source]).get(repository.source, {})
        listing = held.get(source, IndexListing(source))
        if not (self._is_due(listing, at) or (outcome.new and not listing.error)):
            return outcome
        outcome = replace(outcome, requests=outcome.requests + 1)
        name, _, project = source.partition(":")
        try:
            answer = self.indexes[name].read(project, listing.validator)
        except IndexUnavailable as error:
            self.store.polls.write_listing(repository.source, listing.failed(error.reason, at))
            return _with_notice(outcome, str(error))
        answered = listing.answered(answer.versions, answer.validator, at)
        return _with_notice(outcome, self._record(repository, answered))

    def _is_due(self, held: IndexListing, at: datetime) -> bool:
        if held.error:
            return is_time(held.next_at, at)
        read_at = believed(held.read_at, at)
        return read_at is None or at - read_at >= self.every

    def _record(self, repository: Repository, listing: IndexListing) -> str:
        """Record what the index lists, and return the notice of versions that have newly been found without a tag."""
        readers = [reader for reader in repository.readers if reader.index == listing.source]
        releases = self.store.releases.of([reader.key for reader in readers], undated=True)
        untagged = listing.without_tags(release.normalized for release in releases)
        self.store.polls.write_listing(repository.source, replace(listing, untagged=untagged))
        tags = self.store.tags.record(repository.source).tags.values()
        listings = {listing.source: listing}
        if {each for reader in readers for each in releases_of(reader, tags, listings)} != set(releases):
            make_anew(repository, self.store)
        new = [version for version in untagged if version not in listing.untagged]
        return untagged_words(listing.source, new) if new else ""


def untagged_words(source: str, versions: Sequence[str]) -> str:
    """Return that an index lists versions without a tag: ``pypi:DIRAC: 9.2.0 has no tag``."""
    named = ", ".join(versions[-_MOST_NAMED:])
    others = len(versions) - _MOST_NAMED
    if others > 0:
        return f"{source}: {len(versions)} versions have no tag, the last: {named}"
    return f"{source}: {named} {'has' if len(versions) == 1 else 'have'} no tag"


def _with_notice(outcome: PollOutcome, note: str) -> PollOutcome:
    return replace(outcome, notice="; ".join(part for part in (outcome.notice, note) if part))
