"""What one poll changed: the tags recorded before compared with the refs that the forge lists now.

It also decides which moves of tags are news: a tag that moved several times is reported once, one that the patterns
exclude never. A floating tag such as ``v4`` or ``latest`` that moves onto a release does what it is for; that release
is the news.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.releases import classify
from bot.domain.repositories import Repository
from bot.domain.tag_dates import first_date_when_new, with_first_date
from bot.domain.tags import Tag, TagDetails, TagEvent, TagEventKind, TagRef, TagState
from bot.domain.values import dataclass
from bot.domain.versions.base import is_floating
from bot.domain.versions.version import Version


@dataclass(frozen=True, slots=True)
class PollChanges:
    """What to write after a poll: tags new to the record, tags that differ now, and the events."""

    added: tuple[Tag, ...] = ()
    changed: tuple[Tag, ...] = ()
    events: tuple[TagEvent, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether the poll brought nothing new."""
        return not (self.added or self.changed or self.events)


def compare(
    recorded: Mapping[str, Tag],
    refs: Iterable[TagRef] | None,
    details: Mapping[str, TagDetails],
    *,
    at: datetime,
    backfill: bool,
) -> PollChanges:
    """Return what a poll at ``at`` changed; the same answer a second time changes nothing.

    ``refs`` None means that the list of refs is as recorded. ``backfill`` marks the
    first poll of a repository: what it finds is recorded and is not news.
    """
    if refs is None:
        refs = [tag.ref for tag in recorded.values() if tag.is_present]
    listed = {ref.name: ref for ref in refs}
    added = [
        _new_tag(ref, details.get(ref.name), at, backfill=backfill)
        for ref in listed.values()
        if ref.name not in recorded
    ]
    steps = [_step(tag, listed.get(name), details.get(name), at) for name, tag in recorded.items()]
    return PollChanges(
        added=tuple(added),
        changed=tuple(
            with_first_date(after) if before.details is None else after for before, after, _ in steps if after != before
        ),
        events=tuple(event for _, _, event in steps if event is not None),
    )


def _new_tag(ref: TagRef, details: TagDetails | None, at: datetime, *, backfill: bool) -> Tag:
    return Tag(
        name=ref.name,
        target=ref.target,
        annotated=ref.annotated,
        details=details,
        first_seen=at,
        last_seen=at,
        backfilled=backfill,
        state=TagState.CURRENT,
        first_date=first_date_when_new(details, at, backfilled=backfill),
    )


def _step(tag: Tag, ref: TagRef | None, details: TagDetails | None, at: datetime) -> tuple[Tag, Tag, TagEvent | None]:
    """Return a recorded tag, what it is after the poll, and the event if there was one."""
    if ref is None:
        return (tag, tag, None) if not tag.is_present else _deleted(tag, at)
    if ref.target != tag.target:
        return _retargeted(tag, ref, details, at)
    after = replace(tag, details=details or tag.details)
    if not tag.is_present:
        after = replace(after, state=TagState.CURRENT)
        return tag, after, _event(TagEventKind.RESTORED, tag, after, at)
    if tag.details is not None and after.details is not None and not _is_same(after.details, tag.details):
        return tag, after, _event(TagEventKind.REDATED, tag, after, at)
    return tag, after, None


def _is_same(one: TagDetails, other: TagDetails) -> bool:
    """Return whether two details differ at most in the forge's pre-release mark, which is not an event."""
    return replace(one, is_flagged=other.is_flagged) == other


def _deleted(tag: Tag, at: datetime) -> tuple[Tag, Tag, TagEvent]:
    after = replace(tag, state=TagState.DELETED)
    return tag, after, TagEvent(TagEventKind.DELETED, at, tag, None, None)


def _retargeted(tag: Tag, ref: TagRef, details: TagDetails | None, at: datetime) -> tuple[Tag, Tag, TagEvent]:
    """Follow a tag to another object; made anew on its old commit, it has not moved."""
    after = replace(tag, target=ref.target, annotated=ref.annotated, details=details)
    same_commit = after.commit is not None and after.commit == tag.commit
    if same_commit:
        kind = TagEventKind.REDATED if tag.is_present else TagEventKind.RESTORED
        after = replace(after, state=tag.state if tag.is_present else TagState.CURRENT)
    else:
        kind = TagEventKind.MOVED
        after = replace(after, state=TagState.MOVED, moved_at=at)
    return tag, after, _event(kind, tag, after, at)


def _event(kind: TagEventKind, before: Tag, after: Tag, at: datetime) -> TagEvent:
    return TagEvent(kind, at, before, after.target, after.commit)


def as_known_at(tags: Iterable[Tag], events: Iterable[TagEvent], at: datetime) -> list[Tag]:
    """Return the tags as they were observed by ``at``: later events undone, later tags left out.

    A date that a forge was asked for only after ``at`` is taken as known: it is not
    an event when the blank of a backfill is filled in. What was announced for later was upcoming then.
    """
    first_after: dict[str, TagEvent] = {}
    for event in sorted(events, key=lambda event: event.at, reverse=True):
        if event.at > at:
            first_after[event.before.name] = event
    known = [tag for tag in tags if tag.first_seen <= at]
    then = (first_after[tag.name].before if tag.name in first_after else tag for tag in known)
    return [replace(tag, last_seen=min(tag.last_seen, at)) for tag in then]


def seen_at(tags: Iterable[Tag], at: datetime) -> list[Tag]:
    """Return tags as a poll at ``at`` leaves them: it saw all that are present."""
    return [replace(tag, last_seen=at) if tag.is_present and tag.last_seen != at else tag for tag in tags]


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened to a tag; ``times`` is how often it moved, from where the event begins to where it ends."""

    event: TagEvent
    times: int = 1


def movements(repository: Repository, events: Sequence[TagEvent], tags: Sequence[Tag]) -> list[Movement]:
    """Return the moves and deletions worth telling among events, oldest first; ``tags`` are the repository's."""
    found: dict[str, Movement] = {}
    others: list[Movement] = []
    for event in (event for event in events if repository.takes(event.before.name)):
        name = event.before.name
        if event.kind is not TagEventKind.MOVED:
            others.append(Movement(event))
        elif name in found:
            found[name] = _joined(found[name], event)
        else:
            found[name] = Movement(event)
    if found:
        standing = [(tag, version) for tag in tags if tag.is_present and (version := classify(repository, tag.name))]
        found = {name: each for name, each in found.items() if not _follows(each.event, standing)}
    return sorted([*found.values(), *others], key=lambda each: each.event.at)


def _joined(before: Movement, event: TagEvent) -> Movement:
    return Movement(replace(event, before=before.event.before), before.times + 1)


def _follows(event: TagEvent, standing: Sequence[tuple[Tag, Version]]) -> bool:
    """Return whether a tag that names no release of its own moved onto one; ``standing`` are the tags that do."""
    name, to = event.before.name, event.to_commit
    own = next((version for tag, version in standing if tag.name == name), None)
    twins = [tag.name for tag, version in standing if version == own]
    if to is None or (own is not None and not is_floating(name, twins)):
        return False
    return any(tag.commit == to for tag, _ in standing if tag.name != name)
