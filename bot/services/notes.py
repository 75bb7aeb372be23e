"""Release notes: read after the tags, in the same poll, for releases that came while their repository was watched."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from bot.domain.notes.formats import FORMATS, RELEASE_TEXT
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.releases import Release, ReleaseState, key_of
from bot.domain.repositories import Repository, source_of
from bot.domain.tags import Tag
from bot.domain.values import dataclass
from bot.services.poll import PollOutcome, with_more_of
from bot.services.ports import Forge, ForgeError, NotesRequest, RateLimited

if TYPE_CHECKING:
    from bot.store.store import Store

# Those of older releases were there before notes were read, or their forge never had any.
_RECENT = timedelta(days=7)
# So many in one poll of a repository; the others follow.
_MOST_AT_ONCE = 20
_LATER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class NotesReader:
    """Reads the notes of releases from their forges, and records them."""

    forges: Mapping[str, Forge]
    store: "Store"
    now: Callable[[], datetime]

    def after(
        self, outcomes: Iterable[PollOutcome], repositories: Sequence[Repository], stop: Event | None = None
    ) -> Iterator[PollOutcome]:
        """Yield the outcomes of a poll, and then those of repositories whose new releases' notes are read.

        Notes that cannot be read are a notice of the outcome: the tags are recorded all the same. Once ``stop`` is
        set, no more notes are requested.
        """
        waiting = self.waiting()
        entries = {repository.source: repository for repository in repositories}

        def is_wanted(outcome: PollOutcome) -> bool:
            return outcome.repository in entries and (outcome.status == "ok" or outcome.repository in waiting)

        def read(outcome: PollOutcome) -> PollOutcome:
            return self.read(outcome, entries[outcome.repository], stop)

        return with_more_of(is_wanted, outcomes, read)

    def waiting(self) -> frozenset[str]:
        """Return the sources of the repositories with notes that are due to be tried again."""
        return frozenset(source_of(each.repository) for each in self.store.notes.waiting() if each.is_due(self.now()))

    def fetch(self, repository: Repository, release: Release) -> tuple[NotesRecord, ForgeError | None]:
        """Read the notes of one release now, whatever was recorded, and record them; give the error too."""
        record = self.store.notes.of([key_of(release)]).get(key_of(release), NotesRecord(*key_of(release)))
        tags = self.store.tags.record(repository.source).tags
        record, _, error = self._fetched(repository, release, _tag_of(release, tags), record)
        return record, error

    def read(self, outcome: PollOutcome, repository: Repository, stop: Event | None = None) -> PollOutcome:
        """Read the notes of a repository that are due; return the outcome of its poll with what that cost and failed.

        Once ``stop`` is set, no more notes are requested.
        """
        tags = self.store.tags.record(repository.source).tags
        wanted = [
            (entry, release, tag, record)
            for entry, release, record in self._wanted(repository)
            if (tag := _tag_of(release, tags)) is not None and (entry.notes or _is_published(tag))
        ]
        error: ForgeError | None = None
        for place, (entry, release, tag, record) in enumerate(wanted):
            # A forge in trouble is left alone, and the most are read at later polls.
            if error is not None or place >= _MOST_AT_ONCE or (stop is not None and stop.is_set()):
                until = self.now() if error is None else self.now() + _LATER
                self.store.notes.write(record.postponed(until, record.error))
                continue
            _, requests, error = self._fetched(entry, release, tag, record)
            outcome = replace(outcome, requests=outcome.requests + requests)
            if error is not None:
                note = f"cannot read the release notes of {release.version}: {error.what}"
                outcome = replace(outcome, notice="; ".join(part for part in (outcome.notice, note) if part))
        return outcome

    def _wanted(self, repository: Repository) -> Iterator[tuple[Repository, Release, NotesRecord]]:
        """Yield the releases whose notes are due: new ones without a record, and those to be tried again.

        The newest version comes first, after it those that failed before: none keeps the others from being read.
        """
        at = self.now()
        entries = {entry.key: entry for entry in repository.readers}
        waiting = [each for each in self.store.notes.waiting() if each.repository in entries]
        new = self.store.releases.seen_since(entries, at - _RECENT)
        again = self.store.releases.versions((each.repository, each.normalized) for each in waiting)
        releases = {key_of(release): release for release in (*new, *again)}
        records = self.store.notes.of(releases.keys())
        newest_first = sorted(releases.values(), key=lambda release: release.order, reverse=True)
        held = [(release, records.get(key_of(release)) or NotesRecord(*key_of(release))) for release in newest_first]
        for release, record in sorted(held, key=lambda each: each[1].tries):
            is_wanted = key_of(release) not in records or record.is_due(at)
            if is_wanted and release.state is not ReleaseState.WITHDRAWN:
                yield entries[release.repository], release, record

    def _fetched(
        self, repository: Repository, release: Release, tag: Tag | None, record: NotesRecord
    ) -> tuple[NotesRecord, int, ForgeError | None]:
        """Ask the forge once, and record what it says; return that, the number of requests, and the error."""
        if tag is None:
            record = record.found(NotesSource.NONE, "", "", self.now())
            self.store.notes.write(record)
            return record, 0, None
        file = repository.notes.path if repository.notes else ""
        commit = tag.details.commit if tag.details else None
        answer = self.forges[repository.forge].notes(NotesRequest(repository.path, tag.name, tag.target, commit, file))
        if isinstance(answer.error, RateLimited):
            record = record.postponed(answer.error.retry_at or self.now() + _LATER, answer.error.what)
        elif answer.error is not None:
            record = record.failed(answer.error.what, self.now())
        else:
            name = repository.notes.format if repository.notes else RELEASE_TEXT
            block = FORMATS[name].block(answer.text or "", release.normalized, repository.scheme)
            source = NotesSource.FILE if repository.notes else NotesSource.RELEASE
            record = record.found(source, name, block, self.now())
        self.store.notes.write(record)
        return record, answer.requests, answer.error


def _tag_of(release: Release, tags: Mapping[str, Tag]) -> Tag | None:
    """Return the tag to ask for: of twins the one with the forge's release, else the first that is there."""
    present = [tags[name] for name in release.tags if name in tags and tags[name].is_present]
    return next((tag for tag in present if _is_published(tag)), present[0] if present else None)


def _is_published(tag: Tag) -> bool:
    """Return whether the forge has a release of a tag, as far as is known: one that follows the tag is read then."""
    return tag.details is not None and tag.details.published is not None
