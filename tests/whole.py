"""Everything that a store holds of repositories, read whole: what digests were made of, and are compared with."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from types import MappingProxyType
from typing import TypeVar

import sqlalchemy as sa

from bot.domain.certification.certification import Plan
from bot.domain.digests.compose import Numbers, Observed
from bot.domain.digests.news import Mention
from bot.domain.filters import KindWord, matcher, uncertain, wanted
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import coverage_of, key_of, unclassified_in
from bot.domain.repositories import Repository
from bot.domain.twins import twins_apart
from bot.store.schema import digest_releases
from bot.store.store import Store

_T = TypeVar("_T")


def completed(observed: Observed, period: Period, as_of: AsOf) -> Observed:
    """Let all releases lead, and count the tags, where an observation has all of them."""
    coverage = coverage_of(observed.repository, observed.tags)
    numbers = Numbers(
        undated=sum(release.is_counted and release.date is None for release in observed.releases),
        undetailed=sum(tag.is_present and tag.details is None for tag in observed.tags),
        considered=coverage.considered,
        unclassified=len(coverage.unclassified),
        unclassified_inside=unclassified_in(coverage, period.until(as_of.end)),
    )
    end = min(period.end.astimezone(UTC), as_of.end.astimezone(UTC))
    asked = wanted([observed.repository], (KindWord.ALL,), (), since=period.start, until=end)
    is_wanted = matcher(replace(asked, since=None))
    tags = {tag.name: tag for tag in observed.tags}
    return replace(
        observed,
        leading=observed.releases,
        numbers=numbers,
        at_edges=uncertain(0, (each for each in observed.releases if each.date and is_wanted(each)), asked).at_edges,
        apart=frozenset(
            key_of(release)
            for release in observed.releases
            if twins_apart(tags[name] for name in release.tags if name in tags) is not None
        ),
    )


def observe_whole(
    repositories: Sequence[Repository],
    store: Store,
    plans: Sequence[Plan] = (),
    unchecked: Container[str] = frozenset(),
    *,
    seen: Mapping[str, int] = MappingProxyType({}),
) -> list[Observed]:
    """Read all that is known of the repositories, in their order, with the plans that are theirs."""
    keys = [repository.key for repository in repositories]
    records = store.tags.records(keys)
    releases = _grouped((release.repository, release) for release in store.releases.of(keys, undated=True))
    tags = _grouped(store.tags.of(keys))
    events = _grouped(store.tags.events([key for key in keys if key not in seen]))
    arrivals = store.tags.arrivals(keys, seen)
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
            read_at=store.clock.read(),
        )
        for repository, record in zip(repositories, records, strict=True)
    ]


def every_mention(store: Store, name: str, channel: str) -> list[Mention]:
    """Read what the digests of a name made for a channel did with any release, in the order of the digests."""
    with store.database.reading() as connection:
        query = sa.select(digest_releases.c.repository, digest_releases.c.normalized).distinct()
        keys = [(row.repository, row.normalized) for row in connection.execute(query)]
    return store.digests.mentions(name, channel, keys)


def _grouped(pairs: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    groups: dict[str, list[_T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
