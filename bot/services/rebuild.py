"""Releases follow the rules of the configuration: when a rule changes, they are made anew from the tags kept."""

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.domain.releases import coverage_of, releases_of
from bot.domain.repositories import Repository
from bot.store.errors import RecordChanged

if TYPE_CHECKING:
    from bot.store.store import Store
    from bot.store.tags import TagStore

# Raised by one whenever the code reads tags otherwise than before.
_EDITION = 4


def rules_of(repository: Repository) -> str:
    """Name the rules by which a repository's releases are made; equal rules have equal names."""
    return sha256(f"{_EDITION} {repository!r}".encode()).hexdigest()[:16]


def refresh_releases(repositories: Iterable[Repository], store: "Store") -> None:
    """Make the releases anew of every repository whose rules changed since they were made."""
    for repository in outdated(repositories, store.tags):
        make_anew(repository, store)


def outdated(repositories: Iterable[Repository], tags: "TagStore") -> list[Repository]:
    """Return the repositories whose rules changed since their releases were made."""
    watched = {repository.key: repository for repository in repositories}
    held = [(record, watched[record.repository]) for record in tags.records(watched)]
    return [repository for record, repository in held if record.revision and record.rules != rules_of(repository)]


def make_anew(repository: Repository, store: "Store") -> None:
    """Make a repository's releases anew from what is recorded of it."""
    record, rules = store.tags.record(repository.key), rules_of(repository)
    try:
        tags = record.tags.values()
        releases = releases_of(repository, tags, record.listing)
        store.polls.write_releases(record, rules, releases, coverage_of(repository, tags))
    except RecordChanged:
        # A poll wrote meanwhile, and its releases were made by that worker's rules: look again.
        make_anew(repository, store)
