"""Observing: what is known of repositories, now or as it was known at an earlier moment."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from bot.domain.certification.certification import Plan
from bot.domain.digests.compose import LIVING, Numbers, Observed, known_at
from bot.domain.digests.news import Arrivals, Audience
from bot.domain.filters import KindWord, ReleaseRule, Wanted, wanted
from bot.domain.package_index import IndexListing
from bot.domain.periods.period import AsOf, Period
from bot.domain.polling.record import RepositoryRecord
from bot.domain.releases import Key, Release, classify, is_read, is_unclassified, key_of
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.series_status import marked_series
from bot.domain.tag_dates import Doubt, date_of, doubts_of
from bot.domain.tags import DateSource, Tag, TagEvent, TagEventKind
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind
from bot.services.twins import apart_of

if TYPE_CHECKING:
    from bot.store.store import Store

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a digest of ``repositories`` is about, and what earlier ones of the same audience left to it.

    It is of ``period``, seen from ``as_of``. What ``audience`` was told of releases is not needed. ``seen`` are the
    revisions of records that the previous digest was made from, ``left`` the releases that earlier ones left over or
    named with another date. ``unchecked`` are the keys of repositories that could not be polled in time.
    """

    repositories: Sequence[Repository]
    period: Period
    as_of: AsOf
    made_at: datetime
    audience: Audience
    plans: Sequence[Plan] = ()
    unchecked: Container[str] = frozenset()
    seen: Mapping[str, int] = field(default_factory=dict)
    left: Collection[Key] = ()

    @property
    def keys(self) -> list[str]:
        """The keys of the repositories."""
        return [repository.key for repository in self.repositories]

    @property
    def unseen(self) -> list[str]:
        """The keys of the repositories that the previous digest did not look at."""
        return [key for key in self.keys if key not in self.seen]

    @property
    def end(self) -> datetime:
        """Until when it reports, in UTC."""
        return min(self.period.end.astimezone(UTC), self.as_of.end.astimezone(UTC))


def observe(scope: Scope, store: "Store") -> list[Observed]:
    """Read what a digest needs of its repositories, in their order, as one state of the store."""
    with store.snapshot():
        keys = scope.keys
        shares = _Shares.of(scope.repositories)
        records = [shares.record(each) for each in store.tags.records(keys)]
        arrivals = {key: shares.arrivals(key, each) for key, each in store.tags.arrivals(keys, scope.seen).items()}
        found = store.tags.events(scope.unseen, after=scope.audience.last_made or scope.period.start)
        events = _grouped((key, event) for key, event in found if shares.has(key, event.before.name))
        happened = {key: arrivals[key].events or events[key] for key in keys}
        releases = _read_releases(scope, store, arrivals, happened)
        tags = _read_tags(scope, store, arrivals, happened, releases)
        leading = _grouped(
            _by_key(store.releases.leading_of_living(keys, since=scope.end - LIVING, until=scope.as_of.end))
        )
        undated = store.releases.undated_of(keys)
        unclassified = store.releases.unclassified(keys, scope.period.start, scope.end)
        edges = wanted(scope.repositories, (KindWord.ALL,), (), since=scope.period.start, until=scope.end)
        at_edges = _grouped(_by_key(store.releases.uncertain(edges).at_edges))
        named = [each for groups in (releases, leading, at_edges) for group in groups.values() for each in group]
        apart = apart_of(named, store.tags)
        marked = marked_series(scope.repositories, store.series.changes(), scope.as_of.end)
        read_at = store.clock.read()
    return [
        Observed(
            repository=repository,
            releases=releases[repository.key],
            leading=leading[repository.key],
            tags=tags[repository.key],
            events=events[repository.key],
            plans=[plan for plan in scope.plans if plan.repository == repository.key],
            polled_at=record.polled_at,
            error=record.error,
            failing_since=record.failing_since,
            renamed=record.renamed,
            is_checked=repository.key not in scope.unchecked,
            undated_because=record.undated_because,
            numbers=Numbers(
                undated=undated.get(repository.key, 0),
                undetailed=record.undetailed_count,
                considered=record.considered_count,
                unclassified=record.unclassified_count,
                unclassified_inside=unclassified.get(repository.key, 0),
            ),
            arrivals=replace(arrivals[repository.key], revision=record.revision),
            read_at=read_at,
            statuses={each.series: each.status for each in marked.values() if each.repository == repository.key},
            at_edges=at_edges[repository.key],
            apart=frozenset(key for key in apart if key[0] == repository.key),
        )
        for repository, record in zip(scope.repositories, records, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Shares:
    """What each product of a repository has of what they share; ``speaking`` are the keys of the first of each.

    The first one speaks for the tags that no product reads, and for the polls.
    """

    watched: Mapping[str, Repository]
    speaking: frozenset[str]

    @classmethod
    def of(cls, repositories: Sequence[Repository]) -> "_Shares":
        """Return the shares of the repositories."""
        speaking = frozenset(each.key for each in one_of_each_source(repositories))
        return cls({each.key: each for each in repositories}, speaking)

    def has(self, key: str, tag_name: str) -> bool:
        """Return whether an entry reads a tag, or speaks for it."""
        repository = self.watched[key]
        if not repository.beside or classify(repository, tag_name) is not None:
            return True
        return key in self.speaking and not is_read(repository, tag_name)

    def record(self, record: RepositoryRecord) -> RepositoryRecord:
        """Return a record without what the entry that speaks tells."""
        if record.repository in self.speaking:
            return record
        spoken = replace(record, renamed="", undated_because="")
        return replace(spoken, undetailed_count=0, considered_count=0, unclassified_count=0)

    def arrivals(self, key: str, arrivals: Arrivals) -> Arrivals:
        """Return what arrived, with the entry's tags and their events alone."""
        if arrivals.events is None or arrivals.tags is None:
            return arrivals
        return replace(
            arrivals,
            tags=frozenset(name for name in arrivals.tags if self.has(key, name)),
            events=tuple(each for each in arrivals.events if self.has(key, each.before.name)),
        )


def _read_releases(
    scope: Scope, store: "Store", arrivals: Mapping[str, Arrivals], happened: Mapping[str, Sequence[TagEvent]]
) -> dict[str, list[Release]]:
    """Read the releases that a digest may count or name, by repository, in order of version."""
    keys, period, previous = scope.keys, scope.period, scope.audience.previous
    later = scope.end if previous is None else min(scope.end, previous.until)
    found = [*store.releases.of(keys, since=period.start, until=period.end), *store.releases.dated_since(keys, later)]
    if previous is not None:
        found += store.releases.seen_since(scope.unseen, previous.observed_at)
    elif period.start is not None:
        found += store.releases.seen_since(keys, period.start)
    watched = {repository.key: repository for repository in scope.repositories}
    asked = {key for key in scope.left if key[0] in watched}
    asked |= {(key, name) for key in keys for name in arrivals[key].releases or ()}
    asked |= {(key, name) for key in keys for name in _versions_of(watched[key], happened[key])}
    found += store.releases.versions(asked)
    for plan in (plan for plan in scope.plans if plan.repository in watched):
        of_series = ReleaseRule((plan.repository,), frozenset(ReleaseKind), frozenset({plan.series}))
        found += store.releases.newest(
            Wanted((plan.repository,), (of_series,), None, known_at(scope.as_of, scope.made_at).end)
        )
    each = {key_of(release): release for release in found}.values()
    return _grouped(_by_key(sorted(each, key=lambda release: (release.order, release.normalized))))


def _versions_of(repository: Repository, events: Iterable[TagEvent]) -> set[str]:
    """Return the normalized versions of the tags of events."""
    read = (classify(repository, event.before.name) for event in events)
    return {version.normalized for version in read if version is not None}


def _read_tags(
    scope: Scope,
    store: "Store",
    arrivals: Mapping[str, Arrivals],
    happened: Mapping[str, Sequence[TagEvent]],
    releases: Mapping[str, Sequence[Release]],
) -> dict[str, list[Tag]]:
    """Read the unclassified tags that may be new, and the tags needed to tell a floating tag from one that moved."""
    speaking = [each.key for each in one_of_each_source(scope.repositories) if each.key not in scope.seen]
    asked: set[tuple[str, str]] = set(store.releases.unclassified_names(speaking))
    commits: set[tuple[str, str]] = set()
    for repository in scope.repositories:
        key = repository.key
        asked |= {(key, name) for name in arrivals[key].tags or () if is_unclassified(repository, name)}
        moved = [event for event in happened[key] if event.kind is TagEventKind.MOVED]
        commits |= {(key, event.to_commit) for event in moved if event.to_commit is not None}
        versions = _versions_of(repository, moved)
        asked |= {(key, event.before.name) for event in moved}
        asked |= {(key, name) for release in releases[key] if release.normalized in versions for name in release.tags}
    found = {(key, tag.name): tag for key, tag in (*store.tags.named(asked), *store.tags.on(commits))}
    return _grouped((key, tag) for (key, _), tag in sorted(found.items()))


def _by_key(releases: Iterable[Release]) -> Iterator[tuple[str, Release]]:
    return ((release.repository, release) for release in releases)


def _grouped(pairs: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    groups: dict[str, list[_T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


@dataclass(frozen=True, slots=True)
class ObservedTag:
    """A tag with its repository, its release, and the date that counts with its source (None without one).

    ``version`` is None for a tag without a release: the scheme does not match it
    (``is_unclassified``), or the patterns exclude it. ``doubts`` maps each implausible date's
    source to the reason. ``uploaded`` is when the package index got its release.
    """

    repository: str
    tag: Tag
    version: str | None
    is_unclassified: bool
    dated: tuple[datetime, DateSource] | None
    doubts: Mapping[DateSource, Doubt]
    uploaded: datetime | None = None


def observed_tags(repositories: Sequence[Repository], store: "Store") -> list[ObservedTag]:
    """List every tag ever seen, by repository as asked, then name; the release of a product comes with its name."""
    watched = {repository.source: repository for repository in one_of_each_source(repositories)}
    readers = [each for repository in watched.values() for each in repository.readers]
    shown = {(r.repository, r.normalized): r.version for r in store.releases.of([e.key for e in readers], undated=True)}
    return _observed(store.tags.of(watched), watched, shown, store)


def observed_tags_named(repository: Repository, names: Iterable[str], store: "Store") -> list[ObservedTag]:
    """List the tags of a repository that have these names, by name."""
    named = sorted(store.tags.named((repository.source, name) for name in names), key=lambda pair: pair[1].name)
    read = [(each, classify(each, tag.name)) for _, tag in named for each in repository.readers]
    asked = {(each.key, version.normalized) for each, version in read if version is not None}
    shown = {key_of(release): release.version for release in store.releases.versions(asked)}
    return _observed(named, {repository.source: repository}, shown, store)


def observed_tags_of(repository: Repository, release: Release, store: "Store") -> list[ObservedTag]:
    """List the tags that a release of a repository or product was ever seen under, by name."""
    happened = [event.before.name for _, event in store.tags.events([repository.source])]
    former = {name for name in happened if _is_version_of(repository, name, release)}
    named = store.tags.named((repository.source, name) for name in {*release.tags, *former})
    shown = {(repository.key, release.normalized): release.version}
    ordered = sorted(named, key=lambda pair: pair[1].name)
    return _observed(ordered, {repository.source: repository}, shown, store)


def _is_version_of(repository: Repository, tag_name: str, release: Release) -> bool:
    version = classify(repository, tag_name)
    return version is not None and version.normalized == release.normalized


def _observed(
    tags: Iterable[tuple[str, Tag]],
    watched: Mapping[str, Repository],
    shown: Mapping[tuple[str, str], str],
    store: "Store",
) -> list[ObservedTag]:
    readers = [each for repository in watched.values() for each in repository.readers]
    listings = store.tags.listings({each.source for each in readers if each.index})
    seen = []
    for key, tag in tags:
        reader = next((each for each in watched[key].readers if classify(each, tag.name) is not None), watched[key])
        uploaded = _uploaded(reader, tag.name, listings.get(key, {}))
        shown_as = _shown(reader, tag.name, shown)
        is_unread, dated = is_unclassified(reader, tag.name), date_of(tag, reader.date, uploaded)
        seen.append(ObservedTag(key, tag, shown_as, is_unread, dated, doubts_of(tag, uploaded), uploaded))
    return seen


def _uploaded(repository: Repository, tag_name: str, listings: Mapping[str, IndexListing]) -> datetime | None:
    """Return when the version of a tag was uploaded to the repository's package index, None if it was not."""
    version = classify(repository, tag_name)
    listed = None if version is None else listings.get(repository.index, IndexListing()).find(version.normalized)
    return None if listed is None else listed.uploaded


def _shown(repository: Repository, tag_name: str, shown: Mapping[tuple[str, str], str]) -> str | None:
    """Return the version of a tag as its release is shown, after ``#PRODUCT`` if it is of one; None without one."""
    version = classify(repository, tag_name)
    if version is None:
        return None
    release = shown.get((repository.key, version.normalized), tag_name)
    return f"#{repository.product} {release}" if repository.product else release
