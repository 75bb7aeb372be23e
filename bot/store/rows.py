"""Rows of tags, events and releases, made of values and read as values."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bot.domain.releases import Release, ReleaseState
from bot.domain.tags import DateSource, Tag, TagDetails, TagEvent, TagEventKind, TagState
from bot.domain.versions.version import ReleaseKind
from bot.store.schema import releases, repositories

Row = sa.Row[*tuple[Any, ...]]
Values = dict[str, Any]

# Looked up by the hundred thousand: calling the class takes four times as long.
_TAG_STATES = {state.value: state for state in TagState}
# A yanked release that counts leave out has a state of its own here: it is counted by the states in an index.
LEFT_OUT = "left_out"
_RELEASE_STATES = {state.value: state for state in ReleaseState} | {LEFT_OUT: ReleaseState.YANKED}
KINDS = {kind.value: kind for kind in ReleaseKind}
_SOURCES: dict[str | None, DateSource | None] = {None: None} | {source.value: source for source in DateSource}

# Tags and releases are read by the hundred thousand: taken apart in the order of these
# columns they are read in little more than half the time that asking for each by name takes.
OF_A_TAG = (
    "name",
    "target",
    "annotated",
    "detailed",
    "commit",
    "published",
    "tagger",
    "committed",
    "first_seen",
    "last_seen",
    "backfilled",
    "state",
    "is_flagged",
    "moved_at",
    "first_date",
)
OF_A_RELEASE = (
    repositories.c.key,
    releases.c.version,
    releases.c.normalized,
    releases.c.series,
    releases.c.kind,
    releases.c.order_key,
    releases.c.date,
    releases.c.date_source,
    releases.c.first_seen,
    releases.c.backfilled,
    releases.c.commit,
    releases.c.tags,
    releases.c.url,
    releases.c.state,
    releases.c.is_flagged,
    releases.c.upcoming,
    releases.c.first_date,
    releases.c.yanked,
    releases.c.notes_url,
)


def tag_values(tag: Tag) -> Values:
    """Return the columns of a tag; ``last_seen`` as the tag has it."""
    details = tag.details
    return {
        "name": tag.name,
        "target": tag.target,
        "annotated": tag.annotated,
        "detailed": details is not None,
        "commit": details and details.commit,
        "published": details and details.published,
        "tagger": details and details.tagger,
        "committed": details and details.committed,
        "first_seen": tag.first_seen,
        "last_seen": tag.last_seen,
        "backfilled": tag.backfilled,
        "state": str(tag.state),
        "is_flagged": details is not None and details.is_flagged,
        "moved_at": tag.moved_at,
        "first_date": tag.first_date,
    }


def tag_of(columns: Sequence[Any]) -> Tag:
    """Make a tag of its columns, those of ``OF_A_TAG``; ``last_seen`` is never null where a query gives a tag."""
    name, target, annotated, detailed, commit, published, tagger, committed, first, last, *others = columns
    backfilled, state, is_flagged, moved, first_date = others
    return Tag(
        name=name,
        target=target,
        annotated=annotated,
        details=TagDetails(commit, published, tagger, committed, is_flagged=is_flagged) if detailed else None,
        first_seen=first,
        last_seen=last,
        backfilled=backfilled,
        state=_TAG_STATES[state],
        moved_at=moved,
        first_date=first_date,
    )


def event_values(event: TagEvent) -> Values:
    """Return the columns of a tag event: those of the tag before it, and its own."""
    return tag_values(event.before) | {
        "kind": str(event.kind),
        "at": event.at,
        "to_target": event.to_target,
        "to_commit": event.to_commit,
    }


def event_of(row: Row) -> TagEvent:
    """Read a tag event."""
    return TagEvent(
        TagEventKind(row.kind), row.at, tag_of([getattr(row, name) for name in OF_A_TAG]), row.to_target, row.to_commit
    )


def release_values(release: Release) -> Values:
    """Return the columns of a release, its repository left out."""
    return {
        "normalized": release.normalized,
        "version": release.version,
        "series": release.series,
        "kind": str(release.kind),
        "order_key": release.order,
        "date": release.date,
        "date_source": release.date_source and str(release.date_source),
        "first_seen": release.first_seen,
        "backfilled": release.backfilled,
        "commit": release.commit,
        "tags": list(release.tags),
        "url": release.url,
        "state": LEFT_OUT if release.is_left_out else str(release.state),
        "is_flagged": release.is_flagged,
        "upcoming": release.upcoming,
        "first_date": release.first_date,
        "yanked": release.yanked,
        "notes_url": release.notes_url,
    }


def release_of(columns: Sequence[Any]) -> Release:
    """Make a release of its columns, those of ``OF_A_RELEASE``."""
    repository, version, normalized, series, kind, order, date, source, first, backfilled, *others = columns
    commit, names, url, state, is_flagged, upcoming, first_date, yanked, notes_url = others
    return Release(
        repository=repository,
        version=version,
        normalized=normalized,
        series=series,
        kind=KINDS[kind],
        order=order,
        date=date,
        date_source=_SOURCES[source],
        first_seen=first,
        backfilled=backfilled,
        commit=commit,
        tags=tuple(names),
        url=url,
        state=_RELEASE_STATES[state],
        is_flagged=is_flagged,
        upcoming=upcoming,
        first_date=first_date,
        yanked=yanked,
        notes_url=notes_url,
        is_left_out=state == LEFT_OUT,
    )
