"""Rows of tags, events and releases, made of values and read as values."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import repeat
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from bot.domain.releases import Release, ReleaseState
from bot.domain.tags import DateSource, Tag, TagDetails, TagEvent, TagEventKind, TagState
from bot.domain.versions.version import ReleaseKind
from bot.store.schema import releases, repositories

Row = sa.Row[*tuple[Any, ...]]
Values = dict[str, Any]
# Rows by their columns, all of the same length: made by the hundred thousand, row by row they take twice as long.
Columns = Mapping[str, Sequence[Any]]

# Looked up by the hundred thousand: calling the class takes four times as long.
_TAG_STATES = {state.value: state for state in TagState}
# A yanked release that counts leave out has a state of its own here: it is counted by the states in an index.
LEFT_OUT = "left_out"
_RELEASE_STATES = {state.value: state for state in ReleaseState} | {LEFT_OUT: ReleaseState.YANKED}
_NO_DETAILS = TagDetails(None)
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


def _fields(of: type[Any], *others: str) -> list[str]:
    """Return the names of a value's attributes but for some others."""
    return [field.name for field in fields(of) if field.name not in others]


_OWN_OF_A_TAG = _fields(Tag, "details")
_DETAILS = _fields(TagDetails)
_OWN_OF_AN_EVENT = _fields(TagEvent, "before")
_OWN_OF_A_RELEASE = _fields(Release, "repository", "state", "is_left_out")


def _columns(names: Sequence[str], values: Sequence[object]) -> dict[str, Sequence[Any]]:
    """Return attributes of values as columns of the same names."""
    columns = zip(*map(attrgetter(*names), values), strict=True) if values else repeat(())
    return dict(zip(names, columns, strict=False))


def rows_of(columns: Columns, prefix: str = "") -> list[Values]:
    """Return the rows of columns, whose names get a prefix."""
    names = [f"{prefix}{name}" for name in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def tag_columns(tags: Sequence[Tag]) -> Columns:
    """Return the columns of tags; ``last_seen`` as each has it."""
    details = [tag.details for tag in tags]
    own = _columns(_OWN_OF_A_TAG, tags)
    return {
        **own,
        **_columns(_DETAILS, [each or _NO_DETAILS for each in details]),
        "detailed": [each is not None for each in details],
        "state": list(map(str, own["state"])),
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


def event_columns(events: Sequence[TagEvent]) -> Columns:
    """Return the columns of tag events: those of the tags before them, and their own."""
    own = _columns(_OWN_OF_AN_EVENT, events)
    return {**tag_columns([event.before for event in events]), **own, "kind": list(map(str, own["kind"]))}


def event_of(row: Row) -> TagEvent:
    """Read a tag event."""
    return TagEvent(
        TagEventKind(row.kind), row.at, tag_of([getattr(row, name) for name in OF_A_TAG]), row.to_target, row.to_commit
    )


def release_columns(releases: Sequence[Release]) -> Columns:
    """Return the columns of releases, their repositories left out."""
    own = _columns(_OWN_OF_A_RELEASE, releases)
    order = own.pop("order")
    return {
        **own,
        "order_key": order,
        "kind": list(map(str, own["kind"])),
        "date_source": [source and str(source) for source in own["date_source"]],
        "tags": list(map(list, own["tags"])),
        "state": [LEFT_OUT if each.is_left_out else str(each.state) for each in releases],
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
