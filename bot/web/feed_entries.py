"""The entries of feeds: one for each release, and what became of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.releases import Key, Release, ReleaseState, key_of
from bot.domain.values import dataclass
from bot.render.release_words import flagged, source_words, yanked
from bot.render.words import listed, moment_words
from bot.web.feeds import Entry
from bot.web.identities import release_urn

_SHORT_COMMIT = 10
_MOST_TAGS = 10


@dataclass(frozen=True, slots=True)
class ReleaseEntries:
    """How releases become entries.

    ``names`` are those of repositories by key, ``page`` gives the address of a release's page, ``changed`` when
    something happened to it last: its tag moved, was deleted or dated anew, or it was yanked.
    """

    names: Mapping[str, str]
    zone: ZoneInfo
    page: Callable[[Release], str]
    changed: Mapping[Key, datetime] = field(default_factory=dict)

    def of(self, releases: Iterable[Release]) -> list[Entry]:
        """Return an entry for each release."""
        return [self._entry(each) for each in releases]

    def _entry(self, release: Release) -> Entry:
        name = self.names.get(release.repository, release.repository)
        became = _became(release)
        return Entry(
            id=release_urn(key_of(release)),
            page=self.page(release),
            title=f"{name} {release.version}{f' ({became})' if became else ''}",
            updated=_updated(release, self.changed.get(key_of(release))),
            published=release.date,
            lines=tuple(_lines(release, self.zone)),
            author=name,
        )


def _updated(release: Release, changed: datetime | None) -> datetime:
    """Return when a release was new to a reader, or changed: of one that was there before the bot, its own date."""
    is_seen = release.date is None or not release.backfilled
    moments = [release.date, changed, release.first_seen if is_seen else None]
    return max(moment for moment in moments if moment is not None)


def _became(release: Release) -> str:
    match release.state:
        case ReleaseState.MOVED:
            return "tag moved"
        case ReleaseState.WITHDRAWN:
            return "withdrawn"
        case ReleaseState.YANKED:
            return "yanked"
        case _:
            return ""


def _lines(release: Release, zone: ZoneInfo) -> Sequence[str]:
    tags = listed(release.tags, _MOST_TAGS)
    source = release.date_source
    dated = "no known date"
    if release.date is not None and source is not None:
        dated = f"{moment_words(release.date, zone)} ({zone.key}; {source_words(source)})"
    return [
        "; ".join([f"{release.kind.value} release of series {release.series}", *flagged(release)]),
        dated,
        f"tag{'s' * (len(release.tags) > 1)}: {tags}",
        *([f"commit {release.commit[:_SHORT_COMMIT]}"] if release.commit else []),
        *yanked(release),
        *(["its tags were deleted"] if release.state is ReleaseState.WITHDRAWN else []),
    ]
