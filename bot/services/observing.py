"""Observing: what is known of repositories, now or as it was known at an earlier moment."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from bot.domain.certifications import Plan
from bot.domain.composing import Observed
from bot.domain.periods import Period
from bot.domain.polls import as_known_at
from bot.domain.releases import Release, classify, coverage_of, is_unclassified, releases_of, unclassified_in
from bot.domain.repositories import Repository
from bot.domain.tag_dates import Doubt, date_of, doubts_of
from bot.domain.tags import DateSource, Tag
from bot.services.ports import Store

_T = TypeVar("_T")


def observe(
    repositories: Sequence[Repository],
    store: Store,
    plans: Sequence[Plan] = (),
    unchecked: Container[str] = frozenset(),
    *,
    seen: Mapping[str, int] = MappingProxyType({}),
) -> list[Observed]:
    """Gather all that is known of the repositories, in their order, with the plans that are theirs.

    ``unchecked`` are the keys of those that could not be polled in time for this,
    ``seen`` the revisions of their records that an earlier digest was made from.
    """
    keys = [repository.key for repository in repositories]
    # Read first: what comes between this and the rest is then seen again by the next digest, and not passed over.
    records = store.records(keys)
    releases = _grouped((release.repository, release) for release in store.releases(keys, undated=True))
    tags = _grouped(store.tags(keys))
    # Where an earlier digest kept what it saw, the events since are among the arrivals.
    events = _grouped(store.events([key for key in keys if key not in seen]))
    arrivals = store.arrivals(keys, seen)
    read_at = store.clock()
    return [
        Observed(
            repository=repository,
            releases=releases[repository.key],
            tags=tags[repository.key],
            events=events[repository.key],
            plans=[plan for plan in plans if plan.repository == repository.key],
            polled_at=record.polled_at,
            error=record.error,
            failing_since=record.failing_since,
            renamed=record.renamed,
            is_checked=repository.key not in unchecked,
            undated_because=record.undated_because,
            arrivals=replace(arrivals[repository.key], revision=record.revision),
            read_at=read_at,
        )
        for repository, record in zip(repositories, records, strict=True)
    ]


def releases_known_at(repositories: Sequence[Repository], store: Store, known_at: datetime) -> list[Release]:
    """Make the releases from what had been seen by ``known_at`` only."""
    known = _tags_known_at(repositories, store, known_at)
    return [release for repository, tags in known for release in releases_of(repository, tags)]


def unclassified_known_at(repositories: Sequence[Repository], store: Store, period: Period, known_at: datetime) -> int:
    """Count the unclassified tags seen by ``known_at`` that are dated in a period, or not dated."""
    known = _tags_known_at(repositories, store, known_at)
    return sum(unclassified_in(coverage_of(repository, tags), period) for repository, tags in known)


def _tags_known_at(
    repositories: Sequence[Repository], store: Store, known_at: datetime
) -> list[tuple[Repository, list[Tag]]]:
    keys = [repository.key for repository in repositories]
    tags = _grouped(store.tags(keys))
    later = _grouped(store.events(keys, after=known_at))
    return [(each, as_known_at(tags[each.key], later[each.key], known_at)) for each in repositories]


def _grouped(pairs: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    groups: dict[str, list[_T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


@dataclass(frozen=True, slots=True)
class ObservedTag:
    """A tag with its repository, the release that it stands for, and the date that counts, None where none does.

    ``version`` is None for a tag that stands for none: because the scheme cannot
    read it (``is_unclassified``), or because the patterns leave it out. ``doubts`` are its
    dates that are not believed.
    """

    repository: str
    tag: Tag
    version: str | None
    is_unclassified: bool
    dated: tuple[datetime, DateSource] | None
    doubts: Mapping[DateSource, Doubt]


def observed_tags(repositories: Sequence[Repository], store: Store) -> list[ObservedTag]:
    """List every tag ever seen, by repository as asked, then name."""
    watched = {repository.key: repository for repository in repositories}
    shown = {(r.repository, r.normalized): r.version for r in store.releases(watched, undated=True)}
    seen = []
    for key, tag in store.tags(watched):
        version = classify(watched[key], tag.name)
        shown_as = None if version is None else shown.get((key, version.normalized), tag.name)
        is_unread, dated = is_unclassified(watched[key], tag.name), date_of(tag, watched[key].date)
        seen.append(ObservedTag(key, tag, shown_as, is_unread, dated, doubts_of(tag)))
    return seen
