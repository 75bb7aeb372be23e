"""Releases from tags: twins collapsed by normalized version, each with its date and where that came from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType

from bot.domain.package_index import IndexListing, IndexVersion
from bot.domain.periods.period import Period
from bot.domain.repositories import Repository
from bot.domain.tag_dates import date_of, upcoming_of
from bot.domain.tags import DateSource, Tag, TagState
from bot.domain.values import dataclass
from bot.domain.versions.base import is_floating
from bot.domain.versions.version import ReleaseKind, Version

# A release by its repository's key and its normalized version.
Key = tuple[str, str]

# Two releases of one evening may be tagged in any order, and a tag spelled anew on its next commit.
SAME_TIME = timedelta(days=1)
# Of fewer tags nothing can be said.
_FEWEST_TAGS = 5


class ReleaseState(StrEnum):
    """What became of a release: a withdrawn one is listed and not counted, a yanked one is not recommended."""

    CURRENT = "current"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    YANKED = "yanked"


@dataclass(frozen=True, slots=True)
class Release:
    """One version of one repository.

    ``date`` and ``date_source`` are None where no date of a tag that was there before the bot is believable, or
    while its forge has yet to be asked for them: such a release is in no period.
    ``order`` sorts releases of one repository by version. ``upcoming`` is when the forge
    is going to publish it, None where nothing is announced. ``is_flagged`` says that
    it is marked as a pre-release on the forge. ``first_date`` is the earliest of those that
    counted for its tags when their forge was first asked. ``yanked`` is the reason why the package index advises
    against it, an empty string where none was given, None where it does not; ``is_left_out`` says that counts leave
    such a release out. ``notes_url`` is the page with its release notes, None where none is known.
    """

    repository: str
    version: str
    normalized: str
    series: str
    kind: ReleaseKind
    order: str
    date: datetime | None
    date_source: DateSource | None
    first_seen: datetime
    backfilled: bool
    commit: str | None
    tags: tuple[str, ...]
    url: str | None
    state: ReleaseState
    is_flagged: bool = False
    upcoming: datetime | None = None
    first_date: datetime | None = None
    yanked: str | None = None
    notes_url: str | None = None
    is_left_out: bool = False

    @property
    def bounds(self) -> tuple[datetime, datetime] | None:
        """Return the moments not before and not after which it came out, None where its date is not a lower bound.

        A commit is there before its tag. So under a tag that came while its repository was watched, the date of the
        commit, or of the tag by its tagger's clock, is the earliest moment, and when it was first seen the latest.
        """
        is_bound = self.date_source in {DateSource.TAGGER, DateSource.COMMIT} and not self.backfilled
        # A tag that moved to a later commit was seen before that.
        if not is_bound or self.date is None or self.date > self.first_seen:
            return None
        return self.date, self.first_seen

    def may_cross(self, edge: datetime) -> bool:
        """Return whether it is dated before a moment, and may have come out only then or later."""
        bounds = self.bounds
        return bounds is not None and bounds[0] < edge <= bounds[1]

    @property
    def is_counted(self) -> bool:
        """Return whether counts may include it."""
        return self.state is not ReleaseState.WITHDRAWN and not self.is_left_out

    @property
    def is_recommended(self) -> bool:
        """Return whether it may be named as the latest of its series."""
        return self.state not in {ReleaseState.WITHDRAWN, ReleaseState.YANKED}


def key_of(release: Release) -> Key:
    """Return what a release is known by: its repository's key and its normalized version."""
    return release.repository, release.normalized


def came_after(release: Release, other: Release) -> bool:
    """Return whether a release came out later than another one, by more than a day; both dates have to be known."""
    return release.date is not None and other.date is not None and release.date - other.date > SAME_TIME


def releases_of(
    repository: Repository, tags: Iterable[Tag], listings: Mapping[str, IndexListing] = MappingProxyType({})
) -> list[Release]:
    """Collapse a repository's tags into its releases, in the order of versions.

    ``listings`` are what is recorded of package indexes, by project, as in ``pypi:DIRAC``.

    Twins may point to different commits, and two versions on one: only the
    normalized version decides (DIRAC's history has both).
    """
    twins: dict[str, list[Tag]] = defaultdict(list)
    versions: dict[str, Version] = {}
    for tag in tags:
        version = classify(repository, tag.name)
        if version is not None:
            twins[version.normalized].append(tag)
            versions[version.normalized] = version
    listed = listings.get(repository.index, IndexListing())
    releases = [
        _release(repository, versions[key], group, listed.find(versions[key].normalized))
        for key, group in twins.items()
    ]
    return sorted(releases, key=attrgetter("order"))


def classify(repository: Repository, tag_name: str) -> Version | None:
    """Return the version that a tag of this repository means, None if none or left out by its patterns."""
    return repository.version_of(tag_name) if repository.takes(tag_name) else None


def is_unclassified(repository: Repository, tag_name: str) -> bool:
    """Return whether a tag is let through by the patterns and read by no scheme, those of other products included."""
    return is_taken(repository, tag_name) and not is_read(repository, tag_name)


def is_taken(repository: Repository, tag_name: str) -> bool:
    """Return whether the patterns of a repository, or of another product of it, let a tag through."""
    return repository.takes(tag_name) or any(each.takes(tag_name) for each in repository.beside)


def is_read(repository: Repository, tag_name: str) -> bool:
    """Return whether a repository, or another product of it, reads a tag."""
    return any(classify(each, tag_name) is not None for each in (repository, *repository.beside))


@dataclass(frozen=True, slots=True)
class UnclassifiedTag:
    """A tag that its repository's scheme cannot read, with the date that a release would have; None where unknown."""

    name: str
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a repository's tags its rules read.

    ``considered`` tags are present and let through by its patterns; all of them are read but the ``unclassified``.
    ``upcoming`` is when the forge is going to publish the first of these, whose date is another from then on.
    """

    considered: int = 0
    unclassified: tuple[UnclassifiedTag, ...] = ()
    upcoming: datetime | None = None


def next_publication(releases: Iterable[Release], coverage: Coverage | None = None) -> datetime | None:
    """Return when the first of the announced releases and tags is going to be published, None where none is."""
    announced = [release.upcoming for release in releases]
    if coverage is not None:
        announced.append(coverage.upcoming)
    return min((upcoming for upcoming in announced if upcoming is not None), default=None)


def coverage_of(repository: Repository, tags: Iterable[Tag], releases: Iterable[Release] | None = None) -> Coverage:
    """Return how much of a repository's tags its rules read, taken over all of its products.

    ``releases`` are those that were made of the same tags, for all products: they tell which tags are read, so that
    none is read again. None where they were not made.
    """
    considered = [tag for tag in tags if tag.is_present and is_taken(repository, tag.name)]
    read = None if releases is None else {name for release in releases for name in release.tags}
    unread = [tag for tag in considered if not (is_read(repository, tag.name) if read is None else tag.name in read)]
    dated = [(tag, date_of(tag, repository.date)) for tag in unread]
    return Coverage(
        len(considered),
        tuple(UnclassifiedTag(tag.name, date[0] if date else None) for tag, date in dated),
        min((day for tag in unread if (day := upcoming_of(tag)) is not None), default=None),
    )


def unclassified_in(coverage: Coverage, period: Period) -> int:
    """Count the unclassified tags that are dated in a period, or not dated."""
    return sum(tag.date is None or tag.date in period for tag in coverage.unclassified)


def is_mostly_unread(considered: int, unclassified: int) -> bool:
    """Return whether so few of a repository's tags are read that its counts mean nothing: fewer than half of five."""
    return considered >= _FEWEST_TAGS and 2 * (considered - unclassified) < considered


# What is said of a repository whose version scheme was guessed and fits badly.
DOUBTFUL = "version scheme guessed, fits badly"


def needs_a_rule(repository: Repository, considered: int, unclassified: int) -> bool:
    """Return whether a person has to say how a repository's tags are read: most are not, or by a doubtful guess."""
    return repository.is_doubtful or is_mostly_unread(considered, unclassified)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the tags of one release show together.

    ``names`` are those of the tags that are present, or of all where none is; ``dated`` is the tag whose ``date``
    is the release's, and ``first`` the one that was seen first.
    """

    names: tuple[str, ...]
    state: ReleaseState
    dated: Tag
    date: datetime | None
    source: DateSource | None
    first: Tag
    first_date: datetime | None
    upcoming: datetime | None
    is_published: bool
    is_flagged: bool


def _release(repository: Repository, version: Version, twins: list[Tag], listed: IndexVersion | None) -> Release:
    uploaded = None if listed is None else listed.uploaded
    # Most releases have one tag, and are made by the hundred thousand.
    seen = (_seen_alone if len(twins) == 1 else _seen_together)(twins, repository.date, uploaded)
    names, state = seen.names, seen.state
    shown = repository.scheme.spell(version, names)
    yanked = None if listed is None else listed.yanked
    if yanked is not None and state is not ReleaseState.WITHDRAWN:
        state = ReleaseState.YANKED
    shown_tag = shown if shown in names else names[0]
    url = repository.url_of(shown_tag)
    return Release(
        repository=repository.key,
        version=shown,
        normalized=version.normalized,
        series=version.series,
        kind=ReleaseKind.PRE_RELEASE if seen.is_flagged and repository.trusts_flag else version.kind,
        order=repository.order_of(shown, version.order),
        date=seen.date,
        date_source=seen.source,
        first_seen=seen.first.first_seen,
        backfilled=seen.first.backfilled,
        commit=seen.dated.commit,
        tags=names,
        url=url,
        state=state,
        is_flagged=seen.is_flagged,
        upcoming=seen.upcoming,
        first_date=seen.first_date,
        yanked=yanked,
        notes_url=repository.url_of_notes(shown_tag) or (url if seen.is_published else None),
        is_left_out=state is ReleaseState.YANKED and not repository.counts_yanked,
    )


def _seen_alone(tags: list[Tag], fixed: DateSource | None, uploaded: datetime | None) -> _Seen:
    """Return what one tag shows: the same as ``_seen_together`` does, in a third of the time."""
    [tag] = tags
    date, source = date_of(tag, fixed, uploaded) or (None, None)
    details = tag.details
    is_published = details is not None and details.published is not None
    return _Seen(
        names=(tag.name,),
        state=_ALONE[tag.state],
        dated=tag,
        date=date,
        source=source,
        first=tag,
        first_date=tag.first_date,
        upcoming=upcoming_of(tag) if is_published and tag.is_present else None,
        is_published=is_published,
        is_flagged=details is not None and details.is_flagged,
    )


# A tag alone is no twin's first part.
_ALONE = {
    TagState.CURRENT: ReleaseState.CURRENT,
    TagState.MOVED: ReleaseState.MOVED,
    TagState.DELETED: ReleaseState.WITHDRAWN,
}


def _seen_together(twins: list[Tag], fixed: DateSource | None, uploaded: datetime | None) -> _Seen:
    """Return what twins show; where their dates differ, the earliest is the release's."""
    present = [tag for tag in twins if tag.is_present]
    tags = sorted(present or twins, key=lambda tag: tag.name)
    dates = [(tag, date_of(tag, fixed, uploaded)) for tag in tags]
    known = [(tag, *date) for tag, date in dates if date is not None]
    dated, date, source = min(known, key=lambda entry: entry[1]) if known else (tags[0], None, None)
    details = [tag.details for tag in tags if tag.details is not None]
    return _Seen(
        names=tuple(tag.name for tag in tags),
        state=_state(present),
        dated=dated,
        date=date,
        source=source,
        first=min(twins, key=lambda tag: tag.first_seen),
        first_date=min((tag.first_date for tag in twins if tag.first_date is not None), default=None),
        upcoming=min((day for tag in present if (day := upcoming_of(tag)) is not None), default=None),
        is_published=any(each.published is not None for each in details),
        is_flagged=any(each.is_flagged for each in details),
    )


def _state(present: list[Tag]) -> ReleaseState:
    if not present:
        return ReleaseState.WITHDRAWN
    moved = [tag.name for tag in present if tag.state is TagState.MOVED]
    if not moved:
        return ReleaseState.CURRENT
    names = [tag.name for tag in present]
    return ReleaseState.CURRENT if all(is_floating(name, names) for name in moved) else ReleaseState.MOVED
