"""Releases follow the rules of the configuration: when a rule changes, they are made anew from the tags kept."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.domain.package_index import IndexListing
from bot.domain.releases import Release, coverage_of, releases_of
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.tags import Tag
from bot.store.errors import RecordChanged

if TYPE_CHECKING:
    from bot.store.store import Store
    from bot.store.tags import TagStore

# Raised by one whenever the code reads tags otherwise than before.
_EDITION = 6


def rules_of(repository: Repository) -> str:
    """Name the rules by which a repository's releases are made, all products included; equal rules have equal names."""
    rules = " ".join(repr(replace(each, beside=())) for each in repository.readers)
    return sha256(f"{_EDITION} {rules}".encode()).hexdigest()[:16]


def all_releases_of(repository: Repository, tags: Iterable[Tag], listings: Mapping[str, IndexListing]) -> list[Release]:
    """Collapse a repository's tags into its releases and those of its other products."""
    kept = list(tags)
    return [release for each in repository.readers for release in releases_of(each, kept, listings)]


def refresh_releases(repositories: Iterable[Repository], store: "Store") -> None:
    """Make the releases anew of every repository whose rules changed since they were made."""
    for repository in outdated(repositories, store.tags):
        make_anew(repository, store)


def outdated(repositories: Iterable[Repository], tags: "TagStore") -> list[Repository]:
    """Return the repositories whose rules changed since their releases were made."""
    watched = {repository.source: repository for repository in one_of_each_source(repositories)}
    held = [(record, watched[record.repository]) for record in tags.records(watched)]
    return [repository for record, repository in held if record.revision and record.rules != rules_of(repository)]


def make_anew(repository: Repository, store: "Store") -> None:
    """Make a repository's releases, those of all its products, anew from what is recorded of it."""
    record, rules = store.tags.record(repository.source), rules_of(repository)
    keys = [each.key for each in repository.readers]
    try:
        tags = record.tags.values()
        releases = all_releases_of(repository, tags, record.listings)
        coverage = coverage_of(repository, tags, releases)
        store.polls.write_releases(record, rules, releases, coverage, readers=keys)
    except RecordChanged:
        # A poll wrote meanwhile, and its releases were made by that worker's rules: look again.
        make_anew(repository, store)
