"""What happened to tags and releases in an interval beside what came out: late, moved, withdrawn, yanked."""

from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.package_index import IndexListing, version_key
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release, ReleaseState, classify, key_of
from bot.domain.tags import TagEvent, TagEventKind
from bot.domain.values import dataclass
from bot.queries.base import Answer, QueryContext, Result
from bot.queries.selection import Selection
from bot.render.json_form import moment_json, period_json, releases_json
from bot.render.markup import Markup
from bot.render.words import interval, plural


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to a tag, and the version that it stands for, None where it stands for none."""

    repository: str
    event: TagEvent
    version: str | None


@dataclass(frozen=True, slots=True)
class Happenings(Result):
    """What happened in a period: ``late`` releases are dated before it, and were first seen in it."""

    period: Period
    as_of: AsOf
    late: Sequence[Release]
    moved: Sequence[Happened]
    withdrawn: Sequence[Happened]
    yanked: Sequence[Release]

    def answer(self, markup: Markup) -> Answer:
        """Return how many there are of each."""
        counts = (
            f"{plural(len(self.late), 'release')} late",
            f"{plural(len(self.moved), 'tag')} moved",
            f"{plural(len(self.withdrawn), 'tag')} deleted",
            f"{plural(len(self.yanked), 'release')} yanked",
        )
        return Answer(f"{', '.join(counts)}, {markup.plain(interval(self.period))}")

    def data(self) -> Any:
        """Return all of it."""
        zone = self.period.zone
        return {
            "period": period_json(self.period),
            "late": releases_json(self.late, zone),
            "moved": [_event_json(each, zone) for each in self.moved],
            "withdrawn": [_event_json(each, zone) for each in self.withdrawn],
            "yanked": releases_json(self.yanked, zone),
        }


def happenings(found: Selection, context: QueryContext) -> Happenings:
    """Find what happened in the interval of a selection, in its repositories, to releases of any kind."""
    period = found.period.until(context.as_of.end)
    keys = [each.key for each in found.repositories]
    events = _events(found, context, period)
    return Happenings(
        period,
        context.as_of,
        _late(keys, context, period),
        [each for each in events if each.event.kind is TagEventKind.MOVED],
        [each for each in events if each.event.kind is TagEventKind.DELETED],
        _yanked(found, context, period),
    )


def _late(keys: Sequence[str], context: QueryContext, period: Period) -> list[Release]:
    if period.start is None:
        return []
    start, end = period.start.astimezone(UTC), period.end.astimezone(UTC)
    seen = context.store.releases.seen_since(keys, start)
    late = [each for each in seen if each.date is not None and each.date < start and each.first_seen < end]
    return _newest_first(each for each in late if each.is_counted)


def _events(found: Selection, context: QueryContext, period: Period) -> list[Happened]:
    repositories = {each.key: each for each in found.repositories}
    events = context.store.tags.events(repositories, after=period.start)
    inside = [(key, event) for key, event in events if event.at in period]
    happened = []
    for key, event in reversed(inside):
        version = classify(repositories[key], event.before.name)
        # A product tells of its own tags alone.
        if version is not None or not repositories[key].product:
            happened.append(Happened(key, event, version.normalized if version else None))
    return happened


def _yanked(found: Selection, context: QueryContext, period: Period) -> list[Release]:
    """Find the releases of which the index was first seen to have yanked all files within the period."""
    indexed = [each for each in found.repositories if each.index]
    if not indexed:
        return []
    listings = context.store.tags.listings({each.source for each in indexed})
    keys = {
        (each.key, name)
        for each in indexed
        for name, listed in listings.get(each.source, {}).get(each.index, IndexListing()).versions.items()
        if listed.yanked_at is not None and listed.yanked_at in period
    }
    if not keys:
        return []
    held = context.store.releases.of([each.key for each in indexed], undated=True)
    return _newest_first(each for each in held if each.state is ReleaseState.YANKED and _is_among(each, keys))


def _is_among(release: Release, keys: Container[tuple[str, str]]) -> bool:
    key = version_key(release.normalized)
    return key is not None and (release.repository, key) in keys


def _newest_first(releases: Iterable[Release]) -> list[Release]:
    beginning = datetime(1, 1, 1, tzinfo=UTC)
    return sorted(releases, key=lambda each: (each.date or beginning, key_of(each)), reverse=True)


def _event_json(happened: Happened, zone: ZoneInfo) -> dict[str, Any]:
    event = happened.event
    return {
        "repository": happened.repository,
        "tag": event.before.name,
        "version": happened.version,
        "at": moment_json(event.at, zone),
        "from": event.before.commit or event.before.target,
        "to": event.to_commit or event.to_target,
    }
