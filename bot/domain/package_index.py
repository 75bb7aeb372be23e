"""What a package index publishes of a project: its versions, when they were uploaded, and which are yanked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime

from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version

from bot.domain.backoff import pause
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class IndexFile:
    """A file that an index lists: its version, when it was uploaded (None where the index does not say), if yanked.

    ``yanked`` is the reason, an empty string where none was given, and None for a file that is not yanked.
    """

    version: str
    uploaded: datetime | None = None
    yanked: str | None = None


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """A version that an index has files of.

    ``uploaded`` is when its first file was uploaded; ``yanked`` is the reason where all of its files are yanked, an
    empty string where none was given, and None where any file is not.
    """

    version: str
    uploaded: datetime | None = None
    yanked: str | None = None


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """A version with when the bot first saw it on the index, and when it saw that all of its files are yanked."""

    version: IndexVersion
    seen_at: datetime
    yanked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndexListing:
    """What is recorded of a repository's project on a package index.

    ``source`` is the project, as in ``pypi:DIRAC``; ``versions`` are by ``version_key``. ``read_at`` is the last time
    that the index answered, ``validator`` what it gave then. ``error`` is why it could not be read since, empty where
    it could: since ``failing_since``, ``failures`` times in a row, and not again before ``next_at``. ``untagged`` are
    the versions that no release of the repository has.
    """

    source: str = ""
    versions: Mapping[str, ListedVersion] = field(default_factory=dict)
    validator: str | None = None
    read_at: datetime | None = None
    error: str = ""
    untagged: tuple[str, ...] = ()
    failing_since: datetime | None = None
    failures: int = 0
    next_at: datetime | None = None

    def failed(self, error: str, at: datetime) -> "IndexListing":
        """Return the listing after the index could not be read: it waits longer each time."""
        failures = self.failures + 1
        wait = pause(self.source, failures)
        return replace(self, error=error, failing_since=self.failing_since or at, failures=failures, next_at=at + wait)

    def answered(self, versions: Iterable[IndexVersion] | None, validator: str | None, at: datetime) -> "IndexListing":
        """Return the listing after the index answered, with its versions; None where they are the same as before."""
        listing = self if versions is None else self.updated(versions, at)
        fine = replace(listing, error="", failing_since=None, failures=0, next_at=None)
        return replace(fine, validator=validator, read_at=at)

    def find(self, version: str) -> IndexVersion | None:
        """Return the version that is equal to this one by PEP 440, None if the index has none."""
        listed = self.versions.get(version_key(version) or "") if self.versions else None
        return None if listed is None else listed.version

    def updated(self, versions: Iterable[IndexVersion], at: datetime) -> "IndexListing":
        """Return the listing with the versions that the index has now; those that it has no more are dropped."""
        found = {key: each for each in versions if (key := version_key(each.version)) is not None}
        return replace(self, versions={key: _listed(each, self.versions.get(key), at) for key, each in found.items()})

    def known_at(self, moment: datetime) -> "IndexListing":
        """Return the listing with what had been seen by a moment."""
        seen = {key: each for key, each in self.versions.items() if each.seen_at <= moment}
        return replace(self, versions={key: _known_at(each, moment) for key, each in seen.items()})

    def without_tags(self, released: Iterable[str]) -> tuple[str, ...]:
        """Return the versions that none of the released ones is equal to."""
        keys = {version_key(version) for version in released}
        return tuple(each.version.version for key, each in self.versions.items() if key not in keys)


def _listed(version: IndexVersion, held: ListedVersion | None, at: datetime) -> ListedVersion:
    since = None if held is None or held.version.yanked is None else held.yanked_at
    return ListedVersion(version, held.seen_at if held else at, None if version.yanked is None else since or at)


def _known_at(listed: ListedVersion, moment: datetime) -> ListedVersion:
    if listed.yanked_at is None or listed.yanked_at <= moment:
        return listed
    return replace(listed, version=replace(listed.version, yanked=None), yanked_at=None)


def version_key(version: str) -> str | None:
    """Return what equal versions share by PEP 440, whatever their spelling; None for what is no such version."""
    try:
        return canonicalize_version(Version(version))
    except InvalidVersion:
        return None


def versions_of(files: Iterable[IndexFile]) -> list[IndexVersion]:
    """Return the versions that an index has files of, in the order of versions."""
    by_version: dict[Version, list[IndexFile]] = defaultdict(list)
    for file in files:
        by_version[Version(file.version)].append(file)
    return [_version(version, by_version[version]) for version in sorted(by_version)]


def _version(version: Version, files: list[IndexFile]) -> IndexVersion:
    uploaded = min((file.uploaded for file in files if file.uploaded is not None), default=None)
    reasons = [file.yanked for file in files if file.yanked is not None]
    is_yanked = len(reasons) == len(files)
    return IndexVersion(str(version), uploaded, max(reasons, key=len) if is_yanked else None)
