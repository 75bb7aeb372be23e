"""What package indexes list of repositories: a row for each project on an index, with its versions as JSON."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.package_index import IndexListing, IndexVersion, ListedVersion
from bot.store.database import insert
from bot.store.membership import one_of
from bot.store.rows import Row, Values
from bot.store.schema import index_listings

_KEY = ("repository", "source")
_COLUMNS = ("versions", "validator", "read_at", "error", "untagged", "failing_since", "failures", "next_at")


def read_listings(connection: sa.Connection, keys: Iterable[str]) -> dict[str, dict[str, IndexListing]]:
    """Read what package indexes list, by repository and project; a repository without an index is left out."""
    query = sa.select(index_listings).where(one_of(index_listings.c.repository, list(keys)))
    found: dict[str, dict[str, IndexListing]] = {}
    for row in connection.execute(query):
        found.setdefault(row.repository, {})[row.source] = _listing_of(row)
    return found


def write_listing(connection: sa.Connection, repository: str, listing: IndexListing) -> None:
    """Write what a package index lists of a project, in place of what was recorded."""
    values: Values = {
        "repository": repository,
        "source": listing.source,
        "versions": {key: _written(each) for key, each in listing.versions.items()},
        "validator": listing.validator,
        "read_at": listing.read_at,
        "error": listing.error,
        "untagged": list(listing.untagged),
        "failing_since": listing.failing_since,
        "failures": listing.failures,
        "next_at": listing.next_at,
    }
    new = insert(connection, index_listings).values(values)
    again = {name: new.excluded[name] for name in _COLUMNS}
    connection.execute(new.on_conflict_do_update(index_elements=_KEY, set_=again))


def _listing_of(row: Row) -> IndexListing:
    return IndexListing(
        source=row.source,
        versions={key: _read(each) for key, each in row.versions.items()},
        validator=row.validator,
        read_at=row.read_at,
        error=row.error,
        untagged=tuple(row.untagged),
        failing_since=row.failing_since,
        failures=row.failures,
        next_at=row.next_at,
    )


def _written(listed: ListedVersion) -> dict[str, Any]:
    version = listed.version
    return {
        "version": version.version,
        "uploaded": version.uploaded and version.uploaded.isoformat(),
        "yanked": version.yanked,
        "seen_at": listed.seen_at.isoformat(),
        "yanked_at": listed.yanked_at and listed.yanked_at.isoformat(),
    }


def _read(written: dict[str, Any]) -> ListedVersion:
    version = IndexVersion(written["version"], _moment(written["uploaded"]), written["yanked"])
    return ListedVersion(version, datetime.fromisoformat(written["seen_at"]), _moment(written["yanked_at"]))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
