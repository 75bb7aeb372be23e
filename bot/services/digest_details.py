"""What a digest tells beside its numbers: how these compare with the periods before, and where to look on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.counts import GroupBy
from bot.domain.digests.digest import Digest, ReleaseDetails, Trend
from bot.domain.digests.trend import periods_before
from bot.domain.filters import wanted
from bot.domain.periods.period import Period
from bot.domain.releases import Key, Release, key_of
from bot.domain.repositories import Repository

if TYPE_CHECKING:
    from bot.store.store import Store


def with_details(digest: Digest, repositories: Sequence[Repository], store: "Store") -> Digest:
    """Return a digest with the details of its new releases, and with trends where it is of a longer period."""
    with store.snapshot():
        trends = _trends(digest.period, repositories, store) if digest.whole else {}
        return replace(digest, details=_details(digest.news, repositories, store), trends=trends)


def _details(news: Sequence[Release], repositories: Sequence[Repository], store: "Store") -> dict[Key, ReleaseDetails]:
    keys = [key_of(release) for release in news]
    by_key = {repository.key: repository for repository in repositories}
    preceding, notes = store.releases.preceding(keys), store.notes.of(keys)
    details = {}
    for key, release in zip(keys, news, strict=True):
        repository, before = by_key[release.repository], preceding.get(key)
        url = None if before is None else repository.url_of_comparison(_tag_of(before), _tag_of(release))
        details[key] = ReleaseDetails(repository, notes.get(key), before.version if before else None, url)
    return details


def _tag_of(release: Release) -> str:
    return release.version if release.version in release.tags else release.tags[0]


def _trends(period: Period, repositories: Sequence[Repository], store: "Store") -> dict[str, Trend]:
    earlier = [_ordinary(each, repositories, store) for each in periods_before(period)]
    return {
        repository.key: Trend(tuple(counts.get(repository.key, 0) for counts in earlier))
        for repository in repositories
        if earlier
    }


def _ordinary(period: Period, repositories: Sequence[Repository], store: "Store") -> dict[str, int]:
    """Return the number of ordinary releases that each repository had in a period, by its key."""
    counted = wanted(repositories, (), (), since=period.start, until=period.end)
    found: dict[str, int] = {}
    for tally in store.releases.tally(counted, [GroupBy.REPOSITORY], period.zone):
        found[tally.repository] = found.get(tally.repository, 0) + tally.count
    return found
