"""Releases from tags: twins collapsed by normalized version, each with its date and where that came from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.repositories import Repository
from bot.domain.schemes import is_floating
from bot.domain.tags import DateSource, Tag, TagState
from bot.domain.versions import ReleaseKind, Version


class ReleaseState(StrEnum):
    """What became of a release: a withdrawn one is listed and not counted."""

    CURRENT = "current"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Release:
    """One version of one repository.

    ``date`` and ``date_source`` are None while the forge has yet to be asked for the
    dates of tags that were there before the bot: such a release is in no period.
    ``order`` sorts releases of one repository by version. ``is_flagged`` says that it is
    marked as a pre-release on the forge.
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

    @property
    def is_counted(self) -> bool:
        """Whether counts may include it."""
        return self.state is not ReleaseState.WITHDRAWN


def releases_of(repository: Repository, tags: Iterable[Tag]) -> list[Release]:
    """Collapse a repository's tags into its releases, in the order of versions.

    Twins may stand on different commits, and two versions on one: only the
    normalized version decides (DIRAC's history has both).
    """
    twins: dict[str, list[Tag]] = defaultdict(list)
    versions: dict[str, Version] = {}
    for tag in tags:
        version = classify(repository, tag.name)
        if version is not None:
            twins[version.normalized].append(tag)
            versions[version.normalized] = version
    releases = [_release(repository, versions[key], group) for key, group in twins.items()]
    return sorted(releases, key=lambda release: release.order)


def classify(repository: Repository, tag_name: str) -> Version | None:
    """Give the version that a tag of this repository stands for, None if none or left out by its patterns."""
    return repository.scheme.read(tag_name) if repository.takes(tag_name) else None


def is_unclassified(repository: Repository, tag_name: str) -> bool:
    """Whether the repository's scheme cannot read a tag that its patterns let through."""
    return repository.takes(tag_name) and repository.scheme.read(tag_name) is None


def date_of(tag: Tag, fixed: DateSource | None = None) -> tuple[datetime, DateSource] | None:
    """Give a tag's date and its source: the first known of published, tagger, commit, first seen.

    A repository may fix one source, which then goes first. None for a tag that was
    there before the bot and whose dates the forge has not been asked for yet.
    """
    known = _known_dates(tag)
    if fixed is not None and fixed in known:
        return known[fixed], fixed
    return next(((known[source], source) for source in DateSource if source in known), None)


def _known_dates(tag: Tag) -> dict[DateSource, datetime]:
    dates: dict[DateSource, datetime | None] = {}
    if tag.details is not None:
        dates[DateSource.PUBLISHED] = tag.details.published
        dates[DateSource.TAGGER] = tag.details.tagger
        dates[DateSource.COMMIT] = tag.details.committed
    if tag.details is not None or not tag.backfilled:
        dates[DateSource.FIRST_SEEN] = tag.first_seen
    return {source: date for source, date in dates.items() if date is not None}


def _release(repository: Repository, version: Version, twins: list[Tag]) -> Release:
    present = [tag for tag in twins if tag.is_present]
    tags = sorted(present or twins, key=lambda tag: tag.name)
    names = tuple(tag.name for tag in tags)
    shown = repository.scheme.spell(version, names)
    dated, date, source = _earliest(tags, repository.date)
    first = min(twins, key=lambda tag: tag.first_seen)
    is_flagged = any(tag.details is not None and tag.details.is_flagged for tag in tags)
    return Release(
        repository=repository.key,
        version=shown,
        normalized=version.normalized,
        series=version.series,
        kind=ReleaseKind.PRE_RELEASE if is_flagged and repository.trusts_flag else version.kind,
        order=version.order,
        date=date,
        date_source=source,
        first_seen=first.first_seen,
        backfilled=first.backfilled,
        commit=dated.commit,
        tags=names,
        url=repository.url_of(shown if shown in names else names[0]),
        state=_state(present),
        is_flagged=is_flagged,
    )


def _earliest(tags: list[Tag], fixed: DateSource | None) -> tuple[Tag, datetime | None, DateSource | None]:
    """Find the twin with the earliest date; where twins differ, the earliest is the release's."""
    dates = [(tag, date_of(tag, fixed)) for tag in tags]
    known = [(tag, *date) for tag, date in dates if date is not None]
    return min(known, key=lambda entry: entry[1]) if known else (tags[0], None, None)


def _state(present: list[Tag]) -> ReleaseState:
    if not present:
        return ReleaseState.WITHDRAWN
    names = [tag.name for tag in present]
    moved = any(tag.state is TagState.MOVED and not is_floating(tag.name, names) for tag in present)
    return ReleaseState.MOVED if moved else ReleaseState.CURRENT
