"""A repository: its releases by series and by month, the newest, and the rules they are made by."""

from bot.queries.releases import Count
from bot.web.visits import Page, Visit


def make(visit: Visit, key: str) -> Page:
    """Return the page of a repository. Raises UsageError and NotThereError."""
    repository = visit.repository(key)
    filters = visit.asked.filters(visit.as_of, usual_period="2y", repositories=(key,))
    found = visit.run(Count(filters))
    return Page(repository.name, "repository.html", {"repository": repository, "found": found}, {"count": found})
