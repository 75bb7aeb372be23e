"""The feeds of releases: of all repositories, of one, and of a series."""

from dataclasses import replace

from bot.queries.recent import recent_releases
from bot.web import addresses, feeds
from bot.web.feed_entries import ReleaseEntries
from bot.web.identities import urn
from bot.web.visits import Document, Visit

KIND = "application/atom+xml; charset=utf-8"


def of_all(visit: Visit) -> Document:
    """Return the feed of all repositories. Raises UsageError."""
    return _feed(visit, "releases", addresses.OVERVIEW)


def of_repository(visit: Visit, key: str) -> Document:
    """Return the feed of a repository. Raises UsageError and NotThereError."""
    name = visit.repository(key).name
    return _feed(visit, f"releases of {name}", addresses.repository(key), (key,))


def of_series(visit: Visit, key: str, name: str) -> Document:
    """Return the feed of a series. Raises UsageError and NotThereError."""
    title = f"releases of {visit.repository(key).name} {name}"
    return _feed(visit, title, addresses.series(key, name), (key,), name)


def _feed(visit: Visit, title: str, page: str, repositories: tuple[str, ...] = (), series: str = "") -> Document:
    filters = visit.asked.filters(visit.as_of, repositories=repositories)
    meant = replace(filters, series=(series,)) if series else filters
    found = recent_releases(meant, visit.context, feeds.MOST)
    entries = ReleaseEntries(
        names={each.key: each.name for each in visit.context.repositories},
        zone=visit.as_of.zone,
        page=lambda each: visit.whole(addresses.release(each.repository, each.version)),
        changed=found.changed,
    )
    feed = feeds.Feed(
        id=urn("feed", addresses.with_parameters(visit.path, visit.parameters)),
        address=visit.origin + visit.here(),
        page=visit.whole(page),
        title=f"{visit.source.title}: {title}",
        entries=entries.of(found.releases),
    )
    return Document(feeds.atom(feed), KIND)
