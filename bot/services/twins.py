"""Which releases carry tags on commits that lie days apart, found from the tags of these releases alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from bot.domain.releases import Key, Release
from bot.domain.tags import Tag
from bot.domain.twins import twins_apart

Apart = Mapping[Key, timedelta]


class NamedTags(Protocol):
    """What tags are read from: those of the store, or what was known of them at an earlier moment."""

    def named(self, names: Iterable[tuple[str, str]]) -> list[tuple[str, Tag]]:
        """Read tags by repository and name; those that are not there are left out."""
        ...


def apart_of(releases: Iterable[Release], tags: NamedTags) -> Apart:
    """Return which releases have twins on commits more than a day apart, and how far; reads nothing without twins."""
    version = {
        (release.repository, name): release.normalized
        for release in releases
        if len(release.tags) > 1
        for name in release.tags
    }
    twins: dict[Key, list[Tag]] = defaultdict(list)
    for repository, tag in tags.named(version) if version else []:
        twins[repository, version[repository, tag.name]].append(tag)
    found = {key: twins_apart(each) for key, each in twins.items()}
    return {key: apart for key, apart in found.items() if apart is not None}
