"""The recorded histories, written into a store as a first poll would."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.demo.recorded.history import RecordedRepository, RecordedTag, load
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord
from bot.domain.releases import coverage_of, releases_of
from bot.domain.repositories import Repository
from bot.domain.tag_dates import with_first_date
from bot.domain.tags import Tag, TagDetails, TagState
from bot.services.rebuild import rules_of
from bot.store.store import Store

SEEN = datetime(2021, 2, 22, 12, 55, tzinfo=UTC)


def a_part_of(path: str, count: int) -> RecordedRepository:
    """Load so many of a repository's tags, the last before ``SEEN``: as good as all where their number is no matter."""
    repository = load(path)
    before = sorted((tag for tag in repository.tags.values() if tag.committed < SEEN), key=lambda tag: tag.committed)
    repository.tags = {tag.name: tag for tag in before[-count:]}
    return repository


def write_history(store: Store, repository: Repository, *, seen: datetime = SEEN) -> None:
    """Write a repository's recorded history as polled at ``seen``."""
    write_tags(store, repository, [_tag(recorded, seen) for recorded in load(repository.path).tags.values()], seen=seen)


def write_tags(store: Store, repository: Repository, tags: Sequence[Tag], *, seen: datetime = SEEN) -> None:
    """Write a repository's tags as those of its first poll."""
    rules = rules_of(repository)
    mark = PollMark(at=seen, validator=None, look=PollDepth.FULL, rules=rules)
    changes = PollChanges(added=tuple(tags))
    made, coverage = releases_of(repository, tags), coverage_of(repository, tags)
    store.polls.write(RepositoryRecord(repository.key), mark, changes, made, coverage)


def _tag(recorded: RecordedTag, polled: datetime) -> Tag:
    """Make a tag as the poll saw it; those that came after it were seen when they were made."""
    seen = max(polled, recorded.tagged or recorded.committed, recorded.committed)
    tag = Tag(
        name=recorded.name,
        target=recorded.target,
        annotated=recorded.tag_object is not None,
        details=TagDetails(recorded.commit, None, recorded.tagged, recorded.committed),
        first_seen=seen,
        last_seen=seen,
        backfilled=True,
        state=TagState.CURRENT,
    )
    return with_first_date(tag)
