"""The tags of a repository that no rule reads."""

from dataclasses import replace

from bot.queries.unread import UnreadTags
from bot.web.views import minute, paged
from bot.web.visits import Page, Visit

_MOST = 5_000


def make(visit: Visit, key: str) -> Page:
    """Return the list of a repository's unclassified tags, the newest first. Raises NotThereError."""
    repository = visit.repository(key)
    found = visit.context.store.releases.newest_unclassified(key, None, visit.as_of.end, _MOST)
    part, links = paged(visit, len(found))
    values = {"repository": repository, "count": len(found), "tags": found[part], "links": links, "minute": minute}
    listed = replace(UnreadTags((key,)).run(visit.context), newest={key: found})
    return Page(f"Unclassified tags of {repository.name}", "unclassified.html", values, {"unclassified": listed})
