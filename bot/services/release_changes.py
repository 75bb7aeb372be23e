"""When something last became of releases: a tag moved, vanished or came back, or the package index yanked them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.package_index import IndexListing, version_key
from bot.domain.releases import Key, classify
from bot.domain.repositories import Repository
from bot.domain.tags import TagEvent, TagEventKind
from bot.domain.versions.base import is_floating

if TYPE_CHECKING:
    from bot.store.store import Store

Changes = Mapping[Key, datetime]


def last_changes(
    repositories: Sequence[Repository], store: "Store", until: datetime, *, after: datetime | None = None
) -> Changes:
    """Return when something last became of each release of repositories that anything became of, by its key.

    That is up to ``until``, and later than ``after``. A date that was corrected is no such change.
    """
    found: dict[Key, datetime] = {}
    for key, at in (*_of_tags(repositories, store, after), *_of_indexes(repositories, store)):
        if at <= until and (after is None or at > after):
            found[key] = max(at, found.get(key, at))
    return found


def _of_tags(
    repositories: Sequence[Repository], store: "Store", after: datetime | None
) -> Iterator[tuple[Key, datetime]]:
    by_key = {each.key: each for each in repositories}
    events: dict[Key, list[TagEvent]] = defaultdict(list)
    for key, event in store.tags.events(by_key, after=after):
        version = classify(by_key[key], event.before.name)
        if version is not None and event.kind is not TagEventKind.REDATED:
            events[key, version.normalized].append(event)
    tags = {(each.repository, each.normalized): each.tags for each in store.releases.versions(events)}
    for release, made in events.items():
        yield from ((release, each.at) for each in made if not _follows_releases(each, tags.get(release, ())))


def _follows_releases(event: TagEvent, names: Iterable[str]) -> bool:
    """Return whether a tag moved that always follows the newest release, such as ``v4``."""
    return event.kind is TagEventKind.MOVED and is_floating(event.before.name, names)


def _of_indexes(repositories: Sequence[Repository], store: "Store") -> Iterator[tuple[Key, datetime]]:
    indexed = [each for each in repositories if each.index]
    listings = store.tags.listings({each.source for each in indexed}) if indexed else {}
    for each in indexed:
        listing = listings.get(each.source, {}).get(each.index)
        yanked = _yanked_since(listing) if listing else {}
        for release in store.releases.of([each.key]) if yanked else ():
            at = yanked.get(version_key(release.normalized) or "")
            if at is not None:
                yield (each.key, release.normalized), at


def _yanked_since(listing: IndexListing) -> dict[str, datetime]:
    """Return when versions were yanked, without those that already were when the bot first saw them."""
    versions = listing.versions.items()
    return {key: each.yanked_at for key, each in versions if each.yanked_at and each.yanked_at > each.seen_at}
