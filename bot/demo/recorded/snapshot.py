"""A repository at one moment, with what is computed from it kept until the repository changes."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.demo.recorded.history import RecordedMilestone, RecordedPull, RecordedRelease, RecordedRepository, RecordedTag


@dataclass(frozen=True)
class RecordedObject:
    """Something that a ref or a tag object names: a ``commit`` with its date, a ``blob`` or a ``tree``."""

    oid: str
    kind: str
    committed: datetime


@dataclass(frozen=True)
class Snapshot:
    """What a repository holds now; ``kept`` holds answers computed from it."""

    path: str
    by_name: dict[str, RecordedTag]
    releases: dict[str, RecordedRelease]
    empty: bool
    pulls: list[RecordedPull] = field(default_factory=list)
    milestones: list[RecordedMilestone] = field(default_factory=list)
    issues: list[RecordedMilestone] = field(default_factory=list)
    has_issues: bool = True
    fork: bool = False
    archived: bool = False
    identity: str = ""
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    kept: dict[Hashable, Any] = field(default_factory=dict)

    @cached_property
    def oldest(self) -> datetime | None:
        """Return when the oldest commit was made, None where there is none."""
        return min((found.committed for found in self.objects.values() if found.kind == "commit"), default=None)

    @cached_property
    def tags(self) -> tuple[RecordedTag, ...]:
        """Return the tags in the order of their refs: by name, as bytes."""
        return tuple(sorted(self.by_name.values(), key=lambda tag: tag.name.encode()))

    @cached_property
    def natural(self) -> tuple[RecordedTag, ...]:
        """Return the tags by name, the numbers in it by value: ``v7r1p9`` before ``v7r1p10``."""
        return tuple(sorted(self.tags, key=lambda tag: natural_key(tag.name)))

    @cached_property
    def objects(self) -> dict[str, RecordedObject]:
        """Return the objects that tags point to, by object id."""
        return {tag.commit: peeled(tag) for tag in self.tags}

    @cached_property
    def tag_objects(self) -> dict[str, RecordedTag]:
        """Return the annotated tags by the id of their tag object."""
        return {tag.tag_object: tag for tag in self.tags if tag.tag_object}

    @cached_property
    def newest(self) -> RecordedObject | None:
        """Return the newest commit that a tag points to: the best that is known of the default branch."""
        commits = [found for found in self.objects.values() if found.kind == "commit"]
        return max(commits, key=lambda found: (found.committed, found.oid), default=None)

    @cached_property
    def latest(self) -> RecordedRelease | None:
        """Return the release that a forge calls the latest: final, published, of the newest commit."""
        final = [one for one in self.releases.values() if one.published and not one.draft and not one.prerelease]
        return max(final, key=self.created, default=None)

    def file_at(self, ref: str, path: str) -> bytes | None:
        """Return a file at a tag or at a commit that a tag points to. Raises KeyError for an unknown one."""
        tags = [tag.name for tag in self.tags if ref in {tag.name, tag.commit}]
        if not tags:
            raise KeyError(ref)
        return next((self.files[tag, path] for tag in tags if (tag, path) in self.files), None)

    def created(self, release: RecordedRelease) -> datetime:
        """Return when the commit of a release was made; its publication where the tag is not there."""
        tag = self.by_name.get(release.tag)
        known = tag.committed if tag else release.published
        return known or datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Snapshots:
    """Return the newest snapshot of each repository; repositories are found by path, in any case."""

    def __init__(self, repositories: Iterable[RecordedRepository]) -> None:
        self._repositories = {repository.path.lower(): repository for repository in repositories}
        self._newest: dict[str, Snapshot] = {}

    def add(self, repository: RecordedRepository) -> None:
        """Make a repository that was not there before."""
        self._repositories[repository.path.lower()] = repository

    def remove(self, path: str) -> None:
        """Take a repository away."""
        del self._repositories[path.lower()]

    def paths(self) -> list[str]:
        """Return the paths of all repositories."""
        return [repository.path for repository in list(self._repositories.values())]

    def all(self) -> list[Snapshot]:
        """Return every repository as it is now."""
        return [found for path in self.paths() if (found := self.find(path)) is not None]

    def find(self, path: str) -> Snapshot | None:
        """Look a repository up as it is now."""
        repository = self._repositories.get(path.lower())
        if repository is None:
            return None
        newest = self._newest.get(path.lower())
        # The values are compared by identity first, so that an unchanged repository costs microseconds.
        if newest is None or _held(newest, newest.by_name) != _held(repository, repository.tags):
            newest = Snapshot(
                repository.path,
                dict(repository.tags),
                dict(repository.releases),
                repository.empty,
                list(repository.pulls),
                list(repository.milestones),
                list(repository.issues),
                repository.has_issues,
                repository.fork,
                repository.archived,
                repository.identity or repository.path,
                dict(repository.files),
            )
            self._newest[path.lower()] = newest
        return newest


def _held(state: RecordedRepository | Snapshot, tags: dict[str, RecordedTag]) -> tuple[Any, ...]:
    flags = (state.empty, state.has_issues, state.fork, state.archived, state.identity or state.path)
    return (tags, state.releases, state.pulls, state.milestones, state.issues, state.files, flags)


def peeled(tag: RecordedTag) -> RecordedObject:
    """Return the object that a tag finally points to."""
    return RecordedObject(tag.commit, tag.target_type, tag.committed)


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Order names by their numbers' values and otherwise by text."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name)]
