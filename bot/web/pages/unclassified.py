"""The tags of a repository that no rule reads."""

from dataclasses import replace

from bot.queries.unread import UnreadTags
from bot.render.words import interval
from bot.services.observations import observed_tags_named
from bot.web.views import minute, paged
from bot.web.visits import Page, Visit

_MOST = 5_000


def make(visit: Visit, key: str) -> Page:
    """Return the list of a repository's unclassified tags, the newest first. Raises UsageError and NotThereError."""
    repository = visit.repository(key)
    listed = UnreadTags((key,), visit.asked.filters(visit.as_of).span).run(visit.context)
    start, end = listed.period.start, listed.period.until(visit.as_of.end).end
    found = visit.context.store.releases.newest_unclassified(key, start, end, _MOST)
    part, links = paged(visit, len(found))
    seen = observed_tags_named(repository, [name for name, _ in found[part]], visit.context.store)
    sources = {each.tag.name: each.dated[1].value for each in seen if each.dated}
    values = {
        "repository": repository,
        "count": len(found),
        "when": "" if start is None else interval(listed.period),
        "tags": [(name, date, sources.get(name, "")) for name, date in found[part]],
        "links": links,
        "minute": minute,
    }
    results = {"unclassified": replace(listed, newest={key: found})}
    return Page(f"Unclassified tags of {repository.name}", "unclassified.html", values, results)
