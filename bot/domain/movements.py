"""Movements: which moves of tags are worth telling, and a tag that moved several times told once.

Tags that the patterns leave out are never told. A floating tag such as ``v4`` or ``latest`` that
moves onto a release does what it is for; that release is the news.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.releases import classify
from bot.domain.repositories import Repository
from bot.domain.schemes import is_floating
from bot.domain.tags import Tag, TagEvent, TagEventKind
from bot.domain.versions import Version


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
    """Whether a tag that stands for no release of its own moved onto one; ``standing`` are the tags that do."""
    name, to = event.before.name, event.to_commit
    own = next((version for tag, version in standing if tag.name == name), None)
    twins = [tag.name for tag, version in standing if version == own]
    if to is None or (own is not None and not is_floating(name, twins)):
        return False
    return any(tag.commit == to for tag, _ in standing if tag.name != name)
