"""What package indexes list of repositories: one row for each, with its versions as JSON."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.package_index import IndexListing, IndexVersion, ListedVersion
from bot.store.database import insert
from bot.store.membership import one_of
from bot.store.rows import Row, Values
from bot.store.schema import index_listings

_COLUMNS = ("source", "versions", "validator", "read_at", "error", "untagged")


def read_listings(connection: sa.Connection, keys: Iterable[str]) -> dict[str, IndexListing]:
    """Read what package indexes list, by repository; one without an index is left out."""
    query = sa.select(index_listings).where(one_of(index_listings.c.repository, list(keys)))
    return {row.repository: _listing_of(row) for row in connection.execute(query)}


def write_listing(connection: sa.Connection, repository: str, listing: IndexListing) -> None:
    """Write what a package index lists, in place of what was recorded."""
    values: Values = {
        "repository": repository,
        "source": listing.source,
        "versions": {key: _written(each) for key, each in listing.versions.items()},
        "validator": listing.validator,
        "read_at": listing.read_at,
        "error": listing.error,
        "untagged": list(listing.untagged),
    }
    new = insert(connection, index_listings).values(values)
    again = {name: new.excluded[name] for name in _COLUMNS}
    connection.execute(new.on_conflict_do_update(index_elements=["repository"], set_=again))


def _listing_of(row: Row) -> IndexListing:
    return IndexListing(
        source=row.source,
        versions={key: _read(each) for key, each in row.versions.items()},
        validator=row.validator,
        read_at=row.read_at,
        error=row.error,
        untagged=tuple(row.untagged),
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
